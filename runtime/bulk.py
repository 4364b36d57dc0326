"""Many records at once: a transition, a value, a deletion; each record by its own rights, with a report of all."""

from __future__ import annotations

import secrets

from flask import Blueprint, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from ..platform.access.policy import member
from ..platform.errors import Invalid
from .bulk_acts import Act, Outcome, act_named
from .listing import Listing
from .opening import end_reading, formats, gate_of
from .returning import local_path
from .selection import MOST, Selection

blueprint = Blueprint("bulk", __name__, url_prefix="/apps/<app_key>/<form_key>/bulk")


@blueprint.get("")
@member
def show(app_key: str, form_key: str):
    """What can be done with the records picked, or what the chosen thing asks for first."""
    selection = picked(app_key, form_key, request.args)
    wanted = request.args.get("do", "")
    wanted = request.args.get("fill", "") if wanted == "fill" else wanted
    act = act_named(selection, wanted) if wanted else None
    return _page(app_key, selection, act, secrets.token_hex(8))


@blueprint.post("")
@member
def perform(app_key: str, form_key: str):
    selection = picked(app_key, form_key, request.form)
    key = request.form.get("key") or secrets.token_hex(8)
    act = act_named(selection, request.form.get("do", ""), request.form)
    try:
        act.read()
    except Invalid as refusal:
        return _again(app_key, form_key, refusal, key)
    records = selection.records
    end_reading()
    outcomes = [act.done(record, f"{key}-{record.id}") for record in records]
    if records and len(act.refusals) == len(records):
        return _again(app_key, form_key, act.refusals[0], key)
    return _page(app_key, selection, act, key, outcomes)


def _again(app_key: str, form_key: str, refusal: Invalid, key: str):
    """The question once more, where no record took what was filled in."""
    selection = picked(app_key, form_key, request.form)
    act = act_named(selection, request.form.get("do", ""), request.form)
    act.place(refusal)
    return _page(app_key, selection, act, key), 422


def picked(app_key: str, form_key: str, sent: MultiDict) -> Selection:
    """The records that were ticked; with `all`, the first of the list at that address."""
    gate = gate_of(app_key)
    if not sent.get("all"):
        return Selection(gate, form_key, sent.getlist("record"), formats())
    listing = Listing(gate, form_key, sent, formats())
    return Selection(gate, form_key, [str(row.id) for row in listing.first(MOST)], formats())


def _page(app_key: str, selection: Selection, act: Act | None, key: str, outcomes: list[Outcome] | None = None) -> str:
    path = url_for("lists.show", app_key=app_key, form_key=selection.form.key)
    back = local_path(request.values.get("next"), path)
    action = url_for("bulk.show", app_key=app_key, form_key=selection.form.key)
    return render_template(
        "runtime/bulk.html", selection=selection, act=act, key=key, outcomes=outcomes, back=back, action=action, path=path, most=MOST
    )
