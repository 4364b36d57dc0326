"""`missing` and `missing_some`: which of the named fields are empty."""

from __future__ import annotations

from ..registry import operators
from ..rules.operator import Operator
from ..rules.types import TEXTS


@operators.register
class Missing(Operator):
    name = "missing"
    formula = "MISSING"
    least = 0
    definite = True
    examples = (({"missing": ["name", "amount"]}, {"amount": "0"}, ["name"]),)
    refused = (
        {"missing": ["nothing"]},
        {"missing": [{"var": "name"}]},
    )

    def check(self, call):
        names = [call.literal(index, str) for index in range(len(call.arguments))]
        return call.node(TEXTS, fields(call, names), value=tuple(names))

    def python(self, node, *arguments):
        pairs = tuple(zip(node.value, arguments, strict=True))
        return lambda data: absent(pairs, data)

    def say(self, node, words):
        return words.fill({"en": "which of {0} are empty", "zh": "{0}中为空的"}, words.several(node.args))

    def write(self, node, pen):
        return pen.call(self.formula, *map(pen.value, node.value))


@operators.register
class MissingSome(Operator):
    """Nothing when at least so many are there, else those that are not."""

    name = "missing_some"
    formula = "MISSING_SOME"
    least = most = 2
    definite = True
    examples = (
        ({"missing_some": [1, ["name", "amount"]]}, {"amount": "0"}, []),
        ({"missing_some": [2, ["name", "amount"]]}, {"amount": "0"}, ["name"]),
    )
    refused = ({"missing_some": [1, "name"]},)

    def check(self, call):
        least, names = call.literal(0, int), call.literal(1, list)
        names = [str(name) for name in names]
        return call.node(TEXTS, fields(call, names), value=(least, tuple(names)))

    def python(self, node, *arguments):
        least, names = node.value
        pairs = tuple(zip(names, arguments, strict=True))

        def test(data):
            found = absent(pairs, data)
            return [] if len(names) - len(found) >= least else found

        return test

    def say(self, node, words):
        pattern = {"en": "which of {0} are empty, unless {1} are there", "zh": "{0}中为空的（已填{1}项则无）"}
        return words.fill(pattern, words.several(node.args), node.value[0])

    def write(self, node, pen):
        least, names = node.value
        return pen.call(self.formula, str(least), "{" + ", ".join(map(pen.value, names)) + "}")


def fields(call, names):
    """A `var` for each name."""
    return [call.checker.check({"var": name}, call.scope, call.at(index)) for index, name in enumerate(names)]


def absent(pairs, data) -> list[str]:
    return [name for name, read in pairs if read(data) in (None, "")]
