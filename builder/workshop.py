"""What a design page works with: one app's draft, and the edits of it by the one who builds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import Blueprint, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from ..platform.access.members import staffed_roles
from ..platform.definition import drafts, store
from ..platform.definition.checks import problems
from ..platform.definition.findings import BLOCK, Finding, warning
from ..platform.definition.model import App, Form, say
from ..platform.definition.paths import parsed
from ..platform.definition.schema import load
from ..platform.definition.store import Draft
from ..platform.error_pages import answer
from ..platform.errors import Conflict, FormloomError, Invalid, NotFound, Problem
from ..platform.local_path import local_path
from ..platform.records.compiled import open_app


@dataclass(frozen=True)
class Place:
    """One part of an app's design; `key` is what its pages call themselves."""

    key: str
    label: str
    icon: str
    href: str


class Workshop:
    """The draft of an app as of one moment; `edit` changes it and moves on to the next."""

    def __init__(self, app_key: str):
        with g.workspace.reading() as connection:
            self.row = store.app_row(connection, app_key)

    @cached_property
    def _present(self):
        """The draft, who made which edits of it, and the checksum of what runs: what an edit alone need not read."""
        with g.workspace.reading() as connection:
            log, live = drafts.log(connection, self.row.id), store.checksum_of(connection, self.row.live_version)
            return store.draft(connection, self.row.id), log, live

    @property
    def draft(self) -> Draft:
        return self._present[0]

    @property
    def log(self) -> list:
        return self._present[1]

    @property
    def live_checksum(self) -> str | None:
        return self._present[2]

    @property
    def key(self) -> str:
        return self.row.key

    @property
    def document(self) -> dict[str, Any]:
        return self.draft.document

    @property
    def rev(self) -> int:
        return self.draft.rev

    @cached_property
    def app(self) -> App:
        return load(self.document)

    def form(self, key: str) -> Form:
        """A form of the draft; not found where there is none."""
        found = self.app.form_by_key.get(key)
        if found is None:
            raise NotFound
        return found

    @cached_property
    def live_app(self) -> App | None:
        """What runs."""
        if self.row.live_version is None:
            return None
        with g.workspace.reading() as connection:
            return open_app(g.workspace, connection, self.key).app

    def published(self, path: str) -> bool:
        """Whether the element at a path runs already, and so keeps its key."""
        here, place = self.live_app, parsed(path)
        for name, key in zip(place[::2], place[1::2], strict=True):
            here = next((one for one in getattr(here, name, ()) if one.key == key), None)
        return here is not None

    @cached_property
    def findings(self) -> list[Finding]:
        """Everything wrong or doubtful in the draft, what blocks first."""
        return sorted([*problems(self.app), *self._unstaffed()], key=lambda finding: finding.severity != BLOCK)

    def _unstaffed(self) -> Iterator[Finding]:
        """The roles that a running app waits for, and that nobody has."""
        if self.row.live_version is None:
            return
        with g.workspace.reading() as connection:
            staffed = staffed_roles(connection, self.key)
        waited_for = {role for form in self.app.forms for one in form.transitions for role in one.who.roles}
        for role in self.app.roles:
            if role.key in waited_for - staffed:
                words = _("Nobody has the role “%(role)s” yet, and transitions wait for it.", role=say(role.label, g.language))
                yield warning(f"roles[{role.key}]", words)

    @property
    def blocking(self) -> list[Finding]:
        """What keeps the draft from being published."""
        return [finding for finding in self.findings if finding.severity == BLOCK]

    @cached_property
    def changed(self) -> bool:
        """Whether the draft is other than what runs."""
        return self.live_checksum != store.checksum(self.document)

    @property
    def standing(self) -> str:
        """Where the draft stands beside what runs, in words."""
        if self.live_checksum is None:
            return _("Not published yet")
        if self.changed:
            return _("Version %(number)s and changes", number=self.row.live_number)
        return _("Version %(number)s", number=self.row.live_number)

    @property
    def places(self) -> list[Place]:
        return [
            Place("form", _("Form"), "panels-top-left", url_for("apps.show", app_key=self.key)),
            Place("flow", _("Flow"), "workflow", self._first("flows.show")),
            Place("access", _("Access"), "shield-check", self._first("access.show")),
            Place("sharing", _("Links"), "link", self._first("sharing_design.show")),
            Place("publication", _("Publish"), "rocket", url_for("publication.show", app_key=self.key)),
        ]

    def _first(self, endpoint: str) -> str:
        """The page of one form's part of the design: of the form that this page is about, else of the first."""
        key = (request.view_args or {}).get("form_key") or next((form.key for form in self.app.forms), None)
        return url_for(endpoint, app_key=self.key, form_key=key) if key in self.app.form_by_key else url_for("apps.show", app_key=self.key)

    @cached_property
    def _standing(self) -> list:
        return drafts.standing(self.log)

    @property
    def may_undo(self) -> bool:
        return drafts.undoable(self._standing, g.actor.id) is not None

    @property
    def may_redo(self) -> bool:
        return drafts.redoable(self._standing, g.actor.id) is not None

    def edit(self, name: str, **arguments: Any) -> None:
        """Make an edit of `edits.py`, decided on while looking at the revision that the page was drawn from."""
        with g.workspace.writing() as connection:
            drafts.change(connection, self.row.id, name, arguments, self._base(), g.actor.id)

    def edit_all(self, *edits: tuple[str, dict[str, Any]]) -> None:
        """Make several edits that are taken back together."""
        if edits:
            self.edit("several", edits=[{"name": name, "arguments": arguments} for name, arguments in edits])

    def undo(self) -> None:
        with g.workspace.writing() as connection:
            drafts.undo(connection, self.row.id, g.actor.id)

    def redo(self) -> None:
        with g.workspace.writing() as connection:
            drafts.redo(connection, self.row.id, g.actor.id)

    def _base(self) -> int:
        """The revision that the page which sent a form was drawn from; the latest where it does not say."""
        given = request.form.get("base", "")
        if given and not given.isdecimal():
            raise Invalid([Problem("base", _("This page is damaged; reload it."))])
        return int(given) if given else self.rev


def design_pages(name: str, under: str = "") -> Blueprint:
    """The blueprint of one part of an app's design, whose refusals stand beside what was being done."""
    blueprint = Blueprint(name, f"formloom.builder.{name}", url_prefix=f"/build/<app_key>{under}")
    blueprint.register_error_handler(FormloomError, _refusal)
    return blueprint


def go_on(app_key: str):
    """Back to the page that sent a form, as the draft stands now."""
    return redirect(local_path(request.form.get("next"), url_for("apps.show", app_key=app_key)), 303)


def _refusal(error: FormloomError):
    """A note in the corner of the page, which keeps what it shows; a stale edit can be made all the same."""
    if "HX-Request" not in request.headers or error.status not in (409, 422):
        return answer(error)
    again = request.form.items(multi=True) if type(error) is Conflict else ()
    kept = [(name, text) for name, text in again if name not in ("base", "csrf_token")]
    response = make_response(render_template("builder/refusal.html", error=error, kept=kept), error.status)
    response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#toasts", "innerHTML"
    response.headers["HX-Replace-Url"] = "false"
    return response
