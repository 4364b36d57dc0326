"""Linked records as rules see them: what a form's rules reach past its links, loaded at once.

One statement for each linked form and depth, however many records, lines or links there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from .. import quick
from ..access.actor import SYSTEM
from ..definition.flow import Rule
from ..ids import one_of
from ..rules.typing import Type, paths
from .compiled import Compiled, CompiledForm
from .draft import Draft, Linked, opened
from .tables import column_name
from .visibility import Sight, displayable

Needs = frozenset[str]
"""Paths from the record that pass a link: "customer.tier", "lines.product.on_hand"."""


def needs_of(form: CompiledForm, rules: Iterable[tuple[Rule, Type, str]], at: str = "line") -> Needs:
    """What rules read past links. Each comes with its scope and the key of the line items it is about
    ("" for none), whose columns stand at the top (at="line") or under `line` (at="record").
    """
    found = set()
    for rule, scope, rows_key in rules:
        if rule is None or isinstance(rule, bool | int | str):
            continue
        found.update(_from_record(path, rows_key, at) for path in paths(rule, scope))
    return frozenset(path for path in found if path and _passes_link(form, path))


def _from_record(path: str, rows_key: str, at: str) -> str:
    """A path that a rule reads, from the record; "" for what is not read past a link of it."""
    first, _, rest = path.partition(".")
    if first in ("user", "today", "now", "target"):
        return ""
    if first == "old" or (first == "header" and rows_key):
        return rest
    if first == "line" and at == "record":
        return f"{rows_key}.{rest}"
    return f"{rows_key}.{path}" if rows_key and at == "line" else path


def _passes_link(form: CompiledForm, path: str) -> bool:
    parts = path.split(".")
    head = ".".join(parts[:2]) if parts[0] in form.rows else parts[0]
    return head in form.shown and form.shown[head][0].name == "link" and head != path


def load_links(connection: sa.Connection, compiled: Compiled, drafts: Iterable[Draft], needs: Needs, linked: Linked) -> None:
    """Load into `linked` what the drafts' links reach of `needs` and is not there yet."""
    drafts = list(drafts)
    if not drafts:
        return
    form = drafts[0].form
    for target, (links, keys) in reached(form, needs).items():
        ids = {record_id for draft in drafts for link in links for record_id in values_at(draft, link)}
        _load(connection, compiled, target, ids, keys, linked)


def reached(form: CompiledForm, needs: Needs) -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    """Linked form -> the links that lead there, and what is needed of its records."""
    return form.statement(("reached", needs), lambda: _find_reached(form, needs))


def _find_reached(form: CompiledForm, needs: Needs) -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    links: dict[str, set[str]] = defaultdict(set)
    keys: dict[str, set[str]] = defaultdict(set)
    for link, rest in (_split(form, need) for need in needs):
        target = form.shown[link][1].settings["form"]
        links[target].add(link)
        keys[target].add(rest)
    return {target: (frozenset(links[target]), frozenset(keys[target])) for target in links}


def _load(connection, compiled, target: str, ids: set[int], keys: frozenset[str], linked: Linked) -> None:
    if not ids:
        return
    form = compiled.form(target)
    firsts = form.statement(("firsts", keys), lambda: frozenset(key.partition(".")[0] for key in keys))
    missing = sorted(i for i in ids if not firsts <= linked.get((target, i), {}).keys())
    found = read_fields(connection, form, missing, firsts) if missing else {}
    deeper = needs_of_paths(form, keys)
    if deeper:
        known = ids - found.keys()
        found |= {i: {key: _id_of(linked[target, i][key]) for key in firsts} for i in known if (target, i) in linked}
        drafts = [Draft(form, values, id=record_id) for record_id, values in found.items()]
        load_links(connection, compiled, drafts, deeper, linked)
    for record_id, values in found.items():
        linked.setdefault((target, record_id), {}).update(opened(form, "", values, linked))


def _id_of(value: Any) -> Any:
    """A value as it is stored: of a link that is open already, its id."""
    return value["id"] if isinstance(value, dict) else value


def needs_of_paths(form: CompiledForm, keys: Iterable[str]) -> Needs:
    return frozenset(key for key in keys if "." in key and _passes_link(form, key))


def read_fields(connection, form: CompiledForm, ids: list[int], keys: Iterable[str]) -> dict[int, dict[str, Any]]:
    """Some fields of some records, as the system: id -> key -> value."""
    keys = frozenset(keys)
    names, statement = form.statement(("linked", keys), lambda: _reading(form, keys, connection.dialect.name))
    found = quick.rows(connection, statement, {"ids": ids})
    return {row.id: {name: getattr(row, column) for name, column in names} for row in found}


def _reading(form: CompiledForm, keys: frozenset[str], dialect: str) -> tuple[list[tuple[str, str]], sa.Select]:
    """What can be read of these fields, as (key, column's name), and the statement."""
    sight = Sight(form, SYSTEM, dialect)
    names = sorted(key for key in keys if displayable(form, key) or key in ("status", "created_by", "created_at"))
    columns = [sight.column(name).label(column_name(name)) for name in names]
    statement = sa.select(form.table.c.id, *columns).where(one_of(form.table.c.id))
    return [(name, column_name(name)) for name in names], statement


def _split(form: CompiledForm, need: str) -> tuple[str, str]:
    """("lines.product", "on_hand") for "lines.product.on_hand"."""
    parts = need.split(".")
    length = 2 if parts[0] in form.rows else 1
    return ".".join(parts[:length]), ".".join(parts[length:])


def values_at(draft: Draft, link: str) -> Iterable[int]:
    """The ids in a link of a draft, or in that of its lines, now and before the change."""
    key, _, column = link.partition(".")
    for values in (draft.values, draft.before):
        if column:
            yield from (line[column] for line in values.get(key) or [] if line.get(column) is not None)
        elif values.get(key) is not None:
            yield values[key]


def keys_at(form: CompiledForm, link: str, needs: Needs) -> set[str]:
    """The fields of a link's target that the needs name."""
    return {rest.partition(".")[0] for path, rest in (_split(form, need) for need in needs) if path == link}
