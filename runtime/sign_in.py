"""Signing in and out."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as __
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from ..platform import db
from ..platform.access import accounts, limits, sessions
from ..platform.access.passwords import LONGEST
from ..platform.access.policy import anyone
from ..platform.errors import TooMany
from .returning import go_back, local_path

blueprint = Blueprint("sign_in", __name__)


class SignIn(FlaskForm):
    email = StringField(__("Mail address"), [InputRequired(__("Enter your mail address.")), Length(max=254)])
    password = PasswordField(__("Password"), [InputRequired(__("Enter your password.")), Length(max=LONGEST)])
    next = HiddenField()


@blueprint.get("/sign-in")
@anyone
def show():
    if session.who is not None:
        return redirect(local_path(request.args.get("next")), 303)
    if not accounts.any_account():
        return redirect(url_for("setup.show"), 303)
    return render_template("runtime/sign_in.html", form=SignIn(next=request.args.get("next")))


@blueprint.post("/sign-in")
@anyone
def sign_in():
    form = SignIn()
    if not form.validate_on_submit():
        return render_template("runtime/sign_in.html", form=form), 422
    email, password = form.email.data, form.password.data
    try:
        limits.count_try(email, request.remote_addr or "")
    except TooMany as refusal:
        form.password.errors = [f"{refusal.sentence} {refusal.remedy}"]
        return render_template("runtime/sign_in.html", form=form), refusal.status
    account_id = accounts.authenticate(email, password)
    if account_id is None:
        form.password.errors = [_("The mail address or the password is not right.")]
        return render_template("runtime/sign_in.html", form=form), 422
    limits.give_back(email, request.remote_addr or "")
    start(account_id)
    return go_back()


@blueprint.post("/sign-out")
@anyone
def sign_out():
    """Also when the session has ended by itself: nobody is asked to sign in for signing out."""
    if session.who is not None:
        sessions.end(session.who.id, session.who.session_id)
        db.system.session.commit()
    session.ended = True
    return redirect(url_for("sign_in.show"), 303)


def start(account_id: int) -> None:
    """A session of this account for the browser that asks, in the language chosen there. Commits."""
    chosen = {name: session[name] for name in ("language", "theme") if session.who is None and name in session}
    if chosen:
        db.system.session.execute(sa.update(accounts.Account).where(accounts.Account.id == account_id).values(chosen))
    sessions.begin(account_id, request.user_agent.string)
    db.system.session.commit()
