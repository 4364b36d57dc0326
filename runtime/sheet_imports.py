"""Bringing a sheet into a form: uploaded, its columns settled, tried without leaving anything, done, taken back.

The worker does it; the page shows how far it is, and one can leave it and come back.
"""

from __future__ import annotations

import csv
import io
import tempfile
from functools import cached_property
from pathlib import Path

import sqlalchemy as sa
from flask import Blueprint, Response, flash, g, redirect, render_template, request
from flask_babel import gettext as _

from ..platform.access.policy import member
from ..platform.definition.inference import Table
from ..platform.definition.model import say
from ..platform.errors import Conflict, Invalid, NotFound, Problem
from ..platform.records.reading import tables_in
from ..platform.records.transfer import PLACE, REASON, harmless
from ..platform.workflow import sheet_log
from ..platform.workflow.sheet_cells import telling
from ..platform.workflow.sheet_guess import dated, guessed, may_import, may_load, nameable
from ..platform.workflow.sheet_log import CHECKED, CHECKING, DONE, READ, RUNNING, STOPPED, UNDOING, Meaning
from .navigation import list_path
from .opening import end_reading, gate_of

blueprint = Blueprint("sheet_imports", __name__, url_prefix="/apps/<app_key>/<form_key>/import")

STATUS = "#status"
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

    def label(self, key: str) -> str:
        return say(self.form.by_key[key].label, g.language)

    @property
    def chunks(self) -> int:
        return -(-self.row.rows // sheet_log.CHUNK)

    @property
    def working(self) -> bool:
        return self.row.state in sheet_log.AT_WORK

    @cached_property
    def told(self) -> list[sheet_log.ToldRow]:
        with g.workspace.reading() as connection:
            return list(sheet_log.told_rows(connection, self.import_id))

    @property
    def counts(self) -> dict[str, int]:
        return {what: sum(one.what == what for one in self.told) for what in ("created", "changed", "unchanged", "refused", "undone", "kept")}

    @property
    def problems(self) -> list[sheet_log.ToldRow]:
        return [one for one in self.told if one.why][:SHOWN]

    @property
    def sound(self) -> int:
        """The rows that something would be done with."""
        return self.counts["created"] + self.counts["changed"]


@blueprint.get("")
@member
def new(app_key: str, form_key: str):
    return render_template("runtime/import_new.html", importing=Importing(app_key, form_key), wrong=())


@blueprint.post("")
@member
def upload(app_key: str, form_key: str):
    """The file as it was read, with a guess at what its columns mean."""
    importing = Importing(app_key, form_key)
    try:
        name, table = _read(importing)
    except Invalid as refusal:
        return render_template("runtime/import_new.html", importing=importing, wrong=refusal.problems), 422
    meaning = guessed(importing.gate, importing.compiled, table)
    with g.workspace.writing() as connection:
        import_id = sheet_log.keep_sheet(connection, app_key, form_key, g.actor.id, name, table, meaning)
    return redirect(f"{importing.path}/{import_id}", 303)


upload.takes_files = True


def _read(importing: Importing) -> tuple[str, Table]:
    """The name of what was sent, and of its tables the one that has most of the form's fields."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise Invalid([Problem("", _("Choose a file."))])
    name = Path(sent.filename.replace("\\", "/")).name
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "sent"
        sent.save(file)
        sent.close()
        tables = tables_in(file, name, g.language)
    known = [len(guessed(importing.gate, importing.compiled, table).columns) for table in tables]
    table = tables[known.index(max(known))]
    return (f"{name} · {table.name}" if len(tables) > 1 else name), table


@blueprint.get("/<int:import_id>")
@member
def show(app_key: str, form_key: str, import_id: int):
    """Where an import stands; its columns, to be settled, before it was tried and whenever that is wanted."""
    importing = Importing(app_key, form_key, import_id)
    settling = importing.row.state == READ or ("settle" in request.args and _open(importing.row))
    return render_template("runtime/import_columns.html" if settling else "runtime/import.html", importing=importing, wrong="", status=STATUS)


@blueprint.post("/<int:import_id>/columns")
@member
def settle(app_key: str, form_key: str, import_id: int):
    """What the columns mean, and at once a try that leaves nothing."""
    importing = Importing(app_key, form_key, import_id)
    meaning, wrong = _settled(importing)
    if wrong:
        importing.meaning = meaning
        return render_template("runtime/import_columns.html", importing=importing, wrong=wrong, status=STATUS), 422
    if not _open(importing.row):
        raise Conflict(_("This was brought in already."))
    end_reading()
    with g.workspace.writing() as connection:
        sheet_log.settle(connection, import_id, meaning)
        sheet_log.begin(connection, import_id, CHECKING, (READ,))
    return redirect(importing.here, 303)


@blueprint.post("/<int:import_id>/run")
@member
def run(app_key: str, form_key: str, import_id: int):
    return _begun(Importing(app_key, form_key, import_id), RUNNING, (CHECKED,))


@blueprint.post("/<int:import_id>/undo")
@member
def undo(app_key: str, form_key: str, import_id: int):
    importing = Importing(app_key, form_key, import_id)
    return _begun(importing, UNDOING, (DONE, STOPPED) if importing.row.run_id else ())


@blueprint.post("/<int:import_id>/removal")
@member
def remove(app_key: str, form_key: str, import_id: int):
    """Forgets a sheet of which nothing was brought in."""
    importing = Importing(app_key, form_key, import_id)
    if not _open(importing.row):
        raise Conflict(_("This was brought in already."))
    end_reading()
    with g.workspace.writing() as connection:
        sheet_log.forget(connection, import_id)
    flash(_("Discarded; nothing was brought in."), "good")
    return redirect(importing.path, 303)


@blueprint.get("/<int:import_id>/refused.csv")
@member
def refused(app_key: str, form_key: str, import_id: int) -> Response:
    """The rows that were not taken, with the reasons in front: once repaired, they can be brought in like the first file."""
    importing = Importing(app_key, form_key, import_id)
    out = io.StringIO(newline="")
    written = csv.writer(out)
    written.writerow([PLACE, REASON, *map(harmless, importing.row.heads)])
    with g.workspace.reading() as connection:
        rows = sheet_log.refused_rows(connection, import_id)
        written.writerows([line, why, *map(harmless, cells)] for line, why, cells in rows)
    headers = {"Content-Disposition": 'attachment; filename="refused.csv"'}
    return Response("\ufeff" + out.getvalue(), mimetype="text/csv", headers=headers)


def _begun(importing: Importing, state: str, among: tuple[str, ...]):
    end_reading()
    with g.workspace.writing() as connection:
        if not sheet_log.begin(connection, importing.import_id, state, among):
            raise Conflict(_("Somebody was faster: look at how it stands."))
    return redirect(importing.here, 303)


def _open(row: sa.Row) -> bool:
    """Whether nothing of it was brought in, nor is."""
    return row.run_id is None and row.state in (READ, CHECKED, STOPPED)


def _settled(importing: Importing) -> tuple[Meaning, str]:
    """The columns as the page sent them, and what is wrong with them."""
    named, places = dict(importing.fields), range(len(importing.row.heads))
    sent = {place: request.form.get(f"column-{place}", "") for place in places}
    status = next((place for place, key in sent.items() if key == STATUS and importing.loads), None)
    columns = {place: key for place, key in sent.items() if key in named}
    key = request.form.get("key", "")
    with g.workspace.reading() as connection:
        first = sheet_log.chunk(connection, importing.import_id, 0)
    meaning = Meaning(columns, key, status, dated(importing.compiled, columns, [cells for _line, cells in first.rows]), g.language)
    twice = next((key for key in columns.values() if list(columns.values()).count(key) > 1), None)
    if twice is not None:
        return meaning, _("Two columns are “%(field)s”.", field=named[twice])
    if not columns:
        return meaning, _("Say of one column at least what it is.")
    if key and key not in columns.values():
        return meaning, _("Rows can be told apart only by a column that is brought in.")
    if key and key not in telling(importing.gate, importing.compiled):
        raise NotFound
    return meaning, ""

