"""What a new version must work out anew for the records there are, in the order in which it can be.

A derived value is worked out anew where it is new, says something else than before, or stands on such a one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator
from dataclasses import dataclass

from .. import registry
from ..rules.typing import paths
from .dependencies import COPIED, Node, graph_of
from .model import App, Field, Form
from .order import in_order
from .rollups import rollup_of
from .scope import line_scope, record_scope

WORKED_OUT = ("formula", "lookup", "rollup")
"""The types whose values a publish works out for the records there are."""


@dataclass(frozen=True)
class Stage:
    """Some derived values of one form, which stand on those of the stages before.

    paths: formulas and look-ups.  sums: roll-ups; `fresh` are those that no running version keeps.
    """

    form: str
    paths: tuple[str, ...]
    sums: tuple[str, ...]
    fresh: frozenset[str]


def stages(app: App, live: App, switched: Container[Node] = ()) -> list[Stage]:
    """`switched`: entered fields whose values change with their type."""
    graph = graph_of(app)
    ranks: dict[Node, int] = {}
    anew: dict[Node, None] = {}
    for node in in_order(graph, lambda node: sorted(graph[node])):
        field = _field(app, node)
        ranks[node] = max((ranks.get(read, 0) for read in graph[node]), default=0) + (field.type == "rollup")
        beneath = field.type not in COPIED and any(read in anew for read in (*graph[node], _rows_of(node)))
        if beneath or node in switched or _differs(app, live, node):
            anew[node] = None
    groups: dict[tuple[int, str], list[str]] = defaultdict(list)
    for form, path in anew:
        if _kept(_field(app, (form, path))):
            groups[ranks[form, path], form].append(path)
    return [_stage(app, live, form, found) for (_rank, form), found in sorted(groups.items())]


def _stage(app: App, live: App, form: str, found: list[str]) -> Stage:
    sums = tuple(path for path in found if _field(app, (form, path)).type == "rollup")
    fresh = frozenset(path for path in sums if _live_field(live, (form, path)) is None)
    return Stage(form, tuple(path for path in found if path not in sums), sums, fresh)


def _differs(app: App, live: App, node: Node) -> bool:
    """Whether a field is new or another to those who stand on it; of what is entered, only when it is shown counts."""
    field, before = _field(app, node), _live_field(live, node)
    if before is None or before.type != field.type:
        return _kept(field)
    if field.show != before.show:
        return True
    return _kept(field) and (field.settings != before.settings or _reads_lost_status(app, live, node))


def _reads_lost_status(app: App, live: App, node: Node) -> bool:
    """Whether a value stands on the status of records that are moved out of a status that is gone."""
    form, field = app.form_by_key[node[0]], _field(app, node)
    rule, rows, read = field.settings.get("rule"), node[1].rpartition(".")[0], form
    if field.type == "rollup":
        rollup = rollup_of(form, field)
        rule, rows, read = rollup.where, rollup.rows, app.form_by_key[rollup.source]
    before = live.form_by_key.get(read.key)
    if before is None or set(live.steps(before)) <= set(app.steps(read)):
        return False
    return any(path in ("status", "header.status") for path in _read(app, read, rows, rule))


def _read(app: App, form: Form, rows: str, rule) -> Iterator[str]:
    scope = line_scope(app, form, form.by_key[rows]) if rows else record_scope(app, form)
    yield from paths(rule, scope)


def _rows_of(node: Node) -> Node:
    """The line items that a column is part of, which may be hidden."""
    return node[0], node[1].rpartition(".")[0]


def _kept(field: Field) -> bool:
    """Whether a value is worked out, and kept."""
    return field.type in WORKED_OUT and registry.fields[field.type].stored(field)


def _field(app: App, node: Node) -> Field:
    return app.form_by_key[node[0]].field_at(node[1])


def _live_field(live: App, node: Node) -> Field | None:
    form = live.form_by_key.get(node[0])
    return form.field_at(node[1]) if form is not None else None
