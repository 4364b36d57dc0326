"""One cell of a list, edited where it stands: with the rights, checks and commands of the record's own page."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl
from uuid import uuid4

from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from markupsafe import Markup, escape
from werkzeug.datastructures import MultiDict

from ..platform.access.policy import member
from ..platform.access.rights import WRITABLE
from ..platform.definition.model import say
from ..platform.errors import Conflict, Invalid, KeyReused, NotFound, Refused
from ..platform.form_cells import FieldCell
from ..platform.formats import Formats
from ..platform.records.query import Gate
from .clashes import clash_views
from .listing import Listing
from .live_rules import LiveRules
from .opening import commands_of, end_reading, formats, gate_of
from .record_cells import Cells
from .record_form import form_for, place, problems_of, values_from

blueprint = Blueprint("cell_edits", __name__, url_prefix="/apps/<app_key>/<form_key>/<int:record_id>/cells")

BESIDE = ("list",)
"""What the page posts besides: the parameters of the list."""


class CellEdit:
    """A field of a record as this person may change it now; not found where they do not see it."""

    def __init__(self, gate: Gate, form_key: str, record_id: int, key: str, formats: Formats, posted: MultiDict | None = None):
        self.record = gate.record(form_key, record_id)
        self.compiled = gate.compiled.form(form_key, self.record.flow_id)
        if key not in self.compiled.form.by_key or not self.record.shows(key):
            raise NotFound
        self.gate, self.key, self.formats = gate, key, formats
        alone = {*self.compiled.rows, *self.compiled.file_paths}
        self.open = self.record.modes[key] in WRITABLE and key not in alone
        self.once = posted.get("key", "") if posted else uuid4().hex
        self.list = (posted or request.args).get("list", "")
        self.notice = ""
        modes = {key: self.record.modes[key]} if self.open else {}
        self.form = form_for(self.compiled, modes, self.record.values, self.record.titles, formats, posted, also=BESIDE)

    @property
    def label(self) -> str:
        return say(self.compiled.form.by_key[self.key].label, self.formats.language)

    @property
    def cell(self) -> FieldCell:
        rules = LiveRules(self.gate, self.compiled, self.record, self.formats.language)
        narrowed = replace(self.record, modes={self.key: self.record.modes[self.key]})
        return Cells(self.gate, self.compiled, narrowed, self.form, rules, self.formats, {}, prefix="c").cell(self.key)

    @property
    def refusal(self) -> str:
        """Why it can't be changed now, if so."""
        if not self.open:
            return _("“%(field)s” cannot be changed here.", field=self.label)
        return _("“%(field)s” does not apply to this record.", field=self.label) if self.cell.hidden else ""

    @property
    def problems(self) -> list[str]:
        """What stands against what was typed; of other fields with their names."""
        found = [self.notice] if self.notice else []
        known = self.compiled.form
        for problem in problems_of(self.form):
            other = known.field_at(problem.path) if problem.path != self.key else None
            found.append(f"{say(other.label, self.formats.language)}: {problem.message}" if other else str(problem.message))
        return found

    def clashes(self, conflict: Conflict) -> None:
        """What was typed stays, and is measured against what stands there now."""
        self.form.moves_to(self.record.values)
        views = clash_views(self.compiled, conflict.clashes, self.formats, self.record.titles)
        said = [_("Now it is “%(value)s”; save again to put yours in its place.", value=view.theirs) for view in views]
        self.notice = " ".join([str(conflict.sentence), *said])


@blueprint.get("/<key>")
@member
def show(app_key: str, form_key: str, record_id: int, key: str):
    """The cell as an input, or why it is none."""
    asked = CellEdit(gate_of(app_key), form_key, record_id, key, formats())
    return _drawn(asked, 422 if asked.refusal else 200)


@blueprint.post("/<key>")
@member
def save(app_key: str, form_key: str, record_id: int, key: str):
    """The row as it then stands; or the cell again with what stands against it."""
    asked = CellEdit(gate_of(app_key), form_key, record_id, key, formats(), request.form)
    if asked.refusal:
        return _drawn(asked, 422)
    try:
        changes, base = values_from(asked.form)
        if changes:
            commands_of(app_key).edit(form_key, record_id, changes, base, asked.once)
    except Invalid as refusal:
        place(asked.form, refusal)
        return _drawn(asked, 422)
    except Conflict as conflict:
        end_reading()
        asked = CellEdit(gate_of(app_key), form_key, record_id, key, formats(), request.form)
        asked.once = uuid4().hex
        asked.clashes(conflict)
        return _drawn(asked, 409)
    except (Refused, KeyReused) as refusal:
        asked.notice, asked.once = str(refusal.sentence), uuid4().hex
        return _drawn(asked, 422)
    end_reading()
    return _row(app_key, form_key, record_id, asked.list)


def _drawn(asked: CellEdit, status: int):
    return render_template("runtime/cell.html", asked=asked), status


def _row(app_key: str, form_key: str, record_id: int, parameters: str) -> str:
    """The record as a row of the list of these parameters, be it that it no longer belongs there."""
    listing = Listing(gate_of(app_key), form_key, MultiDict(parse_qsl(parameters)), formats())
    query = replace(listing.query, where={"in": [{"var": "id"}, [record_id]]}, search="", sort=(), after=None, before=None)
    row = listing.drawn(listing.gate.page(query))
    words = _("Saved; you no longer see this record.")
    return row or Markup('<tr class="further"><td colspan="{}">{}</td></tr>').format(len(listing.columns) + 1, escape(words))
