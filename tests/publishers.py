"""What the processes of tests about publishing do, beside those of `racers.py`: publish, work, and die of it."""

from __future__ import annotations

import os
import random
import signal
import urllib.request
from contextlib import contextmanager
from datetime import timedelta

from formloom.platform.access.actor import SYSTEM
from formloom.platform.config import Config
from formloom.platform.db import Workspace
from formloom.platform.definition import store
from formloom.platform.errors import FormloomError
from formloom.platform.jobs import claims, deliveries
from formloom.platform.jobs.worker import deliver_batch, drain
from formloom.platform.workflow.commands import Commands, Loaded
from formloom.platform.workflow.outbox import put
from formloom.platform.workflow.publication import publish
from racers import Wait, opened
from small_app import field, form_of, status, text, transition
from visits import TOTAL, Opened

FLOWS = (("open", "done"), ("open", "review", "done"), ("open", "packed", "sent", "done"))
TYPES = ("text", "number", "long_text", "flag")


def publishes_or_works(config: Config, number: int, wait: Wait, changes: int, seed: int) -> list:
    """The first publishes so many random changes; the others work until it has, and say what was acknowledged."""
    visits = Opened(opened(config))
    chance = random.Random(seed + number)
    over = config.instance / "published"
    wait()
    if number == 0:
        try:
            return [*(_publish_something(visits, chance) for _ in range(changes - 2)), *_let_wait(visits, chance)]
        finally:
            over.touch()
    done = []
    while not over.exists():
        done += _work(visits, chance, f"{number}-{len(done)}")
    return done


def _publish_something(visits: Opened, chance: random.Random) -> int:
    """A field comes, goes or changes its type, a formula is new, the flow is another: moved, or left to finish."""
    document = visits.draft()
    form = form_of(document, "visit")
    extra = [f for f in form["fields"] if f["key"].startswith("x")]
    kind = chance.choice(["add", "remove", "retype", "formula", "move", "finish", "finish"])
    form["views"] = []
    if kind == "remove" and extra:
        form["fields"].remove(chance.choice(extra))
    elif kind == "retype" and extra:
        chosen = chance.choice(extra)
        chosen.update(type=chance.choice(TYPES), settings={})
    elif kind in ("move", "finish"):
        _flow(document, form, chance.choice(FLOWS), chance, chance.choice(["", "go", "remind", "both"]))
    else:
        more = field(f"x{chance.randrange(10**6)}", **({"type": "formula", "settings": TOTAL} if kind == "formula" else {}))
        form["fields"].append(more)
    form["fields"][0]["label"] = {"en": f"About {chance.random()}"}
    visits.becomes(document)
    everywhere = {key: "open" for flow in FLOWS for key in flow}
    choices = {"finish": {"finish": ["visit"]}, "move": {"mapping": {"visit": everywhere}}}
    return publish(visits.workspace, "visits", 7, **choices.get(kind, {}))


def _flow(document: dict, form: dict, keys: tuple[str, ...], chance: random.Random, waits: str) -> None:
    """Statuses and the ways between them; a way that is taken in time, or a reminder, or both, may be among it."""
    kinds = {"open": "start", "done": "done"}
    document["status_lists"][0]["statuses"] = [status(key, kinds.get(key, "active")) for key in keys]
    form["transitions"] = [transition(f"to_{b}", a, b) for a, b in zip(keys, keys[1:], strict=False)]
    form["reminders"] = []
    if waits in ("go", "both"):
        wait, source = {"days": chance.randrange(2, 30)}, keys[1] if len(keys) > 2 else keys[0]
        form["transitions"].append(transition("stale", source, "done", who={}, automatic=True, wait=wait))
    if waits in ("remind", "both"):
        told = {"to": {"creator": True}, "message": text("{about} waits."), "wait": {"days": chance.randrange(2, 30)}}
        form["reminders"].append({"key": "soon", "statuses": [chance.choice(keys)]} | told)


def _let_wait(visits: Opened, chance: random.Random) -> list[int]:
    """A flow with a way that is taken in time, and one without: who came in between keeps waiting."""
    numbers = []
    for waits in ("go", ""):
        document = visits.draft()
        _flow(document, form_of(document, "visit"), FLOWS[1], chance, waits)
        visits.becomes(document)
        numbers.append(publish(visits.workspace, "visits", 7, finish=["visit"]))
        visits.create()
        visits.do.perform("visit", visits.create().id, "to_review")
        drain(visits.workspace)  # what earlier changes left to do must not mend what the last one does
    return numbers


def _work(visits: Opened, chance: random.Random, key: str) -> list[tuple[str, int, str, int]]:
    """A visit is made, changed and moved on; what was acknowledged, as (command, id, status, rev)."""
    done = []
    try:
        visit = visits.do.create("visit", {"about": key, "lines": [{"what": "Talk", "hours": "2", "rate": "50"}]}, key=key)
        done.append(("create", visit.id, visit.status, visit.rev))
        for option in visits.do.available("visit", visit.id)[:1]:
            moved = visits.do.perform("visit", visit.id, option.transition.key)
            done.append((option.transition.key, moved.id, moved.status, moved.rev))
        if chance.random() < 0.5:
            edited = visits.do.edit("visit", visit.id, {"about": key + "!"}, {"about": key})
            done.append(("edit", edited.id, edited.status, edited.rev))
    except FormloomError:
        pass  # refused in words: the flow moved on between looking and doing
    return done


@contextmanager
def dying(workspace: Workspace, at: int):
    """The process dies at the nth edge of its transactions: the odd ones before the commit, the even ones after it."""
    writing, edges = workspace.writing, [0]

    def edge():
        edges[0] += 1
        if edges[0] == at:
            os.kill(os.getpid(), signal.SIGKILL)

    @contextmanager
    def fatal():
        with writing() as connection:
            yield connection
            edge()
        edge()

    workspace.writing = fatal
    yield
    workspace.writing = writing


def killed_at_each_step(config: Config, number: int, wait: Wait, document: dict, mapping: dict) -> list[str]:
    """A publish killed at its first edge, the next one at its second, and so on until one is through: after each,
    the status in which the version that runs then starts its records.
    """
    starts, alive = [], False
    while not alive:
        alive = _dies(config, document, mapping, len(starts) + 1)
        visits = Opened(opened(config))
        starts.append(visits.create().status)
        if starts[-1] == "begun":
            _back(visits)
        visits.workspace.dispose()
    return starts


def _dies(config: Config, document: dict, mapping: dict, at: int) -> bool:
    """Whether the publish came to its end before the edge."""
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    visits = Opened(opened(config))
    visits.becomes(document)
    with dying(visits.workspace, at):
        publish(visits.workspace, "visits", 7, mapping=mapping)
    os._exit(0)


def _back(visits: Opened) -> None:
    """The first version again, for the next try."""
    with visits.workspace.reading() as connection:
        app_id = store.app_row(connection, "visits").id
        first = min(store.versions(connection, app_id), key=lambda row: row.number)
        document = store.document(connection, first.id)
    visits.becomes(document)
    publish(visits.workspace, "visits", 7, mapping={"visit": {"closed": "done", "begun": "open"}})


def calls(config: Config, number: int, wait: Wait, url: str, count: int) -> list[str]:
    """Two bring records in, each with a call that it owes; the others deliver calls until they are killed."""
    workspace = opened(config)
    claims.LEASE = timedelta(seconds=1)
    deliveries.OUTSIDE["call"] = lambda _workspace, errand: call(url, errand.key)
    wait()
    if number > 1:
        signal.setitimer(signal.ITIMER_REAL, 0.1 * number)  # ends the process wherever it is
        while True:
            deliver_batch(workspace)
    engine = Commands(workspace, SYSTEM, "visits")
    owed: list[str] = []
    for _ in range(count):
        engine.load("visit", [Loaded("open", {"about": "call"})], note=lambda connection, saved: owed.append(_owe(connection, saved)))
    return owed


def _owe(connection, saved: list) -> str:
    key = f"call:{saved[0].id}"
    put(connection, "call", key, {}, ("visits", "visit", saved[0].id))
    return key


def call(url: str, key: str) -> None:
    with urllib.request.urlopen(urllib.request.Request(url, key.encode(), {"Idempotency-Key": key})) as answer:
        assert answer.status == 200

