"""Questions to the gate about a random app, each beside what the oracle says the answer must be."""

from __future__ import annotations

from dataclasses import replace

import pytest
from formloom.platform.definition.model import Sort
from formloom.platform.errors import Invalid, NotFound
from formloom.platform.records.query import Gate
from formloom.platform.records.results import Query
from formloom.platform.workflow.commands import Commands
from hidden_oracle import RANK, found_in, holds
from hidden_world import STATUSES, WORDS, HiddenWorld

TEXTS = {"customer": ("name", "secret"), "visit": ("note",)}
LINKS = {"customer": ("agent",), "visit": ("customer",)}
TARGETS = {"customer": "customer", "agent": "customer", "helper": "person"}


class Asking:
    """One person's gate, with everything that shows to them; `asked` counts the questions."""

    def __init__(self, world: HiddenWorld, gate: Gate, actor):
        self.world, self.gate, self.actor = world, gate, actor
        self.dice, self.oracle = world.dice, world.oracle

    def page(self, query: Query):
        self.world.asked += 1
        return self.gate.page(query)

    def pages(self, query: Query) -> list:
        """All rows forwards, then back again to where one came from; titles are checked on the way."""
        found, page = [], self.page(query)
        seen = [page]
        while page.next:
            page = self.page(replace(query, after=page.next))
            seen.append(page)
        for ahead, page in zip(seen[::-1], seen[-2::-1], strict=False):
            back = self.page(replace(query, before=ahead.previous))
            assert [row.id for row in back.rows] == [row.id for row in page.rows]
        for page in seen:
            found += page.rows
            assert page.titles == self.titles(row.values for row in page.rows)
        return found

    def titles(self, values) -> dict:
        linked = {(TARGETS[key], v[key]) for v in values for key in TARGETS if v.get(key) is not None}
        return {place: f"P{place[1]}" if place[0] == "person" else self.name(place[1]) for place in linked}

    def name(self, customer: int) -> str:
        """What a linked record is called; whoever sees the link sees that."""
        return self.oracle.records("customer")[customer]["name"]

    def judged(self, form: str, where) -> dict[int, dict]:
        """What shows, of the records that a filter keeps."""
        view = self.oracle.view(form, self.actor)
        return {i: v for i, v in view.items() if holds(where, self.oracle.data(form, self.actor, v, self.oracle.glimpsed))}


def condition(ask: Asking) -> tuple[dict, set[str]]:
    """A filter of visits and the names in it."""
    if ask.dice.random() < 0.4:
        (one, names), (other, more) = atom(ask), atom(ask)
        return {ask.dice.choice(["and", "and", "or"]): [one, other]}, names | more
    return atom(ask)


def atom(ask: Asking) -> tuple[dict, set[str]]:
    pick = ask.dice.choice
    word, number = pick(WORDS), ask.dice.randint(0, 5)
    line, day = pick(("what", "price", "who.name", "who.credit")), pick(("2026-01-04", "2026-03-31"))
    value = number if line in ("price", "who.credit") else word
    return pick(
        [
            ({"===": [{"var": "note"}, word]}, {"note"}),
            ({"in": [word[:2], {"var": "note"}]}, {"note"}),
            ({">": [{"var": "amount"}, number]}, {"amount"}),
            ({"in": [{"var": "amount"}, [0, number]]}, {"amount"}),
            ({"<=": [{"var": "day"}, day]}, {"day"}),
            ({"===": [{"var": "helper"}, {"var": "user.id"}]}, {"helper"}),
            ({"!": [{">": [{"var": "credit"}, number]}]}, {"credit"}),
            ({"empty": [{"var": "alias"}]}, {"alias"}),
            ({"===": [{"var": "customer"}, number + 1]}, {"customer"}),
            ({"===": [{"var": "customer.secret"}, word]}, {"customer.secret"}),
            ({"!==": [{"var": "customer.credit"}, number]}, {"customer.credit"}),
            ({"<": [{"var": "customer.credit"}, number]}, {"customer.credit"}),
            ({"===": [{"var": "customer.status"}, pick(STATUSES)]}, {"customer"}),
            ({"===": [{"var": "agent.name"}, word]}, {"agent.name"}),
            ({"===": [{"var": "customer.agent.name"}, word]}, {"customer.agent", "customer.name"}),
            ({"some": [{"var": "lines"}, {"===": [{"var": line}, value]}]}, {"lines", f"lines.{line}"}),
            ({"none": [{"var": "lines"}, {"empty": [{"var": line}]}]}, {"lines", f"lines.{line}"}),
            ({">": [{"count": [{"var": "lines"}]}, 1]}, {"lines"}),
            ({"<": [{"sum": [{"map": [{"var": "lines"}, {"var": "paid"}]}]}, number]}, {"lines", "lines.paid"}),
            ({">=": [{"var": "total"}, {"var": "double"}]}, {"total", "double"}),
        ]
    )


def known(ask: Asking, name: str) -> bool:
    """Whether a name in a filter means something to a person."""
    parts = name.split(".")
    own = ".".join(parts[:2]) if parts[0] == "lines" else parts[0]
    beyond = parts[-1] if len(parts) > own.count(".") + 1 else None
    return ask.oracle.ever("visit", ask.actor, own) and (beyond is None or ask.oracle.ever("customer", ask.actor, beyond))


def refused(ask: Asking, query: Query) -> None:
    with pytest.raises(Invalid, match="There is no field"):
        ask.page(query)


def check_rows(ask: Asking, form: str) -> None:
    """Every record with every field, in order of some of them."""
    here = ask.oracle.view(form, ask.actor)
    plain = [key for key in ask.oracle.header(form) if key != "lines"]
    named = [key for key in plain if ask.oracle.ever(form, ask.actor, key)]
    for key in set(plain) - set(named):
        refused(ask, Query(form, (key,)))
        refused(ask, Query(form, sort=(Sort(key),)))
        refused(ask, Query(form, where={"empty": [{"var": key}]}))
    sorts = [Sort(key, ask.dice.random() < 0.5) for key in ask.dice.sample([*named, "status"], ask.dice.randint(0, min(3, len(named))))]
    rows = ask.pages(Query(form, tuple(named), sort=tuple(sorts), limit=4))
    for row in rows:
        modes = ask.oracle.modes(form, ask.actor, ask.oracle.records(form)[row.id])
        assert row.values == {key: here[row.id].get(key) for key in named}
        assert row.hidden == {key for key in named if RANK[modes[key]] < 2}
        assert row.masked == {key for key in named if modes[key] == "masked"}
    order = sorted(here, reverse=sorts[-1].descending if sorts else True)
    flow = [status["key"] for status in ask.oracle.document["status_lists"][0]["statuses"]]
    for sort in reversed(sorts):
        places = {i: flow.index(row[sort.field]) if sort.field == "status" and row["status"] in flow else row.get(sort.field) for i, row in here.items()}
        order.sort(key=lambda i, places=places: smallest_first(places[i]), reverse=sort.descending)
    assert [row.id for row in rows] == order


def smallest_first(value) -> tuple:
    return (value is not None, value if value is not None else 0)


def check_filter(ask: Asking) -> None:
    where, names = condition(ask)
    if not all(known(ask, name) for name in names):
        refused(ask, Query("visit", where=where))
        return
    expected = ask.judged("visit", where).keys()
    assert {row.id for row in ask.pages(Query("visit", where=where, limit=5))} == expected, where
    ask.world.asked += 1
    assert ask.gate.count(Query("visit", where=where)).number == len(expected)


def searched(ask: Asking, form: str, search: str) -> set[int]:
    """The records of which a text that shows, or what a link that shows leads to is called, holds this."""
    found = set()
    for i, seen in ask.oracle.view(form, ask.actor).items():
        texts = [seen.get(key) for key in TEXTS[form]]
        texts += [ask.name(seen[key]) for key in LINKS[form] if seen.get(key) is not None]
        if any(found_in(search, text) for text in texts):
            found.add(i)
    return found


def term(ask: Asking) -> str:
    word = ask.dice.choice(WORDS)
    start = ask.dice.randrange(len(word))
    piece = word[start : start + ask.dice.choice((1, 2, 2, 3, 9))]
    return ask.dice.choice([piece, piece.upper(), piece.lower(), f" {piece}"]) if piece.strip() else word


def check_search(ask: Asking, form: str) -> None:
    search = term(ask)
    rows = ask.pages(Query(form, search=search, limit=5))
    assert {row.id for row in rows} == searched(ask, form, search), search
    ask.world.asked += 1
    assert ask.gate.count(Query(form, search=search)).number == len(rows)


def check_record(ask: Asking, form: str) -> None:
    record_id, record = ask.dice.choice(list(ask.oracle.records(form).items()))
    seen = ask.oracle.seen(form, ask.actor, record)
    do = Commands(ask.world.workspace, ask.actor, ask.world.document["key"])
    ask.world.asked += 4
    if seen is None:
        for asking in (ask.gate.record, ask.gate.history, do.available, lambda *place: do.preview(*place, {})):
            with pytest.raises(NotFound):
                asking(form, record_id)
        return
    modes = ask.oracle.modes(form, ask.actor, record)
    shown = ask.gate.record(form, record_id)
    assert shown.values == seen
    assert {path: shown.modes[path] for path in modes} == modes
    people = {("person", person) for person in (record["created_by"],)}
    linked = {("customer", line["who"]) for line in seen.get("lines", ()) if line.get("who")}
    assert set(shown.titles) == people | linked | set(ask.titles([seen]))
    assert do.preview(form, record_id, {}).values == seen
    for change in (change for event in ask.gate.history(form, record_id) for change in event.changes):
        path, _dot, line = change.path.partition(".")
        assert RANK[modes[path]] > 1
        assert all(RANK[modes[f"lines.{column}"]] > 1 for column in (change.new if line else ()) if column != "#")


def check_new(ask: Asking, form: str) -> None:
    modes = ask.oracle.at_new(form, ask.actor)
    ask.world.asked += 1
    if modes is None:
        with pytest.raises(NotFound):
            ask.gate.blank(form)
        return
    blank = ask.gate.blank(form)
    assert dict(blank.modes) == modes
    shows = {key for key in ask.oracle.header(form) if RANK[modes[key]] > 1}
    assert blank.values.keys() <= shows
    assert blank.values.get("note") == ("new note" if "note" in shows and form == "visit" else None)


def check_choices(ask: Asking) -> None:
    path = ask.dice.choice(("customer", "lines.who"))
    modes = [ask.oracle.mode("visit", a, path, s) for a in ask.oracle.access("visit", ask.actor) for s in ("new", *STATUSES)]
    ask.world.asked += 1
    if all(mode == "hidden" for mode in modes):
        with pytest.raises(Invalid, match="There is no field"):
            ask.gate.choices("visit", path)
        return
    records, search = ask.oracle.records("customer"), ask.dice.choice(["", term(ask)])
    told = ask.oracle.always("customer", ask.actor, "secret")
    within = {i: r for i, r in records.items() if ask.oracle.modes("customer", ask.actor, r)}
    if path == "lines.who":
        within = {i: r for i, r in within.items() if r["credit"] is None or r["credit"] >= 3}
    expected = {i for i, r in within.items() if found_in(search, r["name"]) or (told and found_in(search, r["secret"]))}
    offered = {choice.id: choice for choice in ask.gate.choices("visit", path, search)}
    assert set(offered) == expected, search
    for choice in offered.values():
        seen = ask.oracle.seen("customer", ask.actor, records[choice.id])
        assert choice.title == records[choice.id]["name"]
        assert choice.subtitle == (records[choice.id]["secret"] or "" if told else "")
        assert all(seen[key] == value for key, value in choice.values.items())
