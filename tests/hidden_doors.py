"""The same records through the doors that hand them out, as sheets and in JSON, beside what the oracle says shows."""

from __future__ import annotations

import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from formloom.platform.definition.model import Sort
from formloom.platform.errors import Invalid, NotFound
from formloom.platform.field_type import DOTS
from formloom.platform.formats import formats_for
from formloom.platform.records import export
from formloom.platform.records.results import Query
from formloom.runtime import json_answers
from formloom.runtime.listing import Listing
from hidden_oracle import RANK
from hidden_questions import TARGETS, Asking, searched, term
from werkzeug.datastructures import MultiDict

LONG = 6  # of a masked text as long as this, a third is shown, four characters at most


def told(ask: Asking, form: str) -> list[str]:
    """The columns that a list may have: those that are seen, or seen to be filled, at some step."""
    steps = ("open", "done", "dropped")
    modes = {
        key: {ask.oracle.mode(form, access, key, step) for access in ask.oracle.access(form, ask.actor) for step in steps}
        for key in ask.oracle.header(form)
        if key != "lines"
    }
    return [key for key, found in modes.items() if found != {"hidden"}]


def check_sheet(ask: Asking, form: str) -> None:
    """Everything that somebody sees, as the operator's command and the pages write it."""
    search = ask.dice.choice(["", term(ask)])
    query, columns = export.query_of(ask.gate, form)
    assert set(columns) == {*told(ask, form), "status"}
    ask.world.asked += 1
    zone = ask.world.document["zone"]
    query = Query(form, query.fields, sort=(Sort("id"),), masks=query.masks, search=search)
    _labels, *rows = export.sheet(ask.gate, query, columns, formats_for("en", zone))
    view = ask.oracle.view(form, ask.actor)
    expected = sorted(searched(ask, form, search) if search else view)
    assert rows == [[cell(ask, form, i, key, ZoneInfo(zone)) for key in columns] for i in expected]


def cell(ask: Asking, form: str, record_id: int, key: str, zone: ZoneInfo) -> str:
    record = ask.oracle.records(form)[record_id]
    mode = "read" if key == "status" else ask.oracle.modes(form, ask.actor, record)[key]
    value = record[key]
    if mode == "hidden" or value is None:
        return ""
    if mode == "masked":
        return DOTS + (value[-min(4, len(value) // 3) :] if isinstance(value, str) and len(value) >= LONG else "")
    if key == "status":
        return value.title()
    if key in TARGETS:
        return f"P{value}" if TARGETS[key] == "person" else ask.name(value)
    if isinstance(value, datetime.datetime):
        local = value.replace(tzinfo=datetime.timezone.utc).astimezone(zone)
        return f"{local:%Y-%m-%d %H:%M:%S}"
    return value.isoformat() if isinstance(value, datetime.date) else str(value)


def check_json_list(ask: Asking, form: str) -> None:
    """A list in JSON, with the columns that somebody asks for, theirs or not."""
    wanted = ask.dice.sample([k for k in ask.oracle.header(form) if k != "lines"], 2)
    sort, search = ask.dice.choice(["", *wanted]), ask.dice.choice(["", term(ask)])
    asked = MultiDict({"columns": " ".join(wanted), "sort": sort, "q": search, "view": "all"})
    listing = Listing(ask.gate, form, asked, formats_for("en"))
    ask.world.asked += 1
    if sort and not ask.oracle.ever(form, ask.actor, sort):
        with pytest.raises(Invalid, match="There is no field"):
            json_answers.page(listing)
        return
    page = json_answers.page(listing).get_json()
    view = ask.oracle.view(form, ask.actor)
    expected = searched(ask, form, search.strip()) if search.strip() else set(view)
    assert {row["id"] for row in page["rows"]} == expected
    assert page["count"] == {"number": len(expected), "exact": True}
    chosen = [key for key in wanted if key in told(ask, form)]
    for row in page["rows"]:
        if chosen:
            assert row["values"] == {key: plain(view[row["id"]][key]) for key in chosen if key in view[row["id"]]}
        assert row["values"].keys() <= view[row["id"]].keys()
    values = [{key: row["values"].get(key) for key in TARGETS} for row in page["rows"]]
    assert page["titles"] == by_target(ask.titles(values))


def check_json_record(ask: Asking, form: str) -> None:
    record_id, record = ask.dice.choice(list(ask.oracle.records(form).items()))
    seen = ask.oracle.seen(form, ask.actor, record)
    ask.world.asked += 1
    if seen is None:
        with pytest.raises(NotFound):
            json_answers.record(ask.gate, form, record_id)
        return
    answer = json_answers.record(ask.gate, form, record_id).get_json()
    modes = ask.oracle.modes(form, ask.actor, record)
    assert answer["values"] == {key: plain(value) for key, value in seen.items()}
    assert {path: mode for path, mode in answer["modes"].items() if path in modes} == {
        path: mode for path, mode in modes.items() if RANK[mode] > 0
    }
    assert (answer["id"], answer["status"], answer["created_by"]) == (record_id, record["status"], record["created_by"])
    linked = {("customer", line["who"]): ask.name(line["who"]) for line in seen.get("lines", ()) if line.get("who")}
    author = {("person", record["created_by"]): f"P{record['created_by']}"}
    assert answer["titles"] == by_target(ask.titles([seen]) | linked | author)


def by_target(titles: dict) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for (target, number), title in titles.items():
        found.setdefault(target, {})[str(number)] = title
    return found


def plain(value):
    """A value as JSON holds it."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime.datetime):
        return f"{value.isoformat()}Z"
    if isinstance(value, datetime.date):
        return value.isoformat()
    return [{key: plain(part) for key, part in line.items()} for line in value] if isinstance(value, list) else value
