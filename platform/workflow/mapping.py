"""An import mapping: which sheet goes into which form, column by column; data like an app's definition.

`loads` run in their order, so that a later one can refer to what an earlier one brought in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ..definition.flow import Rule, Text

MEMBERS = "members"


@dataclass(frozen=True)
class LookUp:
    """A word from another sheet: the cell of `column` in the row whose `id` is ours."""

    sheet: str
    id: str
    column: str


@dataclass(frozen=True)
class Source:
    """Where a field's value comes from: columns (joined by a blank) or a rule over the row's columns.

    refers: the load that brought in what the value names.  optional: it may be missing there.
    options: words of the sheet -> values of ours.  once: written with a new record only.
    """

    columns: tuple[str, ...] = ()
    rule: Rule = None
    refers: str = ""
    optional: bool = False
    options: Mapping[str, str] = field(default_factory=dict)
    look_up: LookUp | None = None
    once: bool = False


@dataclass(frozen=True)
class Lines:
    """Line items from a sheet of their own: those whose column `to` holds the record's id. status: a rule over the
    columns, of lines that have one each.
    """

    sheet: str
    to: str
    values: Mapping[str, Source]
    status: Rule = None


@dataclass(frozen=True)
class Load:
    """One sheet into one form, or into the workspace's members (with `roles` in the app).

    id: the column that tells rows apart, in this run and in the next.  status: a rule over the columns.
    at, by: when a record came to be, and through whom.
    """

    key: str
    sheet: str
    id: str
    into: str
    values: Mapping[str, Source]
    rows: Mapping[str, Lines] = field(default_factory=dict)
    status: Rule = None
    at: Source | None = None
    by: Source | None = None
    roles: tuple[str, ...] = ()


@dataclass(frozen=True)
class ImportMapping:
    key: str
    app: str
    label: Text = field(default_factory=dict)
    note: Text = field(default_factory=dict)
    empty: tuple[str, ...] = ()
    date_format: str = "%Y-%m-%d"
    loads: tuple[Load, ...] = ()

    @property
    def sheets(self) -> dict[str, set[str]]:
        """Every sheet the mapping reads, and the columns it must have (those of rules aside)."""
        found: dict[str, set[str]] = {}
        for sheet, columns in _reads(self):
            found.setdefault(sheet, set()).update(columns)
        return found


def _reads(mapping: ImportMapping) -> Iterator[tuple[str, tuple[str, ...]]]:
    for load in mapping.loads:
        yield load.sheet, (load.id,)
        named = [source for source in (load.at, load.by) if source]
        for source in (*load.values.values(), *named):
            yield from _source_reads(load.sheet, source)
        for lines in load.rows.values():
            yield lines.sheet, (lines.to,)
            for source in lines.values.values():
                yield from _source_reads(lines.sheet, source)


def _source_reads(sheet: str, source: Source) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield sheet, source.columns
    if source.look_up:
        yield source.look_up.sheet, (source.look_up.id, source.look_up.column)


def rules_of(mapping: ImportMapping) -> Iterator[tuple[str, str, str | None, Rule]]:
    """(load, sheet, sheet of the row above, rule) of every rule."""
    for load in mapping.loads:
        if load.status is not None:
            yield load.key, load.sheet, None, load.status
        for source in load.values.values():
            if not source.columns:
                yield load.key, load.sheet, None, source.rule
        for lines in load.rows.values():
            if lines.status is not None:
                yield load.key, lines.sheet, load.sheet, lines.status
            for source in lines.values.values():
                if not source.columns:
                    yield load.key, lines.sheet, load.sheet, source.rule
