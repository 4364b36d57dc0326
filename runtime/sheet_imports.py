"""Bringing a sheet into a form: uploaded, its columns settled, tried without leaving anything, done, taken back.

The worker does it; the page shows how far it is, and one can leave it and come back.
"""

from __future__ import annotations

import csv
import io
import re
import tempfile
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa
from flask import Blueprint, Response, flash, g, redirect, render_template, request
from flask_babel import gettext as _

from ..platform.access.policy import member
from ..platform.definition.inference import Table
from ..platform.errors import Conflict, Invalid, NotFound, Problem
from ..platform.records.reading import tables_in
from ..platform.records.transfer import PLACE, REASON, harmless
from ..platform.workflow import sheet_books, sheet_log
from ..platform.workflow.sheet_cells import telling
from ..platform.workflow.sheet_guess import dated, guessed
from ..platform.workflow.sheet_log import CHECKED, CHECKING, DONE, READ, RUNNING, STOPPED, UNDOING, Meaning
from .importing import Importing
from .opening import end_reading

blueprint = Blueprint("sheet_imports", __name__, url_prefix="/apps/<app_key>/<form_key>/import")

STATUS = "#status"


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
        name, tables = _read()
    except Invalid as refusal:
        return render_template("runtime/import_new.html", importing=importing, wrong=refusal.problems), 422
    read = [(table, guessed(importing.gate, importing.compiled, table)) for table in tables]
    with g.workspace.writing() as connection:
        import_id = sheet_books.keep_book(connection, app_key, form_key, g.actor.id, name, read)
    return redirect(f"{importing.path}/{import_id}", 303)


upload.takes_files = True


def _read() -> tuple[str, list[Table]]:
    """The name of what was sent, and its tables."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise Invalid([Problem("", _("Choose a file."))])
    name = Path(sent.filename.replace("\\", "/")).name
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "sent"
        sent.save(file)
        sent.close()
        return name, tables_in(file, name, g.language)


@blueprint.post("/<int:import_id>/lines")
@member
def put_together(app_key: str, form_key: str, import_id: int):
    """This sheet with another one of its file, which holds the lines of its records."""
    importing = Importing(app_key, form_key, import_id)
    other, _dot, there = request.form.get("there", "").partition(".")
    own = request.form.get("own", "")
    if not all(re.fullmatch("[0-9]{1,9}", number, re.ASCII) for number in (own, other, there)):
        raise NotFound
    row = importing.row
    end_reading()
    with g.workspace.writing() as connection:
        new_id, table = sheet_books.put_together(connection, row, int(own), int(other), int(there))
    new = Importing(app_key, form_key, new_id)
    meaning = replace(guessed(new.gate, new.compiled, table), group=int(own), second=new.meaning.second)
    key = meaning.columns.get(int(own), "")
    meaning = replace(meaning, key=key if key in telling(new.gate, new.compiled) else "")
    end_reading()
    with g.workspace.writing() as connection:
        sheet_log.change(connection, new_id, meaning=meaning.as_json())
    return redirect(f"{importing.path}/{new_id}", 303)


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
        sheet_books.forget_book(connection, importing.row)
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
        places = ((f"{line}" if line < sheet_books.SECOND else importing.place(line), why, cells) for line, why, cells in rows)
        written.writerows([harmless(place), why, *map(harmless, cells)] for place, why, cells in places)
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
    group = request.form.get("group", "")
    together = int(group) if re.fullmatch("[0-9]{1,3}", group, re.ASCII) and int(group) in places else None
    dates = dated(importing.compiled, columns, [cells for _line, cells in first.rows])
    meaning = Meaning(columns, key, status, dates, g.language, together, importing.meaning.second)
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

