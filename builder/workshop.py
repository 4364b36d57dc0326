"""What a design page works with: one app's draft, and the edits of it by the one who builds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import g, request, url_for
from flask_babel import gettext as _

from ..platform.definition import drafts, store
from ..platform.definition.checks import problems
from ..platform.definition.findings import Finding
from ..platform.definition.model import App, Form
from ..platform.definition.schema import load
from ..platform.errors import Invalid, NotFound, Problem


@dataclass(frozen=True)
class Place:
    """One part of an app's design."""

    key: str
    label: str
    icon: str
    href: str


class Workshop:
    """The draft of an app as of one moment; `edit` changes it and is of the next."""

    def __init__(self, app_key: str):
        with g.workspace.reading() as connection:
            self.row = store.app_row(connection, app_key)
            self.draft = store.draft(connection, self.row.id)
            self.edits = drafts.standing(drafts.log(connection, self.row.id))
            self.live = store.document(connection, self.row.live_version) if self.row.live_version else None

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
    def findings(self) -> list[Finding]:
        """Everything wrong or doubtful in the draft."""
        return problems(self.app)

    @property
    def changed(self) -> bool:
        """Whether the draft is other than what runs."""
        return self.live is None or store.checksum(self.live) != store.checksum(self.document)

    @property
    def standing(self) -> str:
        """Where the draft stands beside what runs, in words."""
        if self.live is None:
            return _("Not published yet")
        if self.changed:
            return _("Version %(number)s and changes", number=self.row.live_number)
        return _("Version %(number)s", number=self.row.live_number)

    @property
    def places(self) -> list[Place]:
        return [Place("form", _("Form"), "panels-top-left", url_for("apps.show", app_key=self.key))]

    @property
    def may_undo(self) -> bool:
        return drafts.undoable(self.edits, g.actor.id) is not None

    @property
    def may_redo(self) -> bool:
        return drafts.redoable(self.edits, g.actor.id) is not None

    def edit(self, name: str, **arguments: Any) -> None:
        """Make an edit of `edits.py`, decided on while looking at the revision that the page was drawn from."""
        with g.workspace.writing() as connection:
            drafts.change(connection, self.row.id, name, arguments, base_of(request.form, self.rev), g.actor.id)

    def undo(self) -> None:
        with g.workspace.writing() as connection:
            drafts.undo(connection, self.row.id, g.actor.id)

    def redo(self) -> None:
        with g.workspace.writing() as connection:
            drafts.redo(connection, self.row.id, g.actor.id)


def base_of(sent: Mapping[str, str], latest: int) -> int:
    """The revision that the page which sent a form was drawn from; the latest where it does not say."""
    given = sent.get("base", "")
    if given and not given.isdecimal():
        raise Invalid([Problem("base", _("This page is damaged; reload it."))])
    return int(given) if given else latest
