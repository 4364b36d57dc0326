"""What a test's processes do (see `processes.py`): functions of a config, a number, a start signal and arguments.

Each opens its own connections: none is ever shared between processes.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import asdict, astuple

from databases import SLUG
from formloom.platform import db
from formloom.platform.config import Config
from formloom.platform.definition import store
from formloom.platform.errors import Conflict, Refused
from formloom.platform.jobs.worker import drain
from formloom.platform.records.compiled import Compiled, open_app
from formloom.platform.workflow.commands import Saved
from people import People, Persona

COMPILED: dict[int, Compiled] = {}

Wait = Callable[[], None]


def prepare(config: Config) -> None:
    """Before the fork: compile the apps, which all processes then share; leave nothing open."""
    workspaces = db.Workspaces(config)
    workspace = workspaces[SLUG]
    with workspace.reading() as connection:
        for app_key in store.running(connection):
            open_app(workspace, connection, app_key)
    COMPILED.update(workspace.versions)
    workspaces.dispose()


def opened(config: Config) -> db.Workspace:
    """The workspace with connections of this process's own."""
    workspace = db.Workspaces(config)[SLUG]
    workspace.versions.update(COMPILED)
    return workspace


def person(config: Config, role: str) -> Persona:
    found = People(opened(config), "orders")[role]
    with found.gate() as gate:
        gate.forms()
    return found


def drains(config: Config, number: int, wait: Wait) -> int | None:
    """A worker on its own; the first is killed while it delivers."""
    workspace = opened(config)
    wait()
    if number:
        return drain(workspace)
    signal.setitimer(signal.ITIMER_REAL, 0.05)  # ends the process wherever it is
    while True:  # also where the others have just claimed all there is
        drain(workspace)


def submits(config: Config, number: int, wait: Wait, waiting: list[int]) -> list[str]:
    """Every sixteenth draft order; what became of each."""
    do = person(config, "sales_manager").do
    wait()
    outcomes = []
    for record_id in waiting[number::16]:
        try:
            do.perform("order", record_id, "submit")
            outcomes.append("granted")
        except Refused as refusal:
            outcomes.append(str(refusal))
    return outcomes


def decides(config: Config, number: int, wait: Wait, record_id: int, rev: int) -> tuple:
    do = person(config, "sales_manager").do
    wait()
    return outcome_of(lambda: do.perform("order", record_id, "approve", rev=rev, status="submitted"))


def edits(config: Config, number: int, wait: Wait, record_id: int) -> tuple:
    do = person(config, "sales_manager").do
    wait()
    return outcome_of(lambda: do.edit("order", record_id, {"note": f"by {number}"}, {"note": None}))


def outcome_of(command: Callable[[], Saved]) -> tuple:
    try:
        return "won", asdict(command())
    except Conflict as conflict:
        current = {"current": conflict.clashes[0].current} if conflict.clashes else {}
        return "conflict", conflict.as_json() | current


def edits_apart(config: Config, number: int, wait: Wait, record_id: int, fields: list[str]) -> bool:
    do = person(config, "sales_manager").do
    wait()
    do.edit("order", record_id, {fields[number]: f"by {number}"}, {fields[number]: None})
    return True


def repeats(config: Config, number: int, wait: Wait, record_id: int) -> tuple:
    """The same request with the same key from everybody."""
    do = person(config, "sales_manager").do
    wait()
    return astuple(do.perform("order", record_id, "submit", key="the same"))


def orders(config: Config, number: int, wait: Wait, customer: int, product: int, count: int) -> list[str]:
    someone = person(config, "sales_manager")
    wait()
    line = {"product": product, "quantity": 1, "price": "10"}
    made = [someone.creates("order", customer=customer, lines=[line]) for _ in range(count)]
    return [someone.sees(order).values["number"] for order in made]
