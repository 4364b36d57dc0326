"""Records with a field of every type: kept, filtered, masked, looked up and told in history, on both databases."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace

import pytest
from every_field import PDF
from every_world import ADDRESS, SHENZHEN, every_world, filled, rows
from formloom.platform.access.members import add_member
from formloom.platform.definition.model import Sort
from formloom.platform.errors import Invalid
from formloom.platform.formats import utc_now
from formloom.platform.records.attachments import Bounds, keep
from formloom.platform.records.draft import Draft, Surroundings, rule_data
from formloom.platform.records.links import load_links, needs_of
from formloom.platform.records.query import Gate, Query
from formloom.platform.rules.evaluate import compile_rule
from formloom.platform.workflow.samples import play
from formloom.platform.workflow.soundness import check


@pytest.fixture
def world(workspace):
    return every_world(workspace)


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


def test_samples_name_departments_and_records_by_their_keys(world):
    samples = {
        "departments": [{"key": "asia", "name": "Asia"}],
        "records": [
            {"key": "ernst", "form": "other", "by": "ann", "at": -2, "values": {"name": "Ernst", "tags": ["red"]}},
            {
                "key": "first", "form": "every", "by": "ann", "at": -1,
                "values": {"about": "x", "team": "asia", "other": "ernst", "day": -3, "opens": "08:00", "place": {"city": "Graz"}},
            },
        ],
    }  # fmt: skip
    with world.workspace.writing() as connection:
        ann = add_member(connection, "Ann", "", {world.key: ["staff"]})
    assert play(world.workspace, world.key, {"ann": ann}, samples) == 2
    (row,) = rows(world, fields=("team", "other", "opens", "place"))
    assert (row.values["team"], row.values["opens"], row.values["place"]) == (world.asia, "08:00", {"city": "Graz"})


# files


def uploaded(world, name: str = "a.pdf", by: int = 1) -> str:
    with world.gate("staff", id=by) as gate:
        form = gate.compiled.form("every")
    return keep(world.workspace, form, "files", name, io.BytesIO(PDF), world.actor("staff", id=by), utc_now(), Bounds(1000))


def test_a_file_goes_into_one_record_once(world):
    reference = uploaded(world)
    first = world.do("staff").create("every", {"about": "x", "files": [reference]})
    second = world.do("staff").create("every", {"about": "y"})
    for change in ([reference], [uploaded(world, by=2)], ["99/a.pdf"]):
        with pytest.raises(Invalid) as refused:
            world.do("staff").edit("every", second.id, {"files": change}, {"files": None})
        assert [problem.path for problem in refused.value.problems] == ["files"]
    with world.gate("staff") as gate:
        (event,) = gate.history("every", first.id)
    assert ("files", [reference]) in [(one.path, one.new) for one in event.changes]
    assert check(world.workspace) == []


def test_two_who_put_one_upload_into_two_records_at_once(world):
    reference = uploaded(world)
    ids = [world.do("staff").create("every", {"about": str(n)}).id for n in range(4)]

    def put(number: int) -> bool:
        try:
            world.do("staff").edit("every", number, {"files": [reference]}, {"files": None})
        except Invalid:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(put, ids)) == [False, False, False, True]
    assert [world.sees(one, "staff")["files"] for one in (SimpleNamespace(form="every", id=number) for number in ids)].count((reference,)) == 1
