"""Publishing: the draft becomes the version that runs.

1. check what was built;  2. expand: add tables, columns and indexes, in short transactions;
3. backfill: work out new stored formulas and roll-ups for the records there are, and index what is newly
searched, in batches;  4. flip: in one transaction that waits for running commands, move records out of statuses
that are gone, finish the backfill, and let the new version go live. Until the flip the old version runs; a publish
that failed is simply started again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from flask_babel import gettext as _

from ..db import Workspace
from ..definition import store
from ..definition.checks import problems
from ..definition.model import SAVED, App, Form
from ..definition.schema import load
from ..errors import Busy, Invalid, Problem
from ..records import restatus
from ..records.expand import changed_kinds, expand
from ..records.line_statuses import stranded_lines
from ..records.sayable import unsayable
from .backfill import Backfill
from .filling import Filling
from .reminding import after_publish

Moves = Mapping[str, Mapping[str, str]]
"""Form key -> status that is gone -> the status its records move to."""


@dataclass(frozen=True)
class Plan:
    """What is published in place of what."""

    row: sa.Row
    document: Mapping
    app: App
    live: App | None


def publish(workspace: Workspace, app_key: str, by: int | None, note: str = "", mapping: Moves | None = None) -> int:
    """Publish the draft of an app; the number of the version that runs then.

    Invalid lists what is wrong with it; where nothing changed since, the live version stays.
    """
    mapping = mapping or {}
    with _alone(workspace, app_key):
        plan, version_number = _plan(workspace, app_key, mapping)
        if version_number is not None:
            return version_number
        expand(workspace, plan.app)
        backfill = Backfill(workspace, plan.app, plan.live)
        backfill.run()
        filling = Filling(workspace, plan.app)
        filling.run()
        return _flip(workspace, plan, (backfill, filling), by, note, mapping)


def homeless(connection: sa.Connection, live: App, app: App) -> dict[str, dict[str, int]]:
    """Form key -> status that a new version lacks -> how many records stand there."""
    found = {}
    for form in live.forms:
        successor = app.form_by_key.get(form.key)
        if successor is None:
            continue
        gone = set(live.steps(form)).difference(app.steps(successor))
        lost = restatus.counts(connection, live, form, gone) if gone else {}
        if lost:
            found[form.key] = lost
    return found


def _plan(workspace: Workspace, app_key: str, mapping: Moves) -> tuple[Plan | None, int | None]:
    """What to do, or the number of the live version where there is nothing to do."""
    with workspace.reading() as connection:
        row = store.app_row(connection, app_key)
        document = store.draft(connection, row.id).document
        old = store.document(connection, row.live_version) if row.live_version else None
        if old is not None and store.checksum(old) == store.checksum(document):
            return None, row.live_number
        app = load(document)
        wrong = [problem for problem in problems(app) if problem.severity == "block"]
        wrong += [*changed_kinds(connection, app), *stranded_lines(connection, app)] + ([] if wrong else list(unsayable(app)))
        live = load(old, lenient=True) if old is not None else None
        wrong += _unmapped(connection, live, app, mapping) if live else []
    if wrong:
        raise Invalid(wrong, _("This cannot be published yet."))
    return Plan(row, document, app, live), None


def _unmapped(connection: sa.Connection, live: App, app: App, mapping: Moves) -> Iterator[Problem]:
    """The statuses that are gone, still have records, and are not mapped to one that is there."""
    for form_key, lost in homeless(connection, live, app).items():
        form = app.form_by_key[form_key]
        for status, number in lost.items():
            target = mapping.get(form_key, {}).get(status)
            if target not in app.steps(form)[1:]:
                yield Problem(_place(form, status), _("%(n)s records stand here. Say which status they move to.", n=number))


def _place(form: Form, status: str) -> str:
    return f"forms[{form.key}].statuses[{status}]" if status != SAVED else f"forms[{form.key}].status_list"


def _flip(workspace: Workspace, plan: Plan, fillings: tuple[Backfill, Filling], by: int | None, note: str, mapping: Moves) -> int:
    with workspace.writing() as connection:
        version = store.add_version(connection, plan.row.id, plan.document, by, note, replacing=plan.row.live_version)
        if plan.live is not None:
            wrong = [*_unmapped(connection, plan.live, plan.app, mapping), *stranded_lines(connection, plan.app)]
            if wrong:
                raise Invalid(wrong, _("This cannot be published yet."))
            at, moved = store.now(), set()
            for form_key, lost in homeless(connection, plan.live, plan.app).items():
                targets = {status: mapping[form_key][status] for status in lost}
                restatus.move(connection, plan.app, plan.app.form_by_key[form_key], targets, by, version.version_id, at)
                moved.add(form_key)
        for filling in fillings:
            filling.finish(connection)
        if plan.live is not None:
            after_publish(connection, plan.live, plan.app, version.version_id, moved)
    return version.number


@contextmanager
def _alone(workspace: Workspace, app_key: str) -> Iterator[None]:
    """One publish of an app at a time; SQLite's steps don't need it, each looks and adds in one transaction."""
    if workspace.dialect != "postgresql":
        yield
        return
    lock = {"name": f"publish {workspace.slug} {app_key}"}
    with workspace.write.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.scalar(sa.text("SELECT pg_try_advisory_lock(hashtextextended(:name, 0))"), lock):
            raise Busy(_("Somebody is publishing this app right now."))
        try:
            yield
        finally:
            connection.execute(sa.text("SELECT pg_advisory_unlock(hashtextextended(:name, 0))"), lock)
