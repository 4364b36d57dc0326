"""`reduce`: a value carried from item to item, as `accumulator` beside `current`."""

from __future__ import annotations

from dataclasses import replace

from flask_babel import lazy_gettext as _

from ..registry import operators
from ..rules.budget import sized, spend
from ..rules.node import Scope
from ..rules.types import EMPTY, LISTED, Type, join
from .lists import Walk

CURRENT = {"en": "the item", "zh": "当前项"}
SO_FAR = {"en": "the value so far", "zh": "累计值"}


@operators.register
class Reduce(Walk):
    name = "reduce"
    formula = "REDUCE"
    least, most = 2, 3
    definite = False
    examples = (
        (
            {"reduce": [{"var": "lines"}, {"+": [{"var": "accumulator"}, {"var": "current.qty"}]}, 1]},
            {"lines": [{"qty": "2"}, {"qty": "3"}]},
            "6",
        ),
    )
    refused = ({"reduce": [{"var": "lines"}, {"cat": [{"var": "current.note"}]}, 1]},)

    def check(self, call):
        items = call.argument(0, *LISTED)
        start = call.argument(2) if len(call.arguments) > 2 else None
        kept = start.type if start else EMPTY
        body = call.argument(1, scope=carrying(items, start, kept))
        if kept.kind == "empty" and body.type.kind != "empty":
            kept = body.type
            body = call.argument(1, scope=carrying(items, start, kept))
        kept = join(kept, body.type)
        if kept is None:
            call.fail(_("Each step must give the same kind of value as the start."), 1)
        origins = body.origins | (start.origins if start else frozenset())
        return call.node(kept, [items, body, *([start] if start else [])], origins=origins)

    def python(self, node, items, body, start=None):
        def run(data):
            value = start(data) if start else None
            for item in spend(items(data)):
                value = sized(body({"current": item, "accumulator": value}))
            return value

        return run

    def inner(self, items, start=None):
        return carrying(items, start, start.type if start else EMPTY).type

    def say(self, node, words):
        items, body, *start = node.args
        begin = words(start[0]) if start else words.value(None, node.type)
        pattern = {"en": "{1}, carried from {2} over {0}", "zh": "从{2}起对{0}逐项计算{1}"}
        return words.fill(pattern, words(items), words(body), begin)


def carrying(items, start, kept: Type) -> Scope:
    """The scope of one step; what it reads through either name stems from the list or the start."""
    item = items.type.element or EMPTY
    origins = items.origins | (start.origins if start else frozenset())
    names = Type("record", fields={"current": replace(item, label=CURRENT), "accumulator": replace(kept, label=SO_FAR)})
    return Scope(names, lambda path: frozenset(origin + path[1:] for origin in origins), inner=True)
