"""Which flow records follow, and where they stand, when a new version changes it.

A publish calls this while it holds the app against every command; nothing else may. Each is one statement
over a form's records, and what it did is told once, for all of them (form_history.py).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

import sqlalchemy as sa

from ..definition.model import NEW, App, Form
from ..definition.pinning import running_statuses
from .compiled import ENDED, RUNNING, CompiledForm


def counts(connection: sa.Connection, form: CompiledForm) -> dict[int | None, dict[str, int]]:
    """Flow followed (None: the live one) -> status -> how many records, deleted ones too, stand there."""
    table = form.table
    if not sa.inspect(connection).has_table(table.name):
        return {}
    live = sa.select(sa.null(), table.c.status, sa.func.count()).where(table.c.flow_id.is_(None))
    pinned = sa.select(table.c.flow_id, table.c.status, sa.func.count()).where(table.c.flow_id.is_not(None))
    found: dict[int | None, dict[str, int]] = {}
    for statement in (live.group_by(table.c.status), pinned.group_by(table.c.flow_id, table.c.status)):
        for flow_id, status, number in connection.execute(statement):
            found.setdefault(flow_id, {})[status] = number
    return found


def move(connection: sa.Connection, form: CompiledForm, mapping: Mapping[str, str], at: datetime) -> int:
    """Give every record at a status of the mapping its new one, in the new flow; how many there were."""
    table = form.table
    values = {"status": sa.case(dict(mapping), value=table.c.status), "rev": table.c.rev + 1, "flow_id": None}
    moved = sa.update(table).where(table.c.status.in_(list(mapping)))
    return connection.execute(moved.values(values | {"status_since": at, "updated_at": at})).rowcount


def pin(connection: sa.Connection, form: CompiledForm, statuses: Collection[str], version_id: int) -> int:
    """Let the records at these statuses that follow the live flow keep to that of a version; how many there were."""
    table = form.table
    pinned = sa.update(table).where(table.c.status.in_(sorted(statuses)), table.c.flow_id.is_(None))
    return connection.execute(pinned.values(flow_id=version_id)).rowcount


def settle(connection: sa.Connection, form: CompiledForm, earlier: Mapping[int, App]) -> dict[int, str]:
    """Which earlier flows records follow still, and whether any of these has not come to its end.

    Where none has, those at statuses that the new version knows follow the live flow from now on.
    """
    found = {}
    for flow_id, standing in counts(connection, form).items():
        if flow_id is None:
            continue
        old = earlier[flow_id]
        going = running_statuses(old.statuses(old.form_by_key[form.key]))
        if standing.keys() & set(going):
            found[flow_id] = RUNNING
            continue
        known = form.app.steps(form.form)
        _release(connection, form, flow_id, known)
        if not standing.keys() <= set(known):
            found[flow_id] = ENDED
    return found


def _release(connection: sa.Connection, form: CompiledForm, flow_id: int, statuses: Collection[str]) -> None:
    table = form.table
    here = (table.c.flow_id == flow_id, table.c.status.in_(list(statuses)))
    connection.execute(sa.update(table).where(*here).values(flow_id=None))


def gone(app: App, form: Form, standing: Mapping[str, int]) -> dict[str, int]:
    """Of the statuses that records stand at, those that a version of the form lacks."""
    known = set(app.steps(form)) - {NEW}
    return {status: number for status, number in standing.items() if status not in known}
