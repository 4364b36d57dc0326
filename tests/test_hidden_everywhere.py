"""Hidden means hidden: whatever is asked of the gate, it reveals what plain Python says and nothing more."""

from __future__ import annotations

import os

import pytest
from formloom.platform.definition.model import Sort
from formloom.platform.errors import Invalid, NotFound
from formloom.platform.records.query import Gate, Query
from formloom.platform.workflow.commands import Commands
from hidden_world import HEADER, RANK, STATUSES, WORDS, HiddenWorld

LONG = bool(os.environ.get("FORMLOOM_SOAK"))
SEEDS = range(200) if LONG else (0, 1, 2, 3, 4, 64, 144)
QUESTIONS = 30 if LONG else 8


def conditions(dice) -> tuple[dict, set[str]]:
    """A filter of visits and the names in it."""
    word, number = dice.choice(WORDS), dice.randint(0, 5)
    line = dice.choice(("what", "price", "who.name", "who.credit"))
    value = number if line in ("price", "who.credit") else word
    return dice.choice(
        [
            ({"===": [{"var": "note"}, word]}, {"note"}),
            ({">": [{"var": "amount"}, number]}, {"amount"}),
            ({"!": [{">": [{"var": "credit"}, number]}]}, {"credit"}),
            ({"empty": [{"var": "alias"}]}, {"alias"}),
            ({"===": [{"var": "customer"}, number + 1]}, {"customer"}),
            ({"===": [{"var": "customer.secret"}, word]}, {"customer.secret"}),
            ({"!==": [{"var": "customer.credit"}, number]}, {"customer.credit"}),
            ({"===": [{"var": "customer.status"}, dice.choice(STATUSES)]}, {"customer"}),
            ({"some": [{"var": "lines"}, {"===": [{"var": line}, value]}]}, {"lines", f"lines.{line}"}),
            ({"none": [{"var": "lines"}, {"empty": [{"var": line}]}]}, {"lines", f"lines.{line}"}),
            ({">": [{"count": [{"var": "lines"}]}, 1]}, {"lines"}),
            ({"<": [{"sum": [{"map": [{"var": "lines"}, {"var": "paid"}]}]}, number]}, {"lines", "lines.paid"}),
            ({">=": [{"var": "total"}, {"var": "double"}]}, {"total", "double"}),
        ]
    )


def known(world: HiddenWorld, actor, name: str) -> bool:
    """Whether a name in a filter means something to an actor."""
    parts = name.split(".")
    own = ".".join(parts[:2]) if parts[0] == "lines" else parts[0]
    beyond = parts[-1] if len(parts) > own.count(".") + 1 else None
    return world.ever("visit", actor, own) and (beyond is None or world.ever("customer", actor, beyond))


def pages(gate, query: Query) -> list:
    found, page = [], gate.page(query)
    found += page.rows
    while page.next:
        page = gate.page(Query(**{**query.__dict__, "after": page.next}))
        found += page.rows
    return found


def check_rows(world, gate, actor, form: str) -> None:
    """Every record with every field, in order of one of them."""
    here = {
        i: seen for i, record in world.records[form].items() if (seen := world.seen(form, actor, record)) is not None
    }
    named = [key for key in HEADER[form] if key != "lines" and world.ever(form, actor, key)]
    for key in set(HEADER[form]) - set(named) - {"lines"}:
        for query in (
            Query(form, (key,)),
            Query(form, sort=(Sort(key),)),
            Query(form, where={"empty": [{"var": key}]}),
        ):
            with pytest.raises(Invalid, match="There is no field"):
                gate.page(query)
    sort = world.dice.choice([None, *named])
    descending = world.dice.random() < 0.5
    rows = pages(gate, Query(form, tuple(named), sort=(Sort(sort, descending),) if sort else (), limit=4))
    for row in rows:
        assert {k: v for k, v in row.values.items() if v is not None} == {
            k: v for k, v in here[row.id].items() if v is not None and k != "lines"
        }
    if sort:
        place = {i: (seen.get(sort) is not None, seen.get(sort), i) for i, seen in here.items()}
        place = {i: (bool(there), value if there else 0, i) for i, (there, value, i) in place.items()}
        expected = sorted(i for i in here if not place[i][0]) + sorted((i for i in here if place[i][0]), key=place.get)
        assert [row.id for row in rows] == (expected[::-1] if descending else expected)
    else:
        assert [row.id for row in rows] == sorted(here, reverse=True)


def check_filter(world, gate, actor) -> None:
    where, names = conditions(world.dice)
    if not all(known(world, actor, name) for name in names):
        with pytest.raises(Invalid, match="There is no field"):
            gate.page(Query("visit", where=where))
        return
    expected = set()
    for record_id, record in world.records["visit"].items():
        seen = world.seen("visit", actor, record)
        if seen is None:
            continue
        always = {key: record[key] for key in ("id", "status", "created_by")}
        data = world.data("visit", actor, seen | always, world.glimpsed)
        if world.judge("visit", where, data):
            expected.add(record_id)
    assert {row.id for row in pages(gate, Query("visit", where=where, limit=5))} == expected, where
    assert gate.count(Query("visit", where=where)).number == len(expected)


def check_search(world, gate, actor) -> None:
    word = world.dice.choice(WORDS)
    expected = set()
    for record_id, record in world.records["visit"].items():
        seen = world.seen("visit", actor, record) or {}
        named = world.records["customer"].get(seen.get("customer"), {}).get("name")  # titles follow who refers
        if word in (seen.get("note"), named):
            expected.add(record_id)
    assert {row.id for row in pages(gate, Query("visit", search=word))} == expected


def check_record(world, gate, actor, form: str) -> None:
    record_id, record = world.dice.choice(list(world.records[form].items()))
    seen = world.seen(form, actor, record)
    do = Commands(world.world.workspace, actor, world.document["key"])
    if seen is None:
        for ask in (gate.record, gate.history, do.available, lambda *place: do.preview(*place, {})):
            with pytest.raises(NotFound):
                ask(form, record_id)
        return
    modes = world.modes(form, actor, record)
    shown = gate.record(form, record_id)
    assert shown.values == seen
    assert {path: shown.modes[path] for path in modes} == modes
    assert do.preview(form, record_id, {}).values == seen
    for change in (change for event in gate.history(form, record_id) for change in event.changes):
        path, _dot, line = change.path.partition(".")
        assert RANK[modes[path]] > 1
        assert all(RANK[modes[f"lines.{column}"]] > 1 for column in (change.new if line else ()))


def check_choices(world, gate, actor) -> None:
    path = world.dice.choice(("customer", "lines.who"))
    modes = [world.mode("visit", a, path, s) for a in world.access("visit", actor) for s in ("new", *STATUSES)]
    if all(mode == "hidden" for mode in modes):
        with pytest.raises(Invalid, match="There is no field"):
            gate.choices("visit", path)
        return
    records = world.records["customer"]
    offered = {choice.id: choice for choice in gate.choices("visit", path)}
    assert set(offered) == {i for i, record in records.items() if world.modes("customer", actor, record)}
    for choice in offered.values():
        seen = world.seen("customer", actor, records[choice.id])
        assert choice.title == records[choice.id]["name"]
        assert all(seen[key] == value for key, value in choice.values.items())


@pytest.mark.long
@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_is_told_what_is_hidden_from_them(workspace, seed):
    world = HiddenWorld(workspace, seed)
    for actor in world.people:
        with world.world.gate() as opened:
            gate = Gate(opened.connection, opened.compiled, actor)
            for form in ("customer", "visit"):
                if not world.access(form, actor):
                    with pytest.raises(NotFound):
                        gate.page(Query(form))
                    continue
                check_rows(world, gate, actor, form)
                check_record(world, gate, actor, form)
            if world.access("visit", actor):
                check_choices(world, gate, actor)
                for _question in range(QUESTIONS):
                    check_filter(world, gate, actor)
                    check_search(world, gate, actor)
