"""While somebody is away: from when to when, and who acts for them."""

from __future__ import annotations

from flask import g
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, SelectField
from wtforms.fields.choices import SelectChoice as Choice
from wtforms.validators import Optional

from ..platform.access import members, substitutes
from ..platform.errors import Invalid
from .opening import end_reading, formats, live_apps, reading


class Absence(FlaskForm):
    first = DateField(_("Away from"), [Optional()])
    last = DateField(_("To (that day too)"), [Optional()])
    deputy = SelectField(_("Substitute"), coerce=int)


def absence_form(member_id: int, filled: bool = True) -> Absence:
    """With what is set now; to be read from what was sent where it is not `filled`."""
    kept = substitutes.absence(reading(), member_id) if filled else None
    days = {"first": kept.first_day, "last": kept.last_day, "deputy": kept.deputy_id} if kept else {"deputy": 0}
    form = Absence(formdata=None, **days) if filled else Absence()
    people = [row for row in members.members(reading()) if row.active and row.id != member_id]
    form.deputy.choices = [Choice(0, _("Nobody")), *(Choice(row.id, row.name) for row in people)]
    return form


def set_absence(member_id: int) -> Absence | None:
    """Set what was sent; the form with what is wrong, if anything is. Nobody at all ends it."""
    form, day = absence_form(member_id, filled=False), _today()
    if not form.validate_on_submit():
        return form
    sent = (form.deputy.data, form.first.data, form.last.data)
    if sent[0] and not all(sent):
        for field in (form.first, form.last):
            field.errors = list(field.errors) if field.data else [_("Enter a day.")]
        return form
    end_reading()
    try:
        with g.workspace.writing() as connection:
            if sent[0]:
                substitutes.go_away(connection, member_id, *sent, g.actor.id, day)
            else:
                substitutes.come_back(connection, member_id)
    except Invalid as refusal:
        for problem in refusal.problems:
            form[problem.path].errors = [str(problem.message)]
        return form
    return None


def acts_for(member_id: int) -> list[tuple[str, str, str]]:
    """(name, first day, last day) of those for whom somebody acts, today or later."""
    found = substitutes.absent_for(reading(), member_id, _today())
    return [(row.name, formats().date(row.first_day), formats().date(row.last_day)) for row in found]


def _today():
    live_apps()
    return formats().today()
