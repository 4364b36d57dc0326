"""Bringing a record's page up, fresh or after something went wrong."""

from __future__ import annotations

from flask import render_template
from werkzeug.datastructures import MultiDict

from ..platform.errors import Conflict, Refused
from ..platform.records.query import Gate
from ..platform.records.results import Record
from .clashes import clash_views
from .opening import commands_of, end_reading, formats, gate_of
from .record_page import Blocked, RecordPage
from .uploads import with_files


def opened(app_key: str, form_key: str, record_id: int, posted: MultiDict | None = None) -> RecordPage:
    """The page of a record, with what was posted laid over it."""
    gate = gate_of(app_key)
    return _page(gate, form_key, gate.record(form_key, record_id), posted)


def blank(app_key: str, form_key: str, posted: MultiDict | None = None) -> RecordPage:
    """The page of a record that is not there yet."""
    gate = gate_of(app_key)
    return _page(gate, form_key, gate.blank(form_key), posted)


def _page(gate: Gate, form_key: str, record: Record, posted: MultiDict | None) -> RecordPage:
    if posted is not None:
        posted = with_files(gate.compiled.form(form_key), record.modes, posted)
    return RecordPage(gate, form_key, record, formats(), posted)


def drawn(page: RecordPage) -> str:
    if page.record.id is not None:
        page.can(commands_of(page.app_key).available_with_lines(page.compiled.key, page.record.id, page.gate))
    return render_template("runtime/record.html", page=page)


def anew(page: RecordPage, posted: MultiDict | None = None) -> RecordPage:
    """The same record as it stands by now."""
    end_reading()
    return opened(page.app_key, page.compiled.key, page.record.id, posted)


def clashing(page: RecordPage, conflict: Conflict):
    """The record as it stands now, under it what was typed, and both values of every clash."""
    found = anew(page, page.posted)
    found.form.moves_to(found.record.values)
    found.clashes = clash_views(page.compiled, conflict.clashes, page.formats, found.record.titles)
    found.warning = "" if found.clashes else str(conflict.sentence)
    return drawn(found), 409


def moved(page: RecordPage, conflict: Conflict):
    """The record as it stands now, where it is no longer what the person decided about."""
    found = anew(page)
    found.warning = str(conflict.sentence)
    return drawn(found), 409


def refused(page: RecordPage, label: str, refusal: Refused):
    """The record, with why it can't be done and who can help."""
    found = anew(page)
    found.refusal = Blocked(label, str(refusal.sentence), found.roles(refusal.lifters))
    return drawn(found), 422
