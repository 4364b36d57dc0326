"""What a rule gives on a record: every part of it with its value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import g
from flask_babel import gettext as _

from ..platform.definition.flow import Rule
from ..platform.definition.model import say
from ..platform.errors import Invalid, NotFound
from ..platform.formats import Formats, formats_for
from ..platform.records.beyond import named_in_sight
from ..platform.records.compiled import open_app
from ..platform.records.query import Gate
from ..platform.records.results import Query
from ..platform.rules.evaluate import compile_node
from ..platform.rules.node import Node
from ..platform.rules.sentence import Speaker
from ..platform.rules.types import Type
from ..platform.rules.typing import elaborate
from ..platform.workflow.trying import seen_by
from .naming import brief
from .workshop import Workshop

MOST_LINES = 20
MOST_FOUND = 8
DEEPEST = 6


@dataclass(frozen=True)
class Part:
    """A piece of the rule in words, what it gives, and how deep inside the rule it stands."""

    said: str
    value: str
    depth: int


Answer = tuple[str, list[Part]]
"""The name of a line, or "" for the record, and the parts of the rule."""


class Trial:
    """A rule that is being built, on records that run or on values made up."""

    def __init__(self, workshop: Workshop, rule: Rule, scope: Type):
        self.workshop, self.rule = workshop, rule
        self.formats = formats_for(g.language, workshop.app.zone)
        self.node, self.words = elaborate(rule, scope), Speaker(g.language)

    def on_record(self, form_key: str, record_id: int, rows: str | None = None) -> list[Answer] | None:
        """For the record or for each of its lines; None where it is not there."""
        try:
            seen = seen_by(g.workspace, g.actor, self.workshop.key, form_key, record_id, self.rule, rows)
        except NotFound:
            return None
        return [(name, self.parts(data)) for name, data in seen[:MOST_LINES]]

    def parts(self, data: Mapping[str, Any]) -> list[Part]:
        return [
            Part(self.words.bare(part), said(compile_node(part)(data), part.type, self.formats), depth)
            for part, depth in parts(self.node)
        ]


def found(workshop: Workshop, form_key: str, text: str) -> list[tuple[int, str]]:
    """The first records that a search finds, by number and title, of those that the builder sees."""
    with g.workspace.reading() as connection:
        try:
            gate = Gate(connection, open_app(g.workspace, connection, workshop.key), g.actor)
            rows = gate.page(Query(form_key, search=text.strip(), limit=MOST_FOUND)).rows
        except (NotFound, Invalid):
            return []
        titles = named_in_sight(gate, {form_key: {row.id for row in rows}})
        return [(row.id, titles.get((form_key, row.id)) or f"#{row.id}") for row in rows]


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
