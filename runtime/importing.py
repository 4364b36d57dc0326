"""One person's import of a sheet into a form, as its pages show it."""

from __future__ import annotations

from functools import cached_property

import sqlalchemy as sa
from flask import g
from flask_babel import gettext as _

from ..platform.errors import NotFound
from ..platform.workflow import sheet_books, sheet_log
from ..platform.workflow.sheet_cells import path_label, telling
from ..platform.workflow.sheet_guess import may_import, may_load, nameable
from ..platform.workflow.sheet_log import Meaning
from .navigation import list_path
from .opening import gate_of

SHOWN = 200  # problems that are told on the page


class Importing:
    """The form that a sheet goes into, and with an id one import of the person who asks; else not found."""

    def __init__(self, app_key: str, form_key: str, import_id: int | None = None):
        self.gate = gate_of(app_key)
        self.compiled = self.gate.compiled.form(form_key)
        self.loads = may_load(self.gate, self.compiled)
        if not may_import(self.gate, form_key):
            raise NotFound
        self.import_id = import_id
        if import_id is not None and (self.row.by_id, self.row.app_key, self.row.form_key) != (g.actor.id, app_key, form_key):
            raise NotFound

    @cached_property
    def row(self) -> sa.Row:
        with g.workspace.reading() as connection:
            return sheet_log.one_import(connection, self.import_id)

    @property
    def form(self):
        return self.compiled.form

    @property
    def list_path(self) -> str:
        return list_path(self.compiled.app.key, self.form.key)

    @property
    def path(self) -> str:
        return f"{self.list_path}import"

    @property
    def here(self) -> str:
        return f"{self.path}/{self.import_id}"

    @cached_property
    def earlier(self) -> list[sa.Row]:
        with g.workspace.reading() as connection:
            return sheet_log.imports_of(connection, self.compiled.app.key, self.form.key, g.actor.id)

    @cached_property
    def meaning(self) -> Meaning:
        return Meaning.from_json(self.row.meaning)

    @cached_property
    def samples(self) -> list[list[str]]:
        with g.workspace.reading() as connection:
            return sheet_log.samples(connection, self.import_id)

    @property
    def fields(self) -> list[tuple[str, str]]:
        """(key, label) of what a column can be of."""
        return [(key, self.label(key)) for key in nameable(self.gate, self.compiled)]

    @property
    def keys(self) -> list[tuple[str, str]]:
        return [(key, self.label(key)) for key in telling(self.gate, self.compiled)]

    def label(self, path: str) -> str:
        return path_label(self.compiled, path, g.language)

    @property
    def has_lines(self) -> bool:
        """Whether rows can be lines of a record."""
        return any("." in path for path, _label in self.fields)

    @cached_property
    def sheets(self) -> list[tuple[int, str, int, list[str]]]:
        """(id, name, rows, heads) of the sheets that came in the same file, where there are several."""
        with g.workspace.reading() as connection:
            found = sheet_books.sheets_of(connection, self.row)
        return [(one.id, sheet_books.sheet_name(one), one.rows, one.heads) for one in found if one.run_id is None or one.id == self.import_id]

    @cached_property
    def linked(self) -> tuple[int, tuple[int, int]] | None:
        """By which columns another sheet seems to hold lines of this one's records."""
        with g.workspace.reading() as connection:
            return sheet_books.linked(connection, self.row)

    def place(self, line: int) -> str:
        """Where a row stands, as a head."""
        return _("Line %(number)s", number=line) if line < sheet_books.SECOND else sheet_books.line_said(line, self.meaning)

    @cached_property
    def chunks(self) -> int:
        with g.workspace.reading() as connection:
            return sheet_log.chunks_of(connection, self.import_id)

    @property
    def working(self) -> bool:
        return self.row.state in sheet_log.AT_WORK

    @cached_property
    def told(self) -> list[sheet_log.ToldRow]:
        with g.workspace.reading() as connection:
            return list(sheet_log.told_rows(connection, self.import_id))

    @property
    def counts(self) -> dict[str, int]:
        return {what: sum(one.what == what for one in self.told) for what in ("created", "changed", "unchanged", "line", "refused", "undone", "kept")}

    @property
    def problems(self) -> list[sheet_log.ToldRow]:
        return [one for one in self.told if one.why][:SHOWN]

    @property
    def sound(self) -> int:
        """The rows that something would be done with."""
        return self.counts["created"] + self.counts["changed"]
