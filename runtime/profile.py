"""My own name, language, theme, password and sessions."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as __
from flask_wtf import FlaskForm
from wtforms import PasswordField, SelectField
from wtforms.fields.choices import SelectChoice as Choice
from wtforms.validators import InputRequired, Length

from ..platform import db
from ..platform.access import accounts, limits, members, sessions
from ..platform.access.passwords import LONGEST, hash_password
from ..platform.access.policy import member, signed_in
from ..platform.access.workspaces import workspaces_of
from ..platform.errors import NotFound, TooMany
from ..platform.language import NAMES
from .absence import Absence, absence_form, acts_for, set_absence
from .devices import device
from .opening import formats
from .people_fields import name_field, new_password_field

blueprint = Blueprint("profile", __name__)


class Profile(FlaskForm):
    name = name_field()
    language = SelectField(__("Language"), choices=[Choice(*named) for named in NAMES.items()])
    theme = SelectField(
        __("Theme"),
        choices=[Choice("system", __("As the system")), Choice("light", __("Light")), Choice("dark", __("Dark"))],
    )


class NewPassword(FlaskForm):
    current = PasswordField(
        __("Current password"), [InputRequired(__("Enter your current password.")), Length(max=LONGEST)]
    )
    password = new_password_field(__("New password"))


@blueprint.get("/profile")
@signed_in
def show():
    return _page()


@blueprint.post("/profile")
@signed_in
def save():
    form = Profile()
    if not form.validate_on_submit():
        return _page(profile=form), 422
    account = db.system.session.get(accounts.Account, session.who.id)
    account.name, account.language, account.theme = form.name.data, form.language.data, form.theme.data
    db.system.session.commit()
    for row in workspaces_of(session.who.id):
        with current_app.extensions["workspaces"][row.slug].writing() as connection:
            members.change_member(
                connection, row.member_id, name=form.name.data, language=form.language.data
            )
    g.language = form.language.data
    flash(_("Saved."))
    return redirect(url_for("profile.show"), 303)


@blueprint.post("/profile/password")
@signed_in
def change_password():
    """A new password ends every other session of the account."""
    form = NewPassword()
    if not form.validate_on_submit() or not _knows_current(form):
        return _page(password=form), 422
    hashed = hash_password(form.password.data)
    db.system.session.get(accounts.Account, session.who.id).password = hashed
    sessions.end_all(session.who.id)
    sessions.begin(session.who.id, request.user_agent.string)
    db.system.session.commit()
    flash(_("Your password is changed; every other session has ended."))
    return redirect(url_for("profile.show"), 303)


@blueprint.post("/profile/absence")
@member
def be_away():
    wrong = set_absence(g.actor.id)
    if wrong is not None:
        return _page(absence=wrong), 422
    flash(_("Saved."))
    return redirect(url_for("profile.show"), 303)


@blueprint.post("/profile/sessions/<name>/deletion")
@signed_in
def end_session(name: str):
    chosen = [row for row in sessions.of_account(session.who.id) if row.id.hex() == name]
    if not chosen:
        raise NotFound
    sessions.end(session.who.id, chosen[0].id)
    db.system.session.commit()
    flash(_("That session has ended."))
    return redirect(url_for("profile.show"), 303)


def _page(profile: Profile | None = None, password: NewPassword | None = None, absence: Absence | None = None) -> str:
    who = session.who
    rows = [
        {
            "name": row.id.hex(), "device": device(row.agent), "since": formats().moment(row.created_at),
            "own": row.id == who.session_id,
        }
        for row in sessions.of_account(who.id)
    ]  # fmt: skip
    profile = profile or Profile(formdata=None, name=who.name, language=who.language, theme=who.theme)
    password = password or NewPassword(formdata=None)
    away = {"absence": absence or absence_form(g.actor.id), "acting": acts_for(g.actor.id)} if g.actor else {}
    return render_template("runtime/profile.html", profile=profile, password=password, sessions=rows, **away)


def _knows_current(form: NewPassword) -> bool:
    """Counted like a sign-in, so that an open browser is no place to guess at."""
    email = session.who.email
    try:
        limits.count_try(email, "")
    except TooMany as refusal:
        form.current.errors = [f"{refusal.sentence} {refusal.remedy}"]
        return False
    if accounts.authenticate(email, form.current.data) is None:
        form.current.errors = [_("This is not your current password.")]
        return False
    limits.give_back(email, "")
    return True
