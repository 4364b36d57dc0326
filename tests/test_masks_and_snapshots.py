"""Values that show no more than that they are there, look-ups that are taken anew, and what is open before the first save."""

from __future__ import annotations

import pytest
from every_world import app, every_world, filled, rows
from formloom.platform.definition.model import Sort
from formloom.platform.errors import Invalid
from formloom.platform.records.query import Query
from formloom.platform.workflow.commands import Loaded
from formloom.platform.workflow.soundness import check
from small_world import World


@pytest.fixture
def world(workspace):
    return every_world(workspace)


# masked


def test_a_masked_value_shows_that_it_is_there_and_no_more(world):
    saved = world.do("staff").create("every", filled(world))
    with world.gate("desk") as gate:
        record = gate.record("every", saved.id)
        page = gate.page(Query("every", ("about",), masks=("phone", "mail", "amount", "colours", "place")))
        listed, readable = gate.listed_fields("every"), gate.readable_fields("every")
    assert record.masks["phone"] == "••••••4567" and record.masks["mail"] == "••••••cy@••••••"
    assert record.masks["amount"] == record.masks["colours"] == record.masks["place"] == "••••••"
    assert "files" not in record.masks  # there is none
    assert record.masks["lines"] == [{"call": "••••••4321"}]
    assert not {"phone", "mail", "amount", "colours", "place"} & record.values.keys() and "call" not in record.values["lines"][0]
    assert page.rows[0].values == {"about": "First"} | dict.fromkeys(("phone", "mail", "amount", "colours", "place"))
    assert page.rows[0].masks["phone"] == "••••••4567"
    assert "phone" in listed and "phone" not in readable


@pytest.mark.parametrize("key", ["phone", "amount", "colours", "place"])
def test_a_masked_field_cannot_be_asked_about(world, key):
    world.do("staff").create("every", filled(world))
    asked = {"var": f"{key}.city" if key == "place" else key}
    where = {"empty": [asked]}
    with pytest.raises(Invalid):
        rows(world, "desk", where=where)
    with pytest.raises(Invalid):
        rows(world, "desk", sort=(Sort(key),))
    with pytest.raises(Invalid):
        rows(world, "desk", fields=(key,))
    with pytest.raises(Invalid):
        rows(world, "guest", masks=("nothing",))
    assert rows(world, "desk", search="Invaliden") == rows(world, "desk", search="1234567") == []


def test_a_masked_value_stays_out_of_history_and_comes_back_unchanged(world):
    saved = world.do("staff").create("every", filled(world))
    world.do("staff").edit("every", saved.id, {"phone": "110"}, {"phone": "+49 30 1234567"})
    with world.gate("desk") as gate:
        assert all(one.path not in ("phone", "amount") for event in gate.history("every", saved.id) for one in event.changes)
        record = gate.record("every", saved.id)
    line = record.values["lines"][0]
    back = {"about": "Changed", "phone": record.masks["phone"], "lines": [{"id": line["id"], "what": "Tofu", "call": "••••••4321"}]}
    base = {"about": "First", "lines": [{"id": line["id"], "what": "Tofu"}]}
    world.do("desk").edit("every", saved.id, back, base)
    seen = world.sees(saved, "staff")
    assert (seen["about"], seen["phone"], seen["lines"][0]["call"]) == ("Changed", "110", "030 7654321")
    for forged in ({"phone": "911"}, {"phone": ""}, {"phone": None}, {"lines": [{"id": line["id"], "call": "911"}]}):
        with pytest.raises(Invalid):
            world.do("desk").edit("every", saved.id, forged, dict.fromkeys(forged) | {"lines": [{"id": line["id"]}]})
    assert world.sees(saved, "staff")["phone"] == "110"


# snapshots


def test_a_snapshot_is_taken_anew_at_the_transitions_that_it_names(world):
    saved = world.do("staff").create("every", filled(world))
    other = world.sees(saved, "staff")["other"]
    world.do("staff").edit("other", other, {"tier": "platinum"}, {"tier": "gold"})
    world.do("staff").edit("every", saved.id, {"about": "Second"}, {"about": "First"})
    assert world.sees(saved, "staff")["tier"] == "gold"
    world.do("staff").perform("every", saved.id, "renew")
    assert world.sees(saved, "staff")["tier"] == "platinum"
    with world.gate("staff") as gate:
        told = {one.path: (one.old, one.new) for one in gate.history("every", saved.id)[0].changes}
    assert told == {"tier": ("gold", "platinum")}
    world.do("staff").edit("other", other, {"tier": "tin"}, {"tier": "platinum"})
    world.do("staff").perform("every", saved.id, "finish")
    assert world.sees(saved, "staff")["tier"] == "platinum"
    assert check(world.workspace) == []


# before the first save


def new_step(**cells) -> dict:
    document = app()
    staff = document["forms"][0]["access"][0]
    staff["cells"] = {"*": {"*": "edit"}, **cells}
    return document


def test_cells_before_the_first_save_are_those_of_the_step_new(workspace):
    """Open while it is made and closed at the start status, the other way round, and needed in one of them."""
    world = World(
        workspace,
        new_step(
            phone={"new": "edit", "open": "read"}, mail={"new": "read", "open": "edit"}, web={"new": "required", "open": "edit"},
            count={"new": "hidden", "open": "edit"},
        ),
    )  # fmt: skip
    staff = world.do("staff")
    with world.gate("staff") as gate:
        modes = gate.blank("every").modes
        assert [modes[key] for key in ("phone", "mail", "web", "count")] == ["edit", "read", "required", "hidden"]
    for wrong, place in (({"mail": "a@b.example"}, "mail"), ({"count": 1}, "count"), ({}, "web")):
        with pytest.raises(Invalid) as refused:
            staff.create("every", {"about": "x", **({"web": "https://a.example"} if wrong else {}), **wrong})
        assert [problem.path for problem in refused.value.problems] == [place]
    saved = staff.create("every", {"about": "x", "phone": "110", "web": "https://a.example"})
    with world.gate("staff") as gate:
        modes = gate.record("every", saved.id).modes
        assert [modes[key] for key in ("phone", "mail", "web", "count")] == ["read", "edit", "edit", "edit"]
    with pytest.raises(Invalid):
        staff.edit("every", saved.id, {"phone": "112"}, {"phone": "110"})
    staff.edit("every", saved.id, {"mail": "a@b.example", "web": None, "count": 1}, {"mail": None, "web": "https://a.example", "count": None})
    previewed = staff.preview("every", None, {"phone": "110", "mail": "a@b.example"})
    assert {problem.path for problem in previewed.problems} == {"mail", "web"}
    (loaded,) = staff.load("every", [Loaded("open", {"about": "history", "mail": "a@b.example"})])
    assert world.sees(loaded, "staff")["mail"] == "a@b.example"
