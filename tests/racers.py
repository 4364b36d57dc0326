"""What a test's processes do (see `processes.py`): functions of a config, a number, a start signal and arguments.

Each opens its own connections: none is ever shared between processes.
"""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable
from dataclasses import asdict, astuple

import sqlalchemy as sa
from databases import SLUG
from formloom.platform import db
from formloom.platform.access import links
from formloom.platform.access.actor import SYSTEM
from formloom.platform.access.members import load_actor
from formloom.platform.config import Config
from formloom.platform.definition import store
from formloom.platform.errors import Conflict, LinkFull, Refused
from formloom.platform.jobs.worker import deliver_batch, drain
from formloom.platform.records.compiled import Compiled, open_app
from formloom.platform.workflow.commands import Commands, Loaded, Saved
from formloom.platform.workflow.signing import Signing
from people import People, Persona
from small_world import World

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
    """A worker on its own; the first is killed between two of the errands that it has claimed."""
    workspace = opened(config)
    if number:
        wait()
        return drain(workspace)
    claimed = []
    deliver_batch(workspace, lambda: claimed.append(1) or len(claimed) > 2 and _killed(wait))
    return 0


def _killed(wait: Wait) -> None:
    wait()
    os.kill(os.getpid(), signal.SIGKILL)


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


def counts_towards(config: Config, number: int, wait: Wait, customer: int, rounds: int) -> int:
    """Orders of one customer, made, paid in part, dropped and deleted; returns what is left open of them."""
    do = Commands(opened(config), SYSTEM, "sums")
    wait()
    left = 0
    for turn in range(rounds):
        line = {"quantity": str(number + 1), "price": "10"}
        made = do.create("order", {"customer": customer, "lines": [line]})
        do.create("payment", {"order": made.id, "amount": str(turn)})
        if turn % 4 == 1:
            do.perform("order", made.id, "drop")
        elif turn % 4 == 2:
            do.delete("payment", do.create("payment", {"order": made.id, "amount": "1"}).id)
            left += 10 * (number + 1) - turn
        elif turn % 4 == 3:
            do.edit("order", made.id, {"customer": None}, {"customer": customer})
        else:
            left += 10 * (number + 1) - turn
    return left


def crosses(config: Config, number: int, wait: Wait, orders: list[int], customers: list[int], regions: list[int]) -> int:
    """Moves the orders among the customers, these among the regions, pays, edits: all at once; how much was done."""
    do, chance = Commands(opened(config), SYSTEM, "sums"), random.Random(number)
    wait()
    done = 0
    for _turn in range(12):
        (order,), (customer, other), region = chance.sample(orders, 1), chance.sample(customers, 2), chance.choice(regions)
        act = chance.randrange(5)
        try:
            if act == 0:
                do.create("payment", {"order": order, "amount": "1"})
            elif act == 1:
                do.edit("order", order, {"customer": customer}, {"customer": other})
            elif act == 2:
                do.edit("customer", customer, {"limit": str(number)}, {"limit": None})
            elif act == 3:
                do.edit("customer", customer, {"region": region}, {"region": chance.choice(regions)})
            else:
                do.load("order", [Loaded("open", {"customer": to, "lines": []}) for to in (customer, other)])
            done += 1
        except Conflict:
            continue
    return done


def submits_to_depot(config: Config, number: int, wait: Wait, waiting: list[int]) -> None:
    """Every sixteenth draft order of the depot app."""
    do = World(opened(config), "depot").do("sales", id=number + 1)
    wait()
    for record_id in waiting[number::16]:
        do.perform("order", record_id, "submit")


def adjusts_both(config: Config, number: int, wait: Wait, waiting: list[int]) -> int:
    """Every eighth order takes a transition with two effects, every other time in the other order."""
    do = Commands(opened(config), SYSTEM, "sums")
    wait()
    for turn, order in enumerate(waiting[number::8]):
        do.perform("order", order, "forth" if (number + turn) % 2 else "back")
    return len(waiting[number::8])


def votes(config: Config, number: int, wait: Wait, record_id: int, members: list[int]) -> str:
    """Says yes to a claim, with others and with oneself at once; the status that this led to, or what was said."""
    workspace = opened(config)
    with workspace.reading() as connection:
        actor = load_actor(connection, members[number % len(members)])
    do = Commands(workspace, actor, "claims")
    wait()
    try:
        return do.perform("claim", record_id, "approve", status="waiting").status
    except (Refused, Conflict) as refusal:
        return refusal.code


def hands_on(config: Config, number: int, wait: Wait, record_id: int, member: int, others: list[int]) -> str:
    """Hands a vote on, to one or another of them, with oneself at once; the status, or what was said."""
    workspace = opened(config)
    with workspace.reading() as connection:
        actor = load_actor(connection, member)
    signing = Signing(workspace, actor, "claims")
    wait()
    try:
        return signing.hand_on("claim", record_id, "approve", others[number % len(others)], "Away").status
    except (Refused, Conflict) as refusal:
        return refusal.code


def voids(config: Config, number: int, wait: Wait, record_id: int, rows: list[int]) -> str:
    """A line of one order of the depot app: everybody one of their own, or all the same."""
    do = World(opened(config), "depot").do("sales", id=number + 1)
    wait()
    try:
        return do.perform("order", record_id, "void", row=rows[number % len(rows)]).status
    except Conflict as conflict:
        return str(conflict.sentence)


def fills_in(config: Config, number: int, wait: Wait, times: int) -> list[str]:
    """Records by the one link there is."""
    workspace = opened(config)
    with workspace.reading() as connection:
        row = connection.execute(sa.select(links.shared_link)).one()
    do = Commands(workspace, links.actor_of(row, "en"), row.app_key)
    told = []
    wait()
    for _turn in range(times):
        try:
            do.create(row.form_key, {"about": f"by {number}"})
            told.append("made")
        except LinkFull:
            told.append("full")
    return told
