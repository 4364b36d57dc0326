"""What the worker gave up on, for administrators: why, and the button that lets it try again."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as __

from ..platform.access.policy import admin
from ..platform.definition.model import say
from ..platform.errors import NotFound
from ..platform.jobs import claims
from .opening import formats, live_apps, reading

blueprint = Blueprint("undelivered", __name__, url_prefix="/undelivered")

KINDS = {
    "notify": __("A notice"), "remind": __("A reminder"), "advance": __("An automatic step"), "retime": __("Times allowed"),
    "follow": __("A notice to followers"), "comment": __("A notice of a comment"), "asked": __("A request for approval"),
}  # fmt: skip


@blueprint.get("")
@admin
def show():
    letters = claims.dead_letters(reading())
    return render_template("runtime/undelivered.html", letters=letters, kinds=KINDS, about=_about, formats=formats())


@blueprint.post("/<int:number>/again")
@admin
def again(number: int):
    with g.workspace.writing() as connection:
        if not claims.retry(connection, number):
            raise NotFound
    flash(_("It is tried again now."), "good")
    return redirect(url_for("undelivered.show"), 303)


def _about(letter) -> tuple[str, str] | None:
    """(what it is about, its address); None where it is about no record of a running app."""
    app = live_apps().get(letter.app_key)
    form = app.app.form_by_key.get(letter.form_key) if app else None
    if form is None or letter.record_id is None:
        return None
    where = {"app_key": letter.app_key, "form_key": form.key, "record_id": letter.record_id}
    return f"{say(form.label, g.language)} {letter.record_id}", url_for("records.show", **where)
