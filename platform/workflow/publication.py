"""Publishing: the draft becomes the version that runs.

1. check what was built;  2. expand: add tables, columns and indexes, in short transactions;
3. backfill: work out what is new for the records there are and index what is newly searched, in batches;
4. flip: in one transaction that waits for running commands, move records out of statuses that are gone, pin those
that finish as they started, work out the last rows, and let the new version go live. Until the flip the old version
runs. A publish that stopped is resumed, dropped, or simply started again.
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from flask_babel import gettext as _

from ..db import Workspace
from ..definition import store
from ..definition.model import App, Form
from ..errors import Busy, Invalid
from ..records import form_history, restatus
from ..records.compiled import Compiled, version
from ..records.expand import expand
from . import publication_log as log
from .backfill import Backfill
from .filling import Filling
from .prospect import Prospect
from .publication_log import Choices, Moves, Publication
from .reminding import after_publish

Beside = Callable[[sa.Connection], None]
"""What else is written in the transaction of the flip."""


def publish(
    workspace: Workspace,
    app_key: str,
    by: int | None,
    note: str = "",
    mapping: Moves | None = None,
    finish: Iterable[str] = (),
) -> int:
    """Publish the draft of an app; the number of the version that runs then.

    Invalid lists what is wrong with it; where nothing changed since, the live version stays.
    mapping, finish: see Choices.
    """
    with workspace.reading() as connection:
        row = store.app_row(connection, app_key)
        document = store.draft(connection, row.id).document
    return publish_document(workspace, app_key, document, by, note, Choices(mapping or {}, frozenset(finish)))


def publish_document(
    workspace: Workspace,
    app_key: str,
    document: Mapping,
    by: int | None,
    note: str = "",
    choices: Choices | None = None,
    beside: Beside | None = None,
) -> int:
    """The same for a document that is not the draft."""
    choices = choices or Choices()
    with alone(workspace, app_key):
        with workspace.reading() as connection:
            row = store.app_row(connection, app_key)
            if row.live_version and store.checksum_of(connection, row.live_version) == store.checksum(document):
                return row.live_number
            prospect = _sound(workspace, connection, row, document, choices)
        with workspace.writing() as connection:
            begun = log.start(connection, row.id, document, choices, by, note, row.live_version, beside is not None)
        return _carry_through(workspace, prospect, begun, beside)


def resume(workspace: Workspace, app_key: str) -> int:
    """Go on with the publish of an app that stopped halfway, with what it was to publish then."""
    with alone(workspace, app_key):
        with workspace.reading() as connection:
            row = store.app_row(connection, app_key)
            stopped = log.stopped_one(connection, row.id)
            choices = Choices.from_json(stopped.choices)
            prospect = _sound(workspace, connection, row, stopped.document, choices)
        if stopped.replacing != row.live_version:
            with workspace.writing() as connection:
                stopped = log.start(
                    connection, row.id, stopped.document, choices, stopped.by, stopped.note, row.live_version
                )
        return _carry_through(workspace, prospect, stopped, None)


def drop(workspace: Workspace, app_key: str) -> None:
    """Give up the publish of an app that stopped halfway."""
    with alone(workspace, app_key), workspace.writing() as connection:
        row = store.app_row(connection, app_key)
        log.stopped_one(connection, row.id)
        log.drop_open(connection, row.id)


def prospect_of(workspace: Workspace, connection: sa.Connection, app_key: str, choices: Choices | None = None) -> Prospect:
    """What publishing the draft of an app would do now; nothing is written."""
    row = store.app_row(connection, app_key)
    document = store.draft(connection, row.id).document
    return Prospect(connection, document, _live(workspace, connection, row), choices or Choices())


def _sound(workspace: Workspace, connection: sa.Connection, row: sa.Row, document: Mapping, choices: Choices) -> Prospect:
    prospect = Prospect(connection, document, _live(workspace, connection, row), choices)
    if prospect.wrong:
        raise Invalid(prospect.wrong, _("This cannot be published yet."))
    prospect.switches  # noqa: B018 - as tables were before they are expanded
    return prospect


def _live(workspace: Workspace, connection: sa.Connection, row: sa.Row) -> Compiled | None:
    return version(workspace, connection, row.live_version) if row.live_version else None


def _carry_through(workspace: Workspace, prospect: Prospect, row: sa.Row, beside: Beside | None) -> int:
    publication = Publication(workspace, row)
    try:
        publication.at(log.EXPAND)
        expand(workspace, prospect.app, prospect.columns)
        fillings = (Backfill(workspace, prospect, publication), Filling(workspace, prospect.followed, changed=prospect.switches))
        for filling in fillings:
            filling.run()
        publication.at(log.FLIP)
        return _flip(workspace, prospect, fillings, publication, row, beside)
    except Exception as error:
        publication.stopped(error)
        raise


def _flip(
    workspace: Workspace,
    prospect: Prospect,
    fillings: tuple[Backfill, Filling],
    publication: Publication,
    row: sa.Row,
    beside: Beside | None,
) -> int:
    """1. hold the app against commands;  2. records to their statuses and flows;  3. the last rows;  4. tell."""
    with workspace.writing() as connection:
        live = store.add_version(
            connection, row.app_id, prospect.document, row.by, row.note, replacing=row.replacing, columns=prospect.columns
        )
        if prospect.live is not None:
            flip = Flip(connection, prospect.seen_on(connection), live.version_id, row.by)
            flip.refuse_what_is_in_the_way()
            store.note_flows(connection, live.version_id, flip.run())
        for filling in fillings:
            filling.finish(connection)
        if prospect.live is not None:
            after_publish(connection, prospect.live.app, prospect.app, live.version_id, flip.moved)
        if beside is not None:
            beside(connection)
        publication.live(connection, live.number)
    return live.number


class Flip:
    """What happens to a form's records at the moment a new version goes live."""

    def __init__(self, connection: sa.Connection, prospect: Prospect, version_id: int, by: int | None):
        self.connection = connection
        self.prospect = prospect
        self.version_id = version_id
        self.by = by
        self.at = store.now()
        self.moved = set(prospect.live.flows)  # forms whose records changed their status or flow, or follow an earlier one

    def refuse_what_is_in_the_way(self) -> None:
        wrong = self.prospect.in_the_way()
        if wrong:
            raise Invalid(wrong, _("This cannot be published yet."))

    def run(self) -> dict[str, dict[str, str]]:
        """Form -> earlier version whose flow records follow from now on -> whether any is running still."""
        for form in self.prospect.app.forms:
            self._switch(form)
        found = {key: self._flows(self.prospect.app.form_by_key[key]) for key in self.prospect.standing}
        self.moved.update(key for key, flows in found.items() if flows)
        return {key: {str(flow): state for flow, state in flows.items()} for key, flows in found.items() if flows}

    def _switch(self, form: Form) -> None:
        switched = self.prospect.switches.get(form.key)
        if switched:
            self._tell(form, form_history.SWITCHED, {s.path: s.told for s in switched})

    def _flows(self, form: Form) -> dict[int, str]:
        compiled, live = self.prospect.compiled.form(form.key), self.prospect.live
        moves, pinned = self.prospect.moves(form), self.prospect.pinned(form)
        if pinned:
            restatus.pin(self.connection, compiled, pinned, live.version_id)
        if moves and restatus.move(self.connection, compiled, moves, self.at):
            self.moved.add(form.key)
            self._tell(form, form_history.MOVED, moves)
        earlier: dict[int, App] = {**live.flows.get(form.key, {}), live.version_id: live.app}
        return restatus.settle(self.connection, compiled, earlier)

    def _tell(self, form: Form, kind: str, facts: Mapping) -> None:
        key, live = self.prospect.app.key, self.prospect.live
        form_history.tell(self.connection, key, form.key, kind, facts, self.by, self.at, self.version_id, live.version_id)


@contextmanager
def alone(workspace: Workspace, app_key: str) -> Iterator[None]:
    """One publish (or purge) of an app at a time, among all processes; a killed one lets go."""
    if workspace.dialect != "postgresql":
        with _alone_by_file(workspace, app_key):
            yield
        return
    lock = {"name": f"publish {workspace.slug} {app_key}"}
    with workspace.write.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.scalar(sa.text("SELECT pg_try_advisory_lock(hashtextextended(:name, 0))"), lock):
            raise _taken()
        try:
            yield
        finally:
            connection.execute(sa.text("SELECT pg_advisory_unlock(hashtextextended(:name, 0))"), lock)


@contextmanager
def _alone_by_file(workspace: Workspace, app_key: str) -> Iterator[None]:
    file = Path(workspace.write.url.database).with_suffix(f".{app_key}.lock")
    with file.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _taken() from None
        yield


def _taken() -> Busy:
    return Busy(_("Somebody is publishing this app right now."))
