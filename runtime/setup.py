"""The first page of a new installation: the first administrator, the first workspace."""

from __future__ import annotations

from flask import Blueprint, current_app, g, redirect, render_template, url_for
from flask_babel import lazy_gettext as __
from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField
from wtforms.validators import DataRequired, Length

from ..platform import db
from ..platform.access import accounts, workspaces
from ..platform.access.members import add_member, set_roles
from ..platform.access.policy import anyone
from ..platform.gallery import start_app, template
from .people_fields import email_field, name_field, new_password_field, stripped
from .sign_in import start

blueprint = Blueprint("setup", __name__)


class Setup(FlaskForm):
    name = name_field()
    email = email_field()
    password = new_password_field()
    workspace = StringField(
        __("Workspace"), [DataRequired(__("Give the workspace a name.")), Length(max=100)],
        description=__("Your company or team; more can follow."), filters=[stripped],
    )  # fmt: skip
    orders = BooleanField(__("Start with the order app"), default=True)


@blueprint.get("/setup")
@anyone
def show():
    if accounts.any_account():
        return redirect(url_for("sign_in.show"), 303)
    return render_template("runtime/setup.html", form=Setup())


@blueprint.post("/setup")
@anyone
def set_up():
    form = Setup()
    if not form.validate_on_submit():
        return render_template("runtime/setup.html", form=form), 422
    account_id = _first_account(form)
    if account_id is None:
        return redirect(url_for("sign_in.show"), 303)
    start(account_id)
    return redirect("/", 303)


def _first_account(form: Setup) -> int | None:
    """The account with its workspace; None when somebody else was first."""
    accounts.be_alone()
    if accounts.any_account():
        return None
    account = accounts.create_account(form.email.data, form.password.data, form.name.data, g.language)
    opened = current_app.extensions["workspaces"]
    slug = workspaces.free_slug(form.workspace.data)
    row = workspaces.create_workspace(current_app.extensions["formloom"], opened, slug, form.workspace.data)
    with opened[slug].writing() as connection:
        member_id = add_member(
            connection, account.name, account.email, account_id=account.id, language=g.language, admin=True
        )
    workspaces.join(account.id, row.id, member_id)
    db.system.session.commit()
    if form.orders.data:
        _start_orders(opened[slug], member_id)
    return account.id


def _start_orders(workspace: db.Workspace, member_id: int) -> None:
    """The order app, with every role for the one person who is there to try it."""
    document = template("orders")
    app_key = start_app(workspace, document, member_id)
    with workspace.writing() as connection:
        set_roles(connection, member_id, app_key, [role["key"] for role in document["roles"]])
