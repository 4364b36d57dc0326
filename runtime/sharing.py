"""The links to a record, or to a form that takes new ones: made, seen, revoked by those whose roles may."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from flask import Blueprint, current_app, flash, g, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext as _

from ..platform.access.accounts import now
from ..platform.access.links import links_of, make_link, revoke_link, works
from ..platform.access.members import names
from ..platform.access.policy import member
from ..platform.access.shares import makes_links
from ..platform.definition.model import say
from ..platform.definition.sharing import PublicForm, Tracking, with_rows
from ..platform.errors import NotFound
from .navigation import list_path, lower_first
from .opening import formats, gate_of
from .showing import opened

blueprint = Blueprint("sharing", __name__, url_prefix="/apps/<app_key>/<form_key>")

MADE = "link"
"""Where the session carries a new link to the next page: [token, app, form, record]."""


@dataclass(frozen=True)
class Link:
    """A link as it is listed. state: "works", "revoked" or "expired"; `until`, `used` and `by` in words."""

    id: int
    label: str
    state: str
    until: str
    used: str
    by: str
    made: int


class Shared:
    """What the links lead to: a record, or without one the form. Not found for whoever makes none, or does not see it."""

    def __init__(self, app_key: str, form_key: str, record_id: int | None):
        self.place = (app_key, form_key, record_id)
        self.gate = gate_of(app_key)
        self.page = opened(app_key, form_key, record_id) if record_id is not None else None
        self.form = self.gate.compiled.form(form_key).form
        if not makes_links(g.actor, self.gate.compiled.app, self.settings):
            raise NotFound

    @property
    def settings(self) -> Tracking | PublicForm | None:
        return self.form.public if self.page is None else self.form.tracking

    @property
    def list_path(self) -> str:
        return list_path(self.place[0], self.form.key)

    @property
    def path(self) -> str:
        """The page of the links."""
        return url_for("sharing.show", app_key=self.place[0], form_key=self.form.key, record_id=self.place[2])

    @property
    def title(self) -> str:
        return self.page.title if self.page else _("the form for a new %(form)s", form=lower_first(say(self.form.label, g.language)))

    @property
    def shown(self) -> list[str]:
        """What a link shows or asks for, by label."""
        chosen = with_rows(self.settings.fields)
        fields = (self.form.field_at(path) for path in self.form.paths if path in chosen)
        return list(dict.fromkeys(say(field.label, g.language) for field in fields if field.type != "rows"))

    @cached_property
    def links(self) -> list[Link]:
        with g.workspace.reading() as connection:
            rows = links_of(connection, *self.place)
            makers = names(connection, {row.made_by for row in rows})
        return [_link(row, makers) for row in rows]


@blueprint.get("/sharing", defaults={"record_id": None})
@blueprint.get("/<int:record_id>/sharing")
@member
def show(app_key: str, form_key: str, record_id: int | None):
    """With the link that was made just now, this once."""
    shared = Shared(app_key, form_key, record_id)
    token, *place = session.pop(MADE, None) or ("",)
    response = make_response(_page(shared, made=_address(token) if token and place == list(shared.place) else ""))
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/sharing", defaults={"record_id": None})
@blueprint.post("/<int:record_id>/sharing")
@member
def make(app_key: str, form_key: str, record_id: int | None):
    """A new link, which the next page shows."""
    shared = Shared(app_key, form_key, record_id)
    label, days = " ".join(request.form.get("label", "").split()), request.form.get("days", "")
    if not label:
        return _page(shared, problem=_("Say whom the link is for."), about="label"), 422
    if not days.isdecimal() or not 1 <= int(days) <= shared.settings.days:
        problem = _("A link lasts from 1 to %(most)s days.", most=shared.settings.days)
        return _page(shared, problem=problem, about="days"), 422
    with g.workspace.writing() as connection:
        token = make_link(connection, *shared.place, label, g.actor.id, int(days))
    session[MADE] = [token, *shared.place]
    return redirect(shared.path, 303)


@blueprint.post("/sharing/<int:link_id>/revocation", defaults={"record_id": None})
@blueprint.post("/<int:record_id>/sharing/<int:link_id>/revocation")
@member
def revoke(app_key: str, form_key: str, record_id: int | None, link_id: int):
    shared = Shared(app_key, form_key, record_id)
    with g.workspace.writing() as connection:
        revoke_link(connection, *shared.place, link_id, g.actor.id)
    flash(_("The link opens nothing any more."), "good")
    return redirect(shared.path, 303)


def _page(shared: Shared, made: str = "", problem: str = "", about: str = "") -> str:
    return render_template("runtime/sharing.html", shared=shared, made=made, problem=problem, about=about)


def _link(row, makers: Mapping[int, str]) -> Link:
    state = "works" if works(row, now()) else "revoked" if row.revoked_at else "expired"
    end, said = row.revoked_at or row.expires_at, formats()
    until = said.date(said.local(end).date()) if end else ""
    used = said.relative(row.used_at) if row.used_at else ""
    return Link(row.id, row.label, state, until, used, makers.get(row.made_by, ""), row.made)


def _address(token: str) -> str:
    """Where the link leads, at the configured address."""
    return current_app.extensions["formloom"].address + url_for("shared.show", workspace=g.workspace.slug, token=token)
