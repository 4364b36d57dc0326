"""What each field stands on, in its own form and in others, and the order in which values are worked out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..registry import fields
from ..rules.typing import paths
from .flow import Rule
from .model import App, Field, Form
from .order import in_order
from .rollups import rollup_of
from .scope import line_scope, match_scope, record_scope

Node = tuple[str, str]
"""A value of the app: (form key, field path)."""


COPIED = ("lookup", "match")
"""The types that keep what they took from another record, whatever becomes of that."""


@dataclass(frozen=True)
class Input:
    """A field that a value is worked out from: a path of the own form and, past a link, a value of its target;
    of a roll-up, a value of all the records that link here, and no path of the own form.
    """

    own: str
    target: Node | None = None

    def __iter__(self):
        return iter((self.own, self.target))


def inputs_of(app: App, form: Form, path: str) -> tuple[Input, ...]:
    """What the computed field at a path is worked out from; nothing for entered fields."""
    known: dict[tuple[str, str], tuple[Form, tuple[Input, ...]]] = vars(app).setdefault("inputs", {})
    found = known.get((form.key, path))
    if found is None or found[0] is not form:
        found = known[form.key, path] = (form, tuple(_find_inputs(app, form, path)))
    return found[1]


def _find_inputs(app: App, form: Form, path: str) -> tuple[Input, ...]:
    field = form.field_at(path)
    if field is None:
        return ()
    if field.type == "lookup":
        via = _beside(path, field.settings["via"])
        link = form.field_at(via)
        return (Input(via, (link.settings["form"], field.settings["field"])),) if link else ()
    if field.type == "formula":
        return tuple(rule_inputs(app, form, _rows_key(path), field.settings["rule"]))
    if field.type == "match":
        return tuple(_match_inputs(app, form, path, field))
    if field.type == "rollup":
        return tuple(Input("", (field.settings["form"], read)) for read in sorted(_counted(app, form, field)))
    return ()


def _match_inputs(app: App, form: Form, path: str, field: Field) -> Iterator[Input]:
    """What a match reads of its record or line, and of the records it chooses from."""
    target, rows_key = app.form_by_key.get(field.settings["form"]), _rows_key(path)
    if target is None:
        return
    read = paths(field.settings["where"], match_scope(app, form, app.holder(field), target))
    for key in sorted({p.split(".")[1] for p in read if p.startswith("target.")} | {s["field"] for s in field.settings.get("sort", ())}):
        yield Input("", (target.key, key))
    for own in sorted(read):
        found = None if own.startswith("target.") else _input(form, rows_key, own.split("."))
        if found is not None:
            yield found


def _counted(app: App, form: Form, field: Field) -> set[str]:
    """The paths in the source of a roll-up that say what counts, how much and where."""
    rollup = rollup_of(form, field)
    source = app.form_by_key.get(rollup.source)
    if source is None or (rollup.rows and rollup.rows not in source.by_key):
        return set()
    found = {rollup.path(key) for key in (rollup.via, rollup.field) if key}
    return found | {i.own for i in rule_inputs(app, source, rollup.rows or None, rollup.where)}


def rule_inputs(app: App, form: Form, rows_key: str | None, rule: Rule) -> Iterator[Input]:
    """The fields that a rule reads; `rows_key` names the line items whose column holds it."""
    scope = line_scope(app, form, form.by_key[rows_key]) if rows_key else record_scope(app, form)
    for read in paths(rule, scope):
        found = _input(form, rows_key, read.split("."))
        if found is not None:
            yield found


def evaluation_order(app: App, form: Form) -> tuple[str, ...]:
    """Field paths so that each stands after what its show, default and formula rules read.

    A circle (refused at publish) keeps the order of the definition.
    """
    return tuple(in_order(form.paths, lambda path: sorted(standing_on(app, form, path))))


def graph_of(app: App) -> dict[Node, set[Node]]:
    """Every value of the app, with all that must be known before it is, in whatever form."""
    return {(form.key, path): _stands_on(app, form, path) for form in app.forms for path in form.paths}


def _stands_on(app: App, form: Form, path: str) -> set[Node]:
    own = standing_on(app, form, path) | {i.own for i in inputs_of(app, form, path) if i.own}
    return {(form.key, read) for read in own} | {i.target for i in inputs_of(app, form, path) if i.target is not None}


def standing_on(app: App, form: Form, path: str) -> set[str]:
    """The own paths that must be known before the value at a path is; a `rows` field waits for none."""
    field = form.field_at(path)
    rows_key = _rows_key(path)
    rules = [field.show] + ([] if field.type in fields and fields[field.type].computed else [field.default])
    found = {i.own for rule in rules if not isinstance(rule, bool) for i in rule_inputs(app, form, rows_key, rule)}
    found |= {i.own for i in inputs_of(app, form, path)}
    return found - {path, ""}


def _input(form: Form, rows_key: str | None, parts: list[str]) -> Input | None:
    if rows_key and parts[0] != "header":
        prefix, members = f"{rows_key}.", form.by_key[rows_key].by_key
    else:
        parts = parts[1:] if rows_key else parts
        prefix, members = "", form.by_key
    if not parts or parts[0] not in members:
        return None
    field = members[parts[0]]
    if field.type == "rows" and len(parts) > 1:
        return _input(form, field.key, parts[1:])
    return Input(prefix + field.key, _target(field, parts[1:]))


def _target(field: Field, rest: list[str]) -> tuple[str, str] | None:
    return (field.settings["form"], rest[0]) if field.type in ("link", "match") and rest else None


def _rows_key(path: str) -> str | None:
    key, _, column = path.partition(".")
    return key if column else None


def _beside(path: str, key: str) -> str:
    """The path of another column of the same line items, or of another field of the form."""
    rows_key = _rows_key(path)
    return f"{rows_key}.{key}" if rows_key else key
