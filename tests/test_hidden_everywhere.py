"""Hidden means hidden: whatever is asked of the gate, it reveals what plain Python says and nothing more."""

from __future__ import annotations

import os

import pytest
from formloom.platform.app import close_app, create_app
from formloom.platform.errors import NotFound
from formloom.platform.records.query import Gate
from formloom.platform.records.results import Group, Measure, Query, Summary
from hidden_doors import check_json_list, check_json_record, check_sheet
from hidden_questions import (
    Asking,
    check_choices,
    check_filter,
    check_new,
    check_record,
    check_rows,
    check_search,
)
from hidden_summaries import check_summary
from hidden_world import WORDS, HiddenWorld

LONG = bool(os.environ.get("FORMLOOM_SOAK"))
SEEDS = range(40) if LONG else (0, 1, 2, 3, 64)
QUESTIONS, CHANGES = (12, 12) if LONG else (3, 4)
LEAST = 10_000 // len(SEEDS) if LONG else 300  # questions a seed, so many rounds of them as it takes
MOST_ROUNDS = 20


@pytest.fixture
def pages(config):
    """The pages that the JSON answers are asked at."""
    made = create_app(config)
    with made.test_request_context("/"):
        yield
    close_app(made)


@pytest.mark.long
@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_is_told_what_is_hidden_from_them(workspace, pages, seed):
    world = HiddenWorld(workspace, seed)
    for _round in range(MOST_ROUNDS):
        for actor in world.people:
            ask_everything(world, actor)
        if world.asked >= LEAST:
            break
    assert world.asked >= LEAST


def ask_everything(world: HiddenWorld, actor) -> None:
    with world.world.gate() as opened:
        ask = Asking(world, Gate(opened.connection, opened.compiled, actor), actor)
        for form in ("customer", "visit"):
            if not world.oracle.access(form, actor):
                with pytest.raises(NotFound):
                    ask.gate.page(Query(form))
                continue
            for check in (check_rows, check_search, check_record, check_new, check_sheet, check_json_list, check_json_record):
                check(ask, form)
        if world.oracle.access("visit", actor):
            for _question in range(QUESTIONS):
                for check in (check_filter, check_summary, check_choices):
                    check(ask)
                check_search(ask, "visit")
                check_rows(ask, "visit")


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1000, 1020) if LONG else (1000, 1001))
def test_what_one_may_not_see_changes_no_answer(workspace, seed):
    world = HiddenWorld(workspace, seed)
    changed = 0
    for actor in world.people:
        if not world.oracle.access("visit", actor):
            continue
        for _try in range(CHANGES):
            form, record_id, key, value = _a_change(world)
            before = _told(world, actor)
            told, names = _answers(world, actor), _names(world)
            world.change(form, record_id, key, value)
            if _told(world, actor) == before and _names(world) == names:  # nothing of it shows to this person
                assert _answers(world, actor) == told, (form, record_id, key, value)
                changed += 1
    assert changed or not LONG


def _a_change(world) -> tuple:
    form = world.dice.choice(("customer", "visit", "visit"))
    record_id = world.dice.choice(list(world.records[form]))
    keys = {"customer": ("secret", "credit"), "visit": ("note", "amount", "day", "helper", "customer")}[form]
    key = world.dice.choice(keys)
    values = {"credit": (2, 4), "amount": (1, 3), "day": ("2026-02-02",), "helper": (1, 2, 3)}
    values["customer"] = tuple(world.records["customer"])
    return form, record_id, key, world.dice.choice(values.get(key, WORDS))


def _told(world, actor) -> list:
    """Everything that shows to a person, and how."""
    return [
        {i: (world.oracle.modes(form, actor, world.records[form][i]), seen) for i, seen in world.oracle.view(form, actor).items()}
        for form in ("customer", "visit")
    ]


def _names(world) -> dict:
    return {i: record["name"] for i, record in world.records["customer"].items()}


def _answers(world, actor) -> list:
    """What a person is told by each kind of question, over every field that they know of."""
    with world.world.gate() as opened:
        gate = Gate(opened.connection, opened.compiled, actor)
        named = [k for k in world.oracle.header("visit") if k != "lines" and world.oracle.ever("visit", actor, k)]
        rows = [gate.page(Query("visit", tuple(named), search=word, limit=500)) for word in ("", *WORDS)]
        rows += [gate.page(Query("visit", where={"empty": [{"var": key}]}, limit=500)) for key in named]
        answers = [[(row.id, row.status, row.values, row.hidden) for row in page.rows] for page in rows]
        numbers = [Measure(kind, key) for key in named if key in ("amount", "credit", "double", "total") for kind in ("sum", "max")]
        answers += [gate.summary(Summary("visit", (Group(key),), (Measure(), *numbers))).rows for key in named]
        shown = [row.id for row in rows[0].rows]
        answers += [(gate.record("visit", i).values, [e.changes for e in gate.history("visit", i) if e.changes]) for i in shown]
        if world.oracle.ever("visit", actor, "customer"):
            answers += [gate.choices("visit", "customer", word) for word in ("", *WORDS)]
    return answers
