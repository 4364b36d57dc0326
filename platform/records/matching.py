"""The best record of a form for a record or line: what `match` fields ask, answered for many at once.

What the rule reads of the record or line is bound into the statement; the candidates are all records of
the form, as the system sees them. Answers are kept in `linked` beside linked records: (form key, path of the
match) -> the values asked with -> id or None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from .. import quick
from ..access.actor import SYSTEM
from ..definition.dependencies import inputs_of
from ..definition.model import Field
from ..definition.scope import match_scope
from ..rules.sql import COLUMN_TYPES, compile_where
from ..rules.typing import Type, check, paths
from .compiled import CompiledForm
from .draft import Draft, Linked
from .visibility import Sight

BATCHES = (1, 4, 16, 64)  # questions a statement; few sizes, so that few statements are built
Asked = tuple[Any, ...]
Questions = set[tuple[str, Asked]]
"""(path of a match, the values that its rule reads) of what is not known yet."""


class Match:
    """One `match` field of a form."""

    def __init__(self, form: CompiledForm, path: str):
        rows_key, dot, _column = path.rpartition(".")
        self.form = form
        self.path = path
        self.rows_key = rows_key
        self.field: Field = form.form.field_at(path)
        self.target = form.compiled.form(self.field.settings["form"])
        self.stands_on = tuple(dict.fromkeys(i.own for i in inputs_of(form.app, form.form, path) if i.own))

    @cached_property
    def scope(self) -> Type:
        holder = self.form.form.by_key[self.rows_key] if self.rows_key else self.form.form
        return match_scope(self.form.app, self.form.form, holder, self.target.form)

    @cached_property
    def _read(self) -> tuple[tuple[tuple[str, ...], Callable, sa.types.TypeEngine], ...]:
        """(path, how it is read of rule data, its SQL type) of all that the rule reads beside the candidates."""
        own = sorted(path for path in paths(self.field.settings["where"], self.scope) if not path.startswith("target."))
        rules = [(path, {"var": path}) for path in own]
        return tuple(
            (tuple(path.split(".")), self.form.rule(rule, self.scope, self.path), COLUMN_TYPES[check(rule, self.scope).kind])
            for path, rule in rules
        )

    def asked(self, data: Mapping[str, Any]) -> Asked:
        return tuple(read(data) for _path, read, _type in self._read)

    def moved(self, draft: Draft, values: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
        """Whether anything that the rule reads of the record or line is other than it was."""
        for path in self.stands_on:
            key, dot, column = path.partition(".")
            now, then = (values.get(column), before.get(column)) if dot else (draft.values.get(key), draft.before.get(key))
            if now != then:
                return True
        return False

    def answers(self, connection: sa.Connection, questions: list[Asked]) -> dict[Asked, int | None]:
        found: dict[Asked, int | None] = {}
        while questions:
            size = next((size for size in BATCHES if size >= len(questions)), BATCHES[-1])
            batch, questions = questions[:size], questions[size:]
            filled = batch + batch[-1:] * (size - len(batch))
            bound = {f"q{n}_{i}": value for n, asked in enumerate(filled) for i, value in enumerate(asked)}
            rows = quick.rows(connection, self._statement(connection.dialect.name, size), bound)
            found |= {filled[row.n]: row.id for row in rows}
        return found

    def _statement(self, dialect: str, size: int) -> sa.Select:
        def build() -> sa.Select:
            asked = sa.union_all(*(self._question(n, dialect) for n in range(size))).subquery("asked")
            return sa.select(asked.c.n, self._best(asked, dialect).label("id"))

        return self.form.statement(("match", self.path, size), build)

    def _question(self, number: int, dialect: str) -> sa.Select:
        columns = [sa.literal(number, sa.Integer).label("n")]
        for index, (_path, _read, kind) in enumerate(self._read):
            value = sa.bindparam(f"q{number}_{index}", type_=kind)
            columns.append((sa.cast(value, kind) if dialect == "postgresql" else value).label(f"v{index}"))
        return sa.select(*columns)

    def _best(self, asked: sa.Subquery, dialect: str) -> sa.ScalarSelect:
        sight = Sight(self.target, SYSTEM, dialect, self.target.table.alias())
        known = {path: asked.c[f"v{index}"] for index, (path, _read, _type) in enumerate(self._read)}

        def resolve(path: tuple[str, ...]) -> Any:
            return sight.resolve(path[1:], raw=True) if path[0] == "target" else known[path]

        condition = compile_where(self.field.settings["where"], self.scope, resolve, dialect)
        order = [_ordered(sight.raw(sort["field"]), sort.get("descending")) for sort in self.field.settings.get("sort", ())]
        found = sa.select(sight.table.c.id).where(sight.table.c.deleted_at.is_(None), condition)
        return found.order_by(*order, sight.table.c.id).limit(1).correlate_except(sight.table).scalar_subquery()


def match_at(form: CompiledForm, path: str) -> Match:
    return form.statement(("match", path), lambda: Match(form, path))


def matches_of(form: CompiledForm) -> list[Match]:
    return [match_at(form, path) for path in form.form.paths if form.form.field_at(path).type == "match"]


def find_matches(connection: sa.Connection, form: CompiledForm, questions: Iterable[tuple[str, Asked]], linked: Linked) -> None:
    """Answer what was asked, in one statement for each match field and batch."""
    by_path: dict[str, list[Asked]] = {}
    for path, asked in questions:
        by_path.setdefault(path, []).append(asked)
    for path, waiting in sorted(by_path.items()):
        linked.setdefault((form.key, path), {}).update(match_at(form, path).answers(connection, waiting))


def _ordered(column: sa.ColumnElement, descending: bool | None) -> sa.ColumnElement:
    """Empty is smallest, on both databases."""
    return column.desc().nulls_last() if descending else column.asc().nulls_first()
