"""The members of a workspace: who they are, and which roles they have in each app."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from ..platform import db
from ..platform.access import joining, members
from ..platform.access.policy import admin
from ..platform.errors import Invalid, Refused
from .absence import Absence, absence_form, acts_for, set_absence
from .member_form import MemberForm, NewMember, form_of, member_form, role_names
from .opening import end_reading, reading

blueprint = Blueprint("members", __name__)


@blueprint.get("/members")
@admin
def show():
    return render_template(
        "runtime/members.html",
        members=members.members(reading()),
        roles=role_names(members.all_roles(reading())),
        departments=members.departments(reading()),
        arrived=joining.arrived(g.workspace),
    )


@blueprint.get("/members/new")
@admin
def new():
    return render_template("runtime/member_new.html", form=member_form(NewMember))


@blueprint.post("/members")
@admin
def add():
    form = member_form(NewMember)
    if not form.validate_on_submit():
        return render_template("runtime/member_new.html", form=form), 422
    person = form.person()
    end_reading()
    try:
        member_id, token = joining.invite_person(g.workspace, person)
    except Invalid as error:
        db.system.session.rollback()
        form.email.errors = [str(problem.message) for problem in error.problems]
        return render_template("runtime/member_new.html", form=form), error.status
    return _invitation_page(member_id, token), 201


@blueprint.get("/members/<int:member_id>")
@admin
def one(member_id: int):
    return _page(member_id, form_of(member_id))


@blueprint.post("/members/<int:member_id>")
@admin
def save(member_id: int):
    members.one_member(reading(), member_id)
    form = member_form(MemberForm)
    if not form.validate_on_submit():
        return _page(member_id, form), 422
    roles, department_id = form.roles, form.department_id
    end_reading()
    try:
        with g.workspace.writing() as connection:
            members.change_member(
                connection, member_id, name=form.name.data, department_id=department_id, admin=form.admin.data
            )
            for app_key, keys in roles.items():
                members.set_roles(connection, member_id, app_key, keys)
    except Refused as refusal:
        form.admin.errors = [str(refusal)]
        return _page(member_id, form), refusal.status
    flash(_("Saved. It counts from the next click on."))
    return redirect(url_for("members.show"), 303)


@blueprint.post("/members/<int:member_id>/absence")
@admin
def be_away(member_id: int):
    members.one_member(reading(), member_id)
    wrong = set_absence(member_id)
    if wrong is not None:
        return _page(member_id, form_of(member_id), wrong), 422
    flash(_("Saved."))
    return redirect(url_for("members.one", member_id=member_id), 303)


@blueprint.post("/members/<int:member_id>/deactivation")
@admin
def deactivate(member_id: int):
    name = members.one_member(reading(), member_id).name
    end_reading()
    if member_id == g.actor.id:
        raise Refused(_("You cannot let yourself go; another administrator can."))
    joining.let_go(g.workspace, member_id)
    flash(_("%(name)s has no access any more.", name=name))
    return redirect(url_for("members.show"), 303)


@blueprint.post("/members/<int:member_id>/activation")
@admin
def activate(member_id: int):
    name = members.one_member(reading(), member_id).name
    end_reading()
    joining.take_back(g.workspace, member_id)
    flash(_("%(name)s has access again.", name=name))
    return redirect(url_for("members.show"), 303)


@blueprint.post("/members/<int:member_id>/invitation")
@admin
def renew_invitation(member_id: int):
    """A new link; whoever forgot the password gets one the same way."""
    return _invitation_page(member_id, joining.renew_invitation(g.workspace, member_id)), 201


@blueprint.post("/departments")
@admin
def add_department():
    name = request.form.get("name", "").strip()[:100]
    if name:
        with g.workspace.writing() as connection:
            members.add_department(connection, name, request.form.get("parent", type=int))
    return redirect(url_for("members.show"), 303)


def _page(member_id: int, form: MemberForm, absence: Absence | None = None) -> str:
    row = members.one_member(reading(), member_id)
    waiting = member_id not in joining.arrived(g.workspace)
    away = {"absence": absence or absence_form(member_id), "acting": acts_for(member_id)}
    return render_template("runtime/member.html", member=row, form=form, waiting=waiting, **away)


def _invitation_page(member_id: int, token: str) -> str:
    row = members.one_member(reading(), member_id)
    link = current_app.extensions["formloom"].address + url_for("invitations.show", token=token)
    return render_template("runtime/invited.html", member=row, link=link)
