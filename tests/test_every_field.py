"""Records with a field of every type: kept, filtered, masked, looked up and told in history, on both databases."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from every_field import APP
from formloom.platform.access.members import add_department
from formloom.platform.definition.model import Sort
from formloom.platform.errors import Invalid
from formloom.platform.records.draft import Draft, Surroundings, rule_data
from formloom.platform.records.links import load_links, needs_of
from formloom.platform.records.query import Gate, Query
from formloom.platform.rules.evaluate import compile_rule
from formloom.platform.workflow.commands import Loaded
from formloom.platform.workflow.soundness import check
from small_world import World

ADDRESS = {"country": "Germany", "city": "Berlin", "postcode": "10115", "street": "Invalidenstraße 116"}
SHENZHEN = {"country": "中国", "region": "广东省", "city": "深圳市", "street": "科技园路1号"}


def app() -> dict:
    return json.loads(json.dumps(APP))


@pytest.fixture
def world(workspace):
    found = World(workspace, app())
    with workspace.writing() as connection:
        found.sales = add_department(connection, "Sales")
        found.asia = add_department(connection, "Asia", found.sales)
    return found


def filled(world, **values) -> dict:
    other = world.do("staff").create("other", {"name": "Ernst", "tier": "gold", "tags": ["red"], "site": ADDRESS})
    return {
        "about": "First", "opens": "9:30", "colours": ["blue", "red"], "team": world.asia, "other": other.id, "stars": 4,
        "phone": "+49 30 1234567", "mail": "nancy@northwind.example", "web": "https://example.com/a", "place": ADDRESS,
        "amount": "1234.50", "count": 3,
        "lines": [{"what": "Tofu", "stars": 5, "when": "07:05", "tags": ["plain"], "team": world.sales, "call": "030 7654321"}],
    } | values  # fmt: skip


def rows(world, *roles, where=True, fields=("about",), **more) -> list:
    with world.gate(*roles) as gate:
        return gate.page(Query("every", fields, where=where, **more)).rows


def test_a_record_of_every_type_is_kept_as_it_was_given(world):
    saved = world.do("staff").create("every", filled(world))
    seen = world.sees(saved, "staff")
    assert seen["opens"] == "09:30" and seen["colours"] == ("red", "blue") and seen["stars"] == 4
    assert seen["place"] == ADDRESS and seen["team"] == world.asia and seen["tier"] == "gold"
    assert seen["lines"][0]["tags"] == ("plain",) and seen["lines"][0]["when"] == "07:05"
    assert "head" not in seen
    with world.gate("staff") as gate:
        record = gate.record("every", saved.id)
        assert record.titles["@department", world.asia] == "Asia" and record.titles["@department", world.sales] == "Sales"
        assert [choice.title for choice in gate.choices("every", "team")] == ["Asia", "Sales"]
        assert [choice.subtitle for choice in gate.choices("every", "lines.team", "asia")] == ["Sales"]
    assert check(world.workspace) == []


def test_an_edit_of_every_type_starts_from_what_stands_there(world):
    saved = world.do("staff").create("every", filled(world))
    before = {"colours": ["red", "blue"], "place": ADDRESS, "opens": "09:30", "team": world.asia, "stars": 4}
    change = {"colours": ["plain"], "place": {"city": "Graz"}, "opens": None, "team": None, "stars": "2"}
    world.do("staff").edit("every", saved.id, change, before)
    seen = world.sees(saved, "staff")
    assert (seen["colours"], seen["place"], seen["opens"], seen["team"], seen["stars"]) == (("plain",), {"city": "Graz"}, None, None, 2)
    with world.gate("staff") as gate:
        told = {one.path: (one.old, one.new) for one in gate.history("every", saved.id)[0].changes}
    assert told["colours"] == (["red", "blue"], ["plain"])
    assert told["place"] == (ADDRESS, {"city": "Graz"})
    assert check(world.workspace) == []


RULES = (
    {"in": ["red", {"var": "colours"}]},
    {"in": ["plain", {"var": "colours"}]},
    {"some": [{"var": "colours"}, {"in": [{"var": ""}, ["blue", "plain"]]}]},
    {"all": [{"var": "colours"}, {"in": [{"var": ""}, ["blue", "plain"]]}]},
    {"none": [{"var": "colours"}, {"===": [{"var": ""}, "red"]}]},
    {">": [{"count": [{"var": "colours"}]}, 1]},
    {"empty": [{"var": "colours"}]},
    {"in": ["red", {"var": "other.tags"}]},
    {"===": [{"var": "other.site.city"}, "Berlin"]},
    {"some": [{"var": "lines"}, {"in": ["plain", {"var": "tags"}]}]},
    {"some": [{"var": "lines"}, {"<": [{"var": "when"}, "08:00"]}]},
    {"some": [{"var": "lines"}, {"!==": [{"var": "team"}, None]}]},
    {"===": [{"var": "place.city"}, "Berlin"]},
    {"empty": [{"var": "place.region"}]},
    {"in": ["深圳", {"var": "place.city"}]},
    {"<": [{"var": "opens"}, "10:00"]},
    {"<": ["09:00", {"var": "opens"}, "23:00"]},
    {"===": [{"var": "team"}, {"var": "user.department"}]},
    {"===": [{"var": "team"}, None]},
    {">=": [{"var": "stars"}, 4]},
    {"ends_with": [{"var": "mail"}, "northwind.example"]},
    {"empty": [{"var": "files"}]},
    {"===": [{"var": "id"}, 2]},
)


def answers(world, actor, rule, ids) -> set[int]:
    """The records for which a rule holds, worked out in Python."""
    with world.gate() as gate:
        form, linked = gate.compiled.form("every"), {}
        records = [gate.record("every", number) for number in ids]
        drafts = [Draft(form, dict(record.values), id=record.id, status=record.status) for record in records]
        load_links(gate.connection, gate.compiled, drafts, needs_of(form, [(rule, form.scope, "")]), linked)
        closure, around = compile_rule(rule, form.scope), Surroundings(actor, form.app, gate.now)
        return {draft.id for draft in drafts if closure(rule_data(draft, linked, around)) is True}


def test_rules_mean_the_same_in_python_and_in_the_database(world):
    """Over records that differ in everything that the rules ask about, one of them nearly empty."""
    cases = (
        {},
        {"colours": ["plain"], "place": SHENZHEN, "opens": "10:00", "team": world.sales, "stars": 3, "mail": "a@b.example"},
        {"colours": ["red"], "place": None, "opens": "23:59", "lines": [{"what": "x", "when": "23:00", "team": world.asia}]},
        {"colours": [], "opens": None, "team": None, "stars": None, "mail": None, "other": None, "lines": []},
    )
    ids = [world.do("staff").create("every", filled(world, **case)).id for case in cases]
    actor = replace(world.actor("staff"), department=world.sales)
    for rule in RULES:
        with world.gate() as gate:
            found = Gate(gate.connection, gate.compiled, actor).page(Query("every", ("about",), where=rule)).rows
        wanted = answers(world, actor, rule, ids)
        assert {row.id for row in found} == wanted, rule
        assert wanted, rule


def test_lists_page_through_fields_of_several_parts(world):
    for number in range(7):
        world.do("staff").create("every", filled(world, about=f"n{number}", colours=["red", "blue", "plain"][: number % 4]))
    for key in ("colours", "place", "opens", "team", "stars"):
        seen, after = [], None
        while True:
            with world.gate("staff") as gate:
                page = gate.page(Query("every", ("about",), sort=(Sort(key),), limit=2, after=after))
            seen += [row.id for row in page.rows]
            after = page.next
            if after is None:
                break
        assert len(seen) == len(set(seen)) == 7


def test_addresses_are_found_by_what_stands_in_them(world):
    saved = world.do("staff").create("every", filled(world, place=SHENZHEN))
    assert [row.id for row in rows(world, "staff", search="科技园")] == [saved.id]
    assert rows(world, "staff", search="street") == []


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ({"team": 99}, "team"),
        ({"lines": [{"team": 99}]}, "lines.0.team"),
        ({"colours": ["green"]}, "colours"),
        ({"place": {"city": "x" * 300}}, "place.city"),
        ({"place": {"planet": "Earth"}}, "place.planet"),
        ({"head": "x"}, "head"),
        ({"files": ["1/x.pdf"]}, "files"),
        ({"lines": [{"photo": ["1/x.png"]}]}, "lines.0.photo"),
        ({"web": "javascript:alert(1)"}, "web"),
        ({"opens": "25:00"}, "opens"),
        ({"stars": 6}, "stars"),
    ],
)
def test_what_cannot_be_is_refused_by_its_place(world, values, place):
    with pytest.raises(Invalid) as refused:
        world.do("staff").create("every", {"about": "x", **values})
    assert [problem.path for problem in refused.value.problems] == [place]


# masked


def test_a_masked_value_shows_that_it_is_there_and_no_more(world):
    saved = world.do("staff").create("every", filled(world))
    with world.gate("desk") as gate:
        record = gate.record("every", saved.id)
        page = gate.page(Query("every", ("about", "phone", "mail", "amount", "colours", "place")))
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
