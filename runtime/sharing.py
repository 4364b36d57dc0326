"""The links to a record: made, seen, revoked by those whose roles may."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from ..platform.access.accounts import now
from ..platform.access.links import links_of, make_link, revoke_link, works
from ..platform.access.members import names as names_of
from ..platform.access.policy import member
from ..platform.definition.model import say
from ..platform.definition.sharing import with_rows
from ..platform.errors import NotFound
from .opening import formats
from .record_page import RecordPage
from .showing import opened

blueprint = Blueprint("sharing", __name__, url_prefix="/apps/<app_key>/<form_key>/<int:record_id>/sharing")


@dataclass(frozen=True)
class Link:
    """A link as it is listed. state: "works", "revoked" or "expired"; `until`, `used` and `by` in words."""

    id: int
    label: str
    state: str
    until: str
    used: str
    by: str


@blueprint.get("")
@member
def show(app_key: str, form_key: str, record_id: int):
    return _page(app_key, form_key, record_id)


@blueprint.post("")
@member
def make(app_key: str, form_key: str, record_id: int):
    """A new link, which is shown this once."""
    tracking = _seen(app_key, form_key, record_id).compiled.form.tracking
    label = " ".join(request.form.get("label", "").split())
    days = request.form.get("days", "")
    if not label:
        return _page(app_key, form_key, record_id, problem=_("Say whom the link is for."), about="label"), 422
    if not days.isdecimal() or not 1 <= int(days) <= tracking.days:
        problem = _("A link lasts from 1 to %(most)s days.", most=tracking.days)
        return _page(app_key, form_key, record_id, problem=problem, about="days"), 422
    with g.workspace.writing() as connection:
        token = make_link(connection, app_key, form_key, record_id, label, g.actor.id, int(days))
    return _page(app_key, form_key, record_id, made=_address(token)), 201


@blueprint.post("/<int:link_id>/revocation")
@member
def revoke(app_key: str, form_key: str, record_id: int, link_id: int):
    _seen(app_key, form_key, record_id)
    with g.workspace.writing() as connection:
        revoke_link(connection, app_key, form_key, record_id, link_id, g.actor.id)
    flash(_("The link opens nothing any more."), "good")
    return redirect(url_for(".show", app_key=app_key, form_key=form_key, record_id=record_id), 303)


def _seen(app_key: str, form_key: str, record_id: int) -> RecordPage:
    """The record; not found for whoever makes no links to it, or does not see it."""
    page = opened(app_key, form_key, record_id)
    if not page.shared_by_link:
        raise NotFound
    return page


def _page(app_key: str, form_key: str, record_id: int, made: str = "", problem: str = "", about: str = "") -> str:
    page = _seen(app_key, form_key, record_id)
    with g.workspace.reading() as connection:
        rows = links_of(connection, app_key, form_key, record_id)
        names = names_of(connection, {row.made_by for row in rows})
    return render_template(
        "runtime/sharing.html", page=page, tracking=page.compiled.form.tracking, shown=_shown(page), made=made, problem=problem,
        about=about, links=[_link(row, names) for row in rows],
    )  # fmt: skip


def _shown(page: RecordPage) -> list[str]:
    """What a link shows, by label."""
    form, language = page.compiled.form, page.formats.language
    chosen = with_rows(form.tracking.fields)
    plain = (say(form.field_at(path).label, language) for path in form.paths if path in chosen and path not in page.compiled.rows)
    return list(dict.fromkeys(plain))


def _link(row, names: Mapping[int, str]) -> Link:
    state = "works" if works(row, now()) else "revoked" if row.revoked_at else "expired"
    end = row.revoked_at or row.expires_at
    said = formats()
    until = said.date(said.local(end).date()) if end else ""
    return Link(row.id, row.label, state, until, said.relative(row.used_at) if row.used_at else "", names.get(row.made_by, ""))


def _address(token: str) -> str:
    """Where the link leads, at the configured address."""
    return current_app.extensions["formloom"].address + url_for("shared.show", workspace=g.workspace.slug, token=token)
