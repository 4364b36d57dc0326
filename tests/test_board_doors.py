"""Doors agree: what a dragged card does, the record's own page does, and what one refuses the other refuses."""

from __future__ import annotations

import os
import re
from random import Random

import pytest
from board_app import JOB, LIST
from page import Page, visit

LONG = bool(os.environ.get("FORMLOOM_SOAK"))
ROLES = ("lead", "hand", "guest")
STEPS = {"open": (), "work": ("begin",), "done": ("begin", "skip"), "dropped": ("drop",)}
ROOMS = ("south", "", "cellar")
DAYS = ("2026-11-11", "2026-12-24", "2024-02-29", "", "2026-02-30", "someday")


def cases(short: int, long: int) -> range:
    return range(long if LONG else short)


@pytest.fixture
def clients(boards):
    return {role: boards.browser(role) for role in ROLES}


def jobs(boards, random: Random, step: str) -> list:
    """Two equal records at a status; some have what a guard wants."""
    values = {"about": "A", "hours": random.choice(("2", None)), "room": random.choice(("north", None)), "start": random.choice(("2026-11-10", None))}
    made = [boards.lead.creates("job", **values) for _one in range(2)]
    for key in STEPS[step]:
        made = [boards.lead.performs(job, key, **({"reason": "x"} if key == "drop" else {})) for job in made]
    return made


def dragged(client, job, **sent) -> Page:
    """As the script does: what the card said, and nothing else."""
    return Page(client, client.post(f"{LIST}{job.id}/place", sent))


def ways(page: Page) -> list[str]:
    """The transitions that the page of a record offers as buttons."""
    return re.findall(r'name="then" value="(\w+)"', page.html)


@pytest.mark.long
def test_a_card_goes_where_the_record_page_would_take_it(boards, clients):
    seen = set()
    for seed in cases(60, 600):
        random = Random(50_000 + seed)
        step, to, role = random.choice(list(STEPS)), random.choice(list(STEPS)), random.choice(ROLES)
        one, other = jobs(boards, random, step)
        answer = dragged(clients[role], one, by="status", to=to, status=one.status, rev=str(one.rev))
        page = visit(clients[role], f"{LIST}{other.id}")
        if page.status == 404:
            assert answer.status == 404, (seed, role)
            seen.add("unseen")
            continue
        transitions = {t["key"]: t for t in JOB["transitions"] if step in t["sources"] and t["target"] == to}
        offered = [key for key in ways(page) if key in transitions]
        after = boards.lead.sees(one).status
        if len(offered) != 1:
            assert answer.status == (200 if offered else 422) and after == step, (seed, role, step, to)
            reasons = re.findall(r"<li><svg.*?</svg><p>(.*?)</p>", page.html, re.S)
            blocked = [t["label"]["en"] for key, t in transitions.items() if key not in offered]
            assert all(reason in answer.html for reason in reasons if any(f"<b>{name}</b>" in reason for name in blocked)), (seed, role)
            seen.add("chosen" if offered else "refused")
        elif "confirm" in transitions[offered[0]] or "ask" in transitions[offered[0]]:
            assert answer.status == 303 and f"/transitions/{offered[0]}" in answer.location and after == step, (seed, role)
            seen.add("asked")
        else:
            assert answer.status == 303 and after == to, (seed, role, step, to)
            assert page.send(then=offered[0]).status == 303 and boards.lead.sees(other).status == to
            seen.add("taken")
    assert seen == {"taken", "asked", "chosen", "refused", "unseen"}


@pytest.mark.long
def test_a_value_is_changed_as_on_the_record_page(boards, clients):
    seen = set()
    for seed in cases(36, 800):
        random = Random(60_000 + seed)
        step, role, key = random.choice(list(STEPS)), random.choice(ROLES[:2]), random.choice(("room", "start", "secret"))
        one, other = jobs(boards, random, step)
        to = random.choice(DAYS if key == "start" else ROOMS)
        before = boards.lead.sees(one).values[key]
        base = f'{{"{key}": {"null" if before is None else chr(34) + str(before) + chr(34)}}}'
        answer = dragged(clients[role], one, by=key, to=to, base=base)
        page = visit(clients[role], f"{LIST}{other.id}").send(**{key: to})
        if key == "start" and not to:
            assert answer.status == 422  # a calendar has no place without a day
            continue
        assert (answer.status == 303) == (page.status == 303), (seed, role, step, key, to)
        if answer.status == 303:
            assert boards.lead.sees(one).values[key] == boards.lead.sees(other).values[key], (seed, to)
        seen.add((key, answer.status == 303))
    assert {(key, taken) for key in ("room", "start", "secret") for taken in (True, False)} <= seen


@pytest.mark.long
def test_what_changed_meanwhile_is_never_overwritten(boards, clients):
    for seed in cases(10, 200):
        random = Random(70_000 + seed)
        job, _other = jobs(boards, random, "open")
        theirs = random.choice(("status", "room", "start"))
        if theirs == "status":
            boards.lead.begins(job)
        else:
            boards.lead.edits(job, **{theirs: {"room": "south", "start": "2026-10-01"}[theirs]})
        now = boards.lead.sees(job)
        assert dragged(clients["lead"], job, by="status", to="work", status="open", rev=str(job.rev)).status == 409, seed
        if theirs != "status":
            to = {"room": "attic", "start": "2026-12-01"}[theirs]
            assert dragged(clients["lead"], job, by=theirs, to=to, base=f'{{"{theirs}": null}}').status == 409, seed
        assert boards.lead.sees(job).rev == now.rev
