"""A person's own filters as SQL: they see what the person sees, and nothing else has a name in them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from ..definition.model import Rule
from ..errors import Invalid, Problem
from ..rules.sql import compile_where
from ..rules.typing import RuleError, Type
from .rule_parts import conjuncts, needed
from .visibility import BUILT_IN, Sight


def filter_predicate(sight: Sight, where: Rule) -> sa.ColumnElement[bool]:
    """The rows that a filter keeps."""
    scope = seen_scope(sight)
    try:
        whole = compile_where(where, scope, lambda path: sight.resolve(path, raw=False), sight.dialect)
        parts = conjuncts(where)
        if not any(_guards(sight, part) for part in parts):
            return whole
        return sa.and_(*(_guarded(sight, part, scope) for part in parts))
    except RuleError as error:
        raise Invalid([Problem(error.path or "where", error.sentence)]) from None


def _guards(sight: Sight, part: Rule) -> dict[str, Any]:
    """The fields that show in some rows only and must be filled for a condition to hold, with those rows."""
    named = sight.form.form.by_key.keys() - {*sight.form.rows, *BUILT_IN, "user", "today", "now"}
    names = (name for name in needed(part) if name in named)
    return {name: shown for name in names if (shown := sight.visible(name)) is not True}


def _guarded(sight: Sight, part: Rule, scope: Type) -> sa.ColumnElement[bool]:
    """A condition beside the rows that show what it needs: its columns stay bare, so that an index serves it."""
    guards = _guards(sight, part)
    condition = compile_where(part, scope, lambda path: sight.resolve(path, raw=False, bare=guards.keys()), sight.dialect)
    return sa.and_(*guards.values(), condition)


def seen_scope(sight: Sight) -> Type:
    """The record scope without the fields that the actor never sees, nor those past links."""

    def members():
        known = sight.form.scope.members.items()
        return {key: _seen_type(sight, key, kind) for key, kind in known if _named(sight, key)}

    return Type("record", fields=members, label=sight.form.form.label)


def _named(sight: Sight, key: str) -> bool:
    return key != "old" and (key not in sight.form.form.by_key or sight.visible(key) is not False)


def _seen_type(sight: Sight, key: str, kind: Type) -> Type:
    if key in sight.form.rows:
        columns = (c for c in kind.members if sight.visible(_shown_with(sight, key, c)) is not False)
        return replace(kind, fields={c: _past(sight, f"{key}.{c}", kind.members[c]) for c in columns})
    return _past(sight, key, kind)


def _shown_with(sight: Sight, rows_key: str, column: str) -> str:
    """The path whose mode a column of line items has: a line's status shows with the line items."""
    return rows_key if column == "status" and rows_key in sight.form.line_statuses else f"{rows_key}.{column}"


def _past(sight: Sight, path: str, kind: Type) -> Type:
    """A link's type, with the fields of its target that this actor sees."""
    if kind.kind != "link" or path not in sight.form.shown or sight.form.shown[path][0].name != "link":
        return kind
    target = sight.form.compiled.form(sight.form.shown[path][1].settings["form"])

    def members():
        seen = seen_scope(Sight(target, sight.actor, sight.dialect)).members
        return {key: found for key, found in seen.items() if found.kind != "rows"}

    return replace(kind, fields=members)
