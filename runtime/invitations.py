"""Coming in by a link: with a new password, or as the account one has."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, session
from flask_wtf import FlaskForm

from ..platform import db
from ..platform.access.invitations import Invited, accept, invited
from ..platform.access.policy import anyone
from ..platform.access.sessions import choose_workspace
from .people_fields import new_password_field
from .sign_in import start

blueprint = Blueprint("invitations", __name__)


class FirstPassword(FlaskForm):
    password = new_password_field()


@blueprint.get("/invitations/<token>")
@anyone
def show(token: str):
    return _page(invited(token), FirstPassword())


@blueprint.post("/invitations/<token>")
@anyone
def take_up(token: str):
    found = invited(token)
    if _is_here(found):
        accept(token, account_id=found.account_id)
        choose_workspace(session.who.session_id, found.workspace_id)
        db.system.session.commit()
        return redirect("/", 303)
    form = FirstPassword()
    if not found.with_password or not form.validate_on_submit():
        return _page(found, form), 422
    accept(token, form.password.data)
    db.system.session.commit()
    start(found.account_id)
    return redirect("/", 303)


def _page(found: Invited, form: FirstPassword) -> str:
    return render_template(
        "runtime/invitation.html", invited=found, form=form, here_already=_is_here(found), back=request.path
    )


def _is_here(found: Invited) -> bool:
    return session.who is not None and session.who.id == found.account_id
