"""A newer template: what it brings, what it and this app changed both, and taking it into the draft."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from ..platform.access.policy import admin
from ..platform.definition import drafts
from ..platform.definition.schema import load
from ..platform.definition.upgrading import Contest, Upgrade
from ..platform.gallery import shipped
from .change_words import Said, in_words
from .publication import in_groups
from .workshop import Workshop, design_pages

blueprint = design_pages("upgrade", "/upgrade")


@dataclass(frozen=True)
class Clash:
    """One thing that both changed, in words; `name` is what its choice is sent as."""

    name: str
    place: str
    mine: list[Said]
    theirs: list[Said]


class Upgrading:
    """What the page of an upgrade shows; `template` is None where nothing newer ships."""

    def __init__(self, workshop: Workshop):
        self.workshop = workshop
        with g.workspace.reading() as connection:
            base = drafts.base(connection, workshop.key)
        self.template = shipped(base["key"]) if base else None
        self.found = Upgrade(base, workshop.document, self.template) if self.template not in (None, base) else None

    @cached_property
    def _apps(self):
        return [load(document, lenient=True) for document in (self.found.base, self.found.mine, self.found.theirs)]

    @cached_property
    def brought(self) -> list[tuple[str, list[Said]]]:
        """What is new and touches nothing of one's own, in words."""
        base, _mine, theirs = self._apps
        return in_groups(self.found.free, base, theirs)

    @cached_property
    def clashes(self) -> list[Clash]:
        return [self._clash(contest) for contest in self.found.contests]

    def _clash(self, contest: Contest) -> Clash:
        base, mine, theirs = self._apps
        own, others = in_words(contest.mine, base, mine), in_words(contest.theirs, base, theirs)
        return Clash(contest.name, others[0].place, own, others)


def newer(workshop: Workshop) -> bool:
    """Whether a newer template than the one that an app stands on ships."""
    return Upgrading(workshop).found is not None


@blueprint.get("")
@admin
def show(app_key: str):
    workshop = Workshop(app_key)
    return render_template("builder/upgrade.html", workshop=workshop, upgrading=Upgrading(workshop))


@blueprint.post("")
@admin
def take(app_key: str):
    """The newer template into the draft, as one edit; of each clash the side that was chosen."""
    workshop = Workshop(app_key)
    upgrading = Upgrading(workshop)
    if upgrading.found is not None:
        theirs = {contest.name for contest in upgrading.found.contests if request.form.get(contest.name) == "theirs"}
        workshop.edit("upgrade", by=upgrading.found.taken(theirs), template=upgrading.template)
        flash(_("The draft has the newer template. Look at it, and publish it."), "good")
    return redirect(url_for("publication.show", app_key=app_key), 303)
