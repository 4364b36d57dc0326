"""The guided first app: what to do next, told beside the pages where it is done, and seen in the app itself.

Nothing is ticked off by hand: how far somebody came is what their app is by now, so that the guide can be left, and
come back to, and is right after an undo.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from flask import Blueprint, g, redirect, request, url_for
from flask_babel import gettext as _

from ..platform import gallery
from ..platform.access import members
from ..platform.access.policy import admin
from ..platform.definition import guides, store
from ..platform.definition.beginning import first_app
from ..platform.definition.flow import Transition
from ..platform.definition.model import Form, say
from ..platform.errors import NotFound
from ..platform.records.compiled import open_app
from ..platform.records.query import Gate
from ..platform.records.results import Query
from .workshop import Workshop

blueprint = Blueprint("guide", __name__, url_prefix="/build")

NAME = {"en": "Business trips", "zh": "出差申请"}
RECORD = {"en": "Trip", "zh": "出差"}


@dataclass(frozen=True)
class Lesson:
    """One thing to do: where, how, and whether the app has it by now."""

    title: str
    words: str
    href: str
    done: bool


class Guide:
    """The lessons about one app, as its draft and its records stand."""

    def __init__(self, workshop: Workshop):
        self.workshop = workshop

    @cached_property
    def lessons(self) -> list[Lesson]:
        return [*self._design(), *self._running()] if self.workshop.app.forms else []

    @property
    def done(self) -> int:
        return sum(lesson.done for lesson in self.lessons)

    @property
    def now(self) -> Lesson | None:
        """The first lesson that is not done."""
        return next((lesson for lesson in self.lessons if not lesson.done), None)

    @property
    def form(self) -> Form:
        return self.workshop.app.forms[0]

    @property
    def flow(self) -> Sequence[Transition]:
        return self.form.flow()

    def _design(self) -> list[Lesson]:
        app, form, key = self.workshop.app, self.form, self.workshop.key
        statuses = app.statuses(form)
        kinds = [status.kind for status in statuses.statuses] if statuses else []
        to_form, to_flow = url_for("forms.show", app_key=key, form_key=form.key), url_for("flows.show", app_key=key, form_key=form.key)
        left = {source for one in self.flow for source in one.sources}
        return [
            Lesson(_("Three fields"), _("A trip says more than its title. Drag a date, an amount of money and a long text from the palette onto the form, or select one there and press Enter, and name each at the right."), to_form, len(form.fields) > 3),
            Lesson(_("Who takes part"), _("Somebody asks, somebody decides. Add a role “Boss” that begins like “Everyone”."), url_for("roles.show", app_key=key), len(app.roles) > 1),
            Lesson(_("Where a trip stands"), _("Begin with draft and done, then add “Asked” and “Refused”; select “Refused” and make its kind a cancellation."), to_flow, len(kinds) > 3 and "cancelled" in kinds),
            Lesson(_("What can happen"), _("Draw from “Draft” to “Asked”, from “Asked” to “Done” and from “Asked” to “Refused”: drag from the dot of a status, or select it and choose at the right. Name each after what people press: Ask, Approve, Refuse."), to_flow, len(self.flow) > 2 and len(left) > 1),
            Lesson(_("An approval"), _("Select “Approve”: the role Boss may take it, and it needs the approval of one of them. While you try it alone, untick “Not who made the record”."), to_flow, any(one.approval and not one.approval.not_self for one in self.flow)),
            Lesson(_("What a boss may change"), _("In the matrix, choose the role Boss and set the amount to “read” at each step but the draft: click a cell, or select several and press R."), url_for("access.show", app_key=key, form_key=form.key), any("read" in row.values() for access in form.access for row in access.cells.values())),
            Lesson(_("Publish"), _("See what is new in words, and press Publish. From now on people work with it, and you go on building beside them."), url_for("publication.show", app_key=key), self.workshop.row.live_version is not None and not self._before_publishing()),
        ]  # fmt: skip

    def _before_publishing(self) -> bool:
        """Whether what runs lacks the approval still."""
        live = self.workshop.live_app
        return not any(one.approval for form in live.forms for one in form.transitions) if live else True

    def _running(self) -> list[Lesson]:
        key, form = self.workshop.key, self.form.key
        runs = self.workshop.live_app is not None and form in self.workshop.live_app.form_by_key
        begun, ended = self._records() if runs else (0, 0)
        place = f"/apps/{key}/{form}/"
        return [
            Lesson(_("The roles are yours"), _("Give yourself every role of the app, so that you can try all of it."), f"/members/{g.actor.id}", self._has_roles()),
            Lesson(_("The first trip"), _("Fill one in, save it, and press “Ask”."), f"{place}new" if runs else place, begun > 0),
            Lesson(_("Approved"), _("Open the trip and press “Approve”. It is done: you have built an app, and it works."), place, ended > 0),
        ]

    def _has_roles(self) -> bool:
        roles = {role.key for role in self.workshop.app.roles}
        return len(roles) > 1 and roles <= g.actor.roles_in(self.workshop.key)

    def _records(self) -> tuple[int, int]:
        """How many there are, and how many of them came to a good end."""
        with g.workspace.reading() as connection:
            compiled = open_app(g.workspace, connection, self.workshop.key)
            gate, statuses = Gate(connection, compiled, g.actor), compiled.form(self.form.key).statuses
            if compiled.form(self.form.key).form not in gate.forms():
                return 0, 0
            ends = [status.key for status in statuses.statuses if status.kind == "done"] if statuses else []
            ended = gate.count(Query(self.form.key, where={"in": [{"var": "status"}, ends]})).number if ends else 0
            return gate.count(Query(self.form.key)).number, ended


@blueprint.post("/guide")
@admin
def begin():
    """An app to learn on, guided from its first field to its first approved record."""
    key = gallery.free_key(g.workspace, "trips")
    with g.workspace.writing() as connection:
        store.create_app(connection, first_app(key, NAME, RECORD), g.actor.id)
        members.set_roles(connection, g.actor.id, key, ["everyone"])
        guides.begin(connection, g.actor.id, key)
    return redirect(url_for("apps.show", app_key=key), 303)


@blueprint.post("/guide/standing")
@admin
def put():
    """Leave the guide, or take it up where the app stands."""
    with g.workspace.writing() as connection:
        guides.put(connection, g.actor.id, away="away" in request.form)
        followed = guides.of(connection, g.actor.id)
    if followed is None:
        raise NotFound
    return redirect(url_for("apps.home") if "away" in request.form else url_for("apps.show", app_key=followed.app_key), 303)


@blueprint.app_template_global()
def guide_beside(workshop: Workshop) -> Guide | None:
    """The guide to show beside the design pages of the app that is learnt on, unless it was put away."""
    with g.workspace.reading() as connection:
        followed = guides.of(connection, g.actor.id)
    return Guide(workshop) if followed is not None and not followed.away and followed.app_key == workshop.key else None


def followed_now() -> Guide | None:
    """The guide that this member follows, whether put away or not; none where its app is gone."""
    with g.workspace.reading() as connection:
        followed = guides.of(connection, g.actor.id)
    try:
        return Guide(Workshop(followed.app_key)) if followed is not None else None
    except NotFound:
        return None


def said_of(guide: Guide) -> str:
    """How far somebody came, in words."""
    name = say(guide.workshop.app.label, g.language)
    return _("“%(app)s”: %(done)s of %(all)s done", app=name, done=guide.done, all=len(guide.lessons))
