"""What a rule gives on a record: every part of it with its value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import g
from flask_babel import gettext as _

from ..platform.definition.flow import Rule
from ..platform.definition.model import say
from ..platform.errors import NotFound
from ..platform.formats import Formats, formats_for
from ..platform.rules.evaluate import compile_node
from ..platform.rules.node import Node
from ..platform.rules.sentence import Speaker
from ..platform.rules.types import Type
from ..platform.rules.typing import elaborate
from ..platform.workflow.trying import seen_by
from .naming import brief
from .workshop import Workshop

MOST_LINES = 20
DEEPEST = 6


@dataclass(frozen=True)
class Part:
    """A piece of the rule in words, what it gives, and how deep inside the rule it stands."""

    said: str
    value: str
    depth: int


class Trial:
    """`answers`: (name of the line, or "", parts) for the record, or for each of its lines; None where it is not there."""

    def __init__(self, workshop: Workshop, form_key: str, record_id: int, rule: Rule, scope: Type, rows: str | None = None):
        self.record_id = record_id
        self.formats = formats_for(g.language, workshop.app.zone)
        node, words = elaborate(rule, scope), Speaker(g.language)
        self.answers: list[tuple[str, list[Part]]] | None = None
        try:
            seen = seen_by(g.workspace, g.actor, workshop.key, form_key, record_id, rule, rows)
        except NotFound:
            return
        self.answers = [
            (name, [Part(words.bare(part), said(compile_node(part)(data), part.type, self.formats), depth) for part, depth in parts(node)])
            for name, data in seen[:MOST_LINES]
        ]


def parts(node: Node, depth: int = 0) -> Iterator[tuple[Node, int]]:
    """The pieces of a rule that give a value of their own, outer ones first."""
    if node.literal or depth > DEEPEST:
        return
    yield node, depth
    inside = node.args[:1] if node.operator.walks else node.args
    for inner in inside:
        yield from parts(inner, depth + 1)


def said(value: Any, kind: Type, formats: Formats) -> str:
    """A value in a rule, for people."""
    if value is None:
        return _("empty")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if kind.kind == "choice" and value in kind.options:
        return say(kind.options[value], g.language)
    if isinstance(value, list | tuple):
        return _("%(n)s items", n=len(value))
    if isinstance(value, dict):
        return f"#{value['id']}" if value.get("id") else _("a record")
    written = {"number": formats.number, "date": formats.date, "moment": formats.moment}.get(kind.kind)
    return written(value) if written else brief(str(value))
