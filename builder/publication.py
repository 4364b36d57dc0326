"""Publishing an app: what changes in words, what becomes of the records there are, and how it goes."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from ..platform.access.policy import admin
from ..platform.db import Workspace
from ..platform.definition import store
from ..platform.definition.diff import Change, changes
from ..platform.definition.findings import BLOCK
from ..platform.definition.flow import Status
from ..platform.definition.model import App, Form, say
from ..platform.definition.reworked import stages
from ..platform.definition.schema import load
from ..platform.errors import Conflict, FormloomError, Invalid
from ..platform.language import listed
from ..platform.records.batches import how_many
from ..platform.workflow import publication, publication_log
from ..platform.workflow.prospect import Prospect
from ..platform.workflow.publication_log import Choices
from .change_words import Said, in_words
from .workshop import Workshop, design_pages

blueprint = design_pages("publication", "/publication")

PATIENCE = 1.5  # seconds that a page waits for a publish before it shows how far it has come


@dataclass(frozen=True)
class Gone:
    """A status that is no longer there, with the records that stand in it and where they can go."""

    name: str
    label: str
    count: int
    targets: tuple[Status, ...]
    chosen: str


class Publishing:
    """What the page of a publish shows."""

    def __init__(self, workshop: Workshop, choices: Choices):
        self.workshop = workshop
        self.choices = choices

    @cached_property
    def live(self):
        row = self.workshop.row
        if row.live_version is None:
            return None
        with g.workspace.reading() as connection:
            return load(store.document(connection, row.live_version), lenient=True)

    @cached_property
    def said(self) -> list[tuple[str, list[Said]]]:
        """Every change in words, by what it is about."""
        if self.live is None:
            return []
        with g.workspace.reading() as connection:
            before = store.document(connection, self.workshop.row.live_version)
        return in_groups(changes(before, self.workshop.document), self.live, self.workshop.app)

    @cached_property
    def prospect(self) -> Prospect:
        with g.workspace.reading() as connection:
            found = publication.prospect_of(g.workspace, connection, self.workshop.key, self.choices)
            for looked_at in () if found.blocking else ("wrong", "standing", "switches"):
                getattr(found, looked_at)  # while the connection is open
            return found

    @property
    def blocking(self) -> list:
        return self.workshop.blocking

    @property
    def doubtful(self) -> list:
        return [finding for finding in self.workshop.findings if finding.severity != BLOCK]

    @property
    def gone(self) -> list[Gone]:
        """The statuses whose records need another."""
        if self.blocking or self.live is None:
            return []
        found = []
        for key, lost in self.prospect.homeless.items():
            form = self.workshop.form(key)
            old = self.live.statuses(self.live.form_by_key[key])
            for status, count in lost.items():
                label = say(old.by_key[status].label, g.language) if old and status in old.by_key else status
                chosen = self.choices.mapping.get(key, {}).get(status, "")
                found.append(Gone(f"move-{key}-{status}", f"{say(form.label, g.language)} › {label}", count, self._targets(form), chosen))
        return found

    def _targets(self, form: Form) -> tuple[Status, ...]:
        statuses = self.workshop.app.statuses(form)
        return statuses.statuses if statuses else ()

    @property
    def running(self) -> list[tuple[Form, int]]:
        """The forms whose flow changes, with how many records are on their way."""
        if self.blocking or self.live is None:
            return []
        return [(self.workshop.form(key), number) for key, number in self.prospect.running.items()]

    @cached_property
    def conversions(self) -> list:
        if self.blocking or self.live is None:
            return []
        with g.workspace.reading() as connection:
            return self.prospect.seen_on(connection).conversions()


    @cached_property
    def worked_out(self) -> list[tuple[Form, str, int]]:
        """(form, what is worked out anew, for how many records) of formulas, look-ups and roll-ups."""
        if self.blocking or self.live is None:
            return []
        with g.workspace.reading() as connection:
            prospect = self.prospect.seen_on(connection)
            changed = {(key, one.path) for key, ones in prospect.switches.items() for one in ones if one.converting}
            found = [(one.form, (*one.paths, *one.sums)) for one in stages(prospect.app, self.live, changed)]
            there = [(prospect.live.form(key), self.workshop.form(key), paths) for key, paths in found if paths and key in prospect.live.forms]
            return [(form, self._labels(form, paths), how_many(connection, runs)) for runs, form, paths in there]

    def _labels(self, form: Form, paths: Iterable[str]) -> str:
        return listed(dict.fromkeys(say(form.field_at(path).label, g.language) for path in paths))


def in_groups(made: Iterable[Change], before: App | None, after: App) -> list[tuple[str, list[Said]]]:
    """Changes in words, by what they are about."""
    found = sorted(in_words(made, before, after), key=lambda one: one.group)
    return [(group, list(each)) for group, each in groupby(found, key=lambda one: one.group)]


@blueprint.get("")
@admin
def show(app_key: str):
    """What would change; or, while a publish runs or after it stopped, how far it has come."""
    workshop = Workshop(app_key)
    log = _latest(workshop)
    if log is not None and log.state in (publication_log.RUNNING, publication_log.STOPPED):
        going = _going(app_key)
        if going or not log.choices["once"]:  # access that was to go live alone is simply changed again
            return render_template("builder/publishing.html", workshop=workshop, log=log, going=going)
    return render_template("builder/publication.html", workshop=workshop, publishing=Publishing(workshop, _choices(workshop)), problems=())


@blueprint.post("")
@admin
def publish(app_key: str):
    workshop = Workshop(app_key)
    choices = _choices(workshop)
    if request.form.get("base", type=int) not in (None, workshop.rev):
        raise Conflict(_("Somebody changed the draft after you looked. Look at what would be published now."))
    publishing = Publishing(workshop, choices)
    wrong = publishing.blocking or publishing.prospect.wrong
    if wrong:
        page = render_template("builder/publication.html", workshop=workshop, publishing=publishing, problems=wrong)
        return page, 422
    note, by = request.form.get("note", "").strip()[:2000], g.actor.id
    return _started(app_key, lambda workspace: publication.publish_document(workspace, app_key, workshop.document, by, note, choices))


@blueprint.post("/resumption")
@admin
def resume(app_key: str):
    return _started(app_key, lambda workspace: publication.resume(workspace, app_key))


@blueprint.post("/drop")
@admin
def drop(app_key: str):
    publication.drop(g.workspace, app_key)
    flash(_("It is dropped; what ran before goes on running."), "good")
    return redirect(url_for("publication.show", app_key=app_key), 303)


def _started(app_key: str, work):
    """Publish beside this request, which waits a moment for it: small apps are done by then."""
    failures: list[Exception] = []
    app, workspace = current_app._get_current_object(), g.workspace

    def run() -> None:
        with app.app_context():
            try:
                work(workspace)
            except Exception as error:  # the log has it too
                failures.append(error)

    thread = threading.Thread(target=run, name=f"publish {app_key}", daemon=True)
    before = _latest(Workshop(app_key))
    thread.start()
    thread.join(PATIENCE)
    while thread.is_alive() and before == _latest(Workshop(app_key)):  # nothing is noted yet that a page could show
        thread.join(PATIENCE)
    refused = next((error for error in failures if isinstance(error, FormloomError)), None)
    if isinstance(refused, Invalid):
        flash(" ".join(str(problem.message) for problem in refused.problems), "bad")
    elif refused is not None:
        raise refused
    elif not thread.is_alive() and not failures:
        flash(_("Version %(number)s runs.", number=_live_number(workspace, app_key)), "good")
    return redirect(url_for("publication.show", app_key=app_key), 303)


def _choices(workshop: Workshop) -> Choices:
    """The mapping and the forms to finish, as the page sent them: move-FORM-STATUS, finish-FORM."""
    mapping: dict[str, dict[str, str]] = {}
    finish = set()
    for name, value in request.values.items():
        kind, _dash, rest = name.partition("-")
        form, _dash, status = rest.partition("-")
        if kind == "move" and form in workshop.app.form_by_key and value:
            mapping.setdefault(form, {})[status] = value
        elif kind == "finish" and form in workshop.app.form_by_key and value == "finish":
            finish.add(form)
    return Choices(mapping, frozenset(finish))


def _latest(workshop: Workshop):
    with g.workspace.reading() as connection:
        return publication_log.latest(connection, workshop.row.id)


def _going(app_key: str) -> bool:
    """Whether somebody publishes this app right now; a killed one lets go."""
    try:
        with publication.alone(g.workspace, app_key):
            return False
    except FormloomError:
        return True


def _live_number(workspace: Workspace, app_key: str) -> int:
    with workspace.reading() as connection:
        return store.live(connection, app_key).number
