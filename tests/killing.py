"""Rounds of sudden death: processes that carry out commands are killed, wherever they are.

What a process acknowledged it wrote to a pipe after its command returned, as a client that got an answer
would know it. The next round sends all of that again under the same keys: the answers must be the same.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice

from formloom.platform.config import Config
from formloom.platform.errors import FormloomError
from formloom.platform.jobs.worker import drain
from formloom.platform.workflow.soundness import check
from people import People
from racers import Wait, opened, prepare
from warehouse import unbalanced

NEXT = {
    "draft": [("sales_manager", "submit", {})],
    "submitted": [("finance", "approve", {}), ("sales_manager", "hold", {"reason": "wait"})],
    "reviewed": [("warehouse", "prepare", {}), ("sales_manager", "send_back", {"reason": "wrong"})],
    "purchasing": [("sales_manager", "cancel", {"reason": "no"}), ("warehouse", "arrive", {}), ("warehouse", "prepare", {})],
    "ready": [("sales_manager", "cancel", {"reason": "no"}), ("sales_manager", "hold", {"reason": "wait"})],
    "returned": [("sales_manager", "reopen", {}), ("sales_manager", "submit", {})],
    "on_hold": [("sales_manager", "resume", {})],
    "cancelled": [("sales_manager", "reopen", {})],
}
FIRST_ACTS = 20
WORKERS = 2
LONGEST_LIFE = 0.08  # seconds after the first acknowledgement


@dataclass(frozen=True)
class Sent:
    """A command that was answered: what was asked, and the answer."""

    key: str
    role: str
    command: str
    arguments: list
    answer: dict


def survives(config: Config, number: int, wait: Wait, orders: list[int], rounds: int, seed: int, check_each: int) -> dict:
    """So many rounds; what is wrong after them, and how much was acknowledged."""
    prepare(config)
    chance = random.Random(seed)
    acknowledged = first_acts(config, orders)
    total, wrong = 0, []
    for turn in range(rounds):
        workers = [start(config, orders, f"{turn}-{n}", chance.random(), acknowledged) for n in range(WORKERS)]
        acknowledged = [sent for pid, pipe in workers for sent in end(pid, pipe, chance.uniform(0, LONGEST_LIFE))]
        total += len(acknowledged)
        if turn % check_each == check_each - 1 or turn == rounds - 1:
            wrong += found_wrong(config)
    return {"wrong": wrong, "acknowledged": total}


def first_acts(config: Config, orders: list[int]) -> list[Sent]:
    """Acts of one that lives: those that are forked afterwards find their statements prepared, and are killed at work."""
    workspace = opened(config)
    sent = list(islice(work(People(workspace, "orders"), orders, "first", random.Random(0)), FIRST_ACTS))
    workspace.dispose()
    return sent


def start(config: Config, orders: list[int], name: str, seed: float, before: list[Sent]) -> tuple[int, int]:
    """A process that first repeats what was acknowledged before, then goes on until it is killed."""
    read, write = os.pipe()
    pid = os.fork()
    if pid:
        os.close(write)
        return pid, read
    os.close(read)
    try:
        people = People(opened(config), "orders")
        for sent in before:
            again = repeat(people, sent)
            assert again == sent.answer, f"{sent.key} was answered {sent.answer}, now {again}"
        for sent in work(people, orders, name, random.Random(seed)):
            os.write(write, json.dumps(asdict(sent)).encode() + b"\n")
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os.write(write, b"failed\n")
    os._exit(1)


def end(pid: int, pipe: int, life: float) -> list[Sent]:
    """Kill the process some time after its first word; what it acknowledged."""
    told = os.read(pipe, 65536)
    time.sleep(life)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    while more := os.read(pipe, 65536):
        told += more
    os.close(pipe)
    lines = told.decode().splitlines()
    assert "failed" not in lines, "a process failed before it was killed"
    return [Sent(**json.loads(line)) for line in lines]


def repeat(people: People, sent: Sent) -> dict:
    return answered(people, sent.role, sent.command, sent.arguments, sent.key)


def answered(people: People, role: str, command: str, arguments: list, key: str) -> dict:
    return asdict(getattr(people[role].do, command)(*arguments, key=key))


def work(people: People, orders: list[int], name: str, chance: random.Random) -> Iterator[Sent]:
    """Orders go a step on wherever the flow lets them, are changed and made; now and then the outbox is delivered."""
    number = 0
    while True:
        number += 1
        if number % 4 == 0:
            drain(people.workspace)
        role, command, arguments = something(people, chance.choice(orders), chance)
        key = f"{name}-{number}"
        try:
            answer = answered(people, role, command, arguments, key)
        except FormloomError:
            continue
        yield Sent(key, role, command, arguments, answer)


def something(people: People, order: int, chance: random.Random) -> tuple[str, str, list]:
    """(role, command, arguments): mostly a transition that may be possible."""
    with people.manager.gate() as gate:
        record = gate.record("order", order)
    kind = chance.random()
    if kind < 0.1:
        line = {"product": record.values["lines"][0]["product"], "quantity": 2, "price": "9.5"}
        return "sales_manager", "create", ["order", {"customer": record.values["customer"], "lines": [line, line]}]
    if kind < 0.3:
        note = f"note {chance.randrange(1000)}"
        return "sales_manager", "edit", ["order", order, {"note": note}, {"note": record.values["note"]}]
    role, transition, asked = chance.choice(NEXT[record.status])
    return role, "perform", ["order", order, transition, asked]


def found_wrong(config: Config) -> list[str]:
    workspace = opened(config)
    people = People(workspace, "orders")
    drain(workspace)
    wrong = check(workspace) + unbalanced(people)
    workspace.dispose()
    return wrong
