"""Search by pairs of characters: what is found, and that the index follows every change."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from formloom.platform.bigrams import MOST_PAIRS, fold, needle, pairs
from formloom.platform.definition.schema import load
from formloom.platform.records.compiled import Compiled, open_app
from formloom.platform.records.query import Gate
from formloom.platform.records.results import Query
from formloom.platform.workflow.commands import Loaded
from formloom.platform.workflow.filling import Filling, fill_missing, refill
from formloom.platform.workflow.soundness import check
from small_app import field, form_of, small_app
from small_world import World
from visits import STAFF, Visits


@pytest.fixture
def world(workspace):
    return World(workspace, small_app())


def visits(world, *texts: str) -> list:
    return world.engine.load("visit", [Loaded("open", {"about": text}) for text in texts])


def found(world, search: str, form: str = "visit") -> list[str]:
    with world.gate("staff") as gate:
        page = gate.page(Query(form, ("about" if form == "visit" else "name",), search=search))
        assert gate.count(Query(form, search=search)).number == len(page.rows)
    return [next(iter(row.values.values())) for row in page.rows][::-1]


TEXTS = ("Ernst Handel", "张三商贸", "Straße ７", "O'Hara & Sons 100%", "a_b", "ＡＢＣ 上海", "İstanbul", "ﬁr\u00a0tree", '"quoted" -- OR')
FOUND = {
    "handel": ["Ernst Handel"],
    "ernst  HANDEL": ["Ernst Handel"],
    "st ha": ["Ernst Handel"],
    "handel ernst": [],
    "张三": ["张三商贸"],
    "三商": ["张三商贸"],
    "商": ["张三商贸"],
    "张商": [],
    "strasse": ["Straße ７"],
    "STRASSE 7": ["Straße ７"],
    "7": ["Straße ７"],
    "o'h": ["O'Hara & Sons 100%"],
    "100%": ["O'Hara & Sons 100%"],
    "%": [],
    "_": [],
    "a_b": ["a_b"],
    "a": ["a_b", "ＡＢＣ 上海"],
    "abc上": [],
    "ａｂｃ 上": ["ＡＢＣ 上海"],
    "上": ["ＡＢＣ 上海"],
    "fir tree": ["ﬁr\u00a0tree"],
    '"': ['"quoted" -- OR'],
    '" --': ['"quoted" -- OR'],
    "OR": ['"quoted" -- OR'],
    "n": [],
    "istanbul": [],
    "i̇stan": ["İstanbul"],
    "x" * 5000: [],
    "\ue027": list(TEXTS),
}


def test_what_is_found(world):
    visits(world, *TEXTS)
    assert {search: found(world, search) for search in FOUND} == FOUND


def test_nothing_but_spaces_is_no_search(world):
    visits(world, *TEXTS)
    assert len(found(world, " \t\u3000")) == len(TEXTS)


def test_what_has_all_the_pairs_is_compared_in_full(world):
    visits(world, "abcab", "bcabc", "ab bc ca")
    assert found(world, "abcab") == ["abcab"]
    assert found(world, "bca") == ["abcab", "bcabc"]


def test_long_needles_are_cut_into_few_pairs():
    assert len(needle("the quick brown fox jumps over the lazy dog").pairs) <= MOST_PAIRS
    assert set(needle("Ernst").pairs) <= pairs(fold("ernst handel"))
    assert needle("张").pairs == ("张",)


def test_the_index_follows_every_change(world):
    (made,) = visits(world, "Roof")
    world.engine.edit("visit", made.id, {"about": "Door"}, {"about": "Roof"})
    assert (found(world, "roof"), found(world, "door")) == ([], ["Door"])
    world.engine.edit("visit", made.id, {"about": None}, {"about": "Door"})
    assert found(world, "door") == []
    other = world.engine.create("visit", {"about": "Window"})
    world.engine.delete("visit", other.id)
    assert found(world, "window") == []
    world.engine.restore("visit", other.id)
    assert found(world, "window") == ["Window"]
    assert check(world.workspace) == []


def test_a_change_that_is_refused_leaves_the_index_as_it_was(world):
    (made,) = visits(world, "Roof")
    with pytest.raises(Exception, match="changed by somebody else"):
        world.engine.edit("visit", made.id, {"about": "Door"}, {"about": "Wall"})
    assert (found(world, "roof"), found(world, "door")) == (["Roof"], [])


def test_titles_of_links_are_searched_whoever_may_open_them(world):
    zhang = world.engine.create("customer", {"name": "张三商贸"})
    world.engine.create("visit", {"about": "Roof", "customer": zhang.id})
    assert found(world, "三商") == ["Roof"]
    world.engine.edit("customer", zhang.id, {"name": "李四"}, {"name": "张三商贸"})
    assert (found(world, "三商"), found(world, "李四")) == ([], ["Roof"])


def test_a_publish_indexes_what_becomes_the_title(workspace):
    """A number is searched as soon as it names the records, for those that there are and those changed meanwhile."""
    running = Visits(workspace)
    running.publishes(running.with_fields(field("code", "number")))
    made = [running.create(code="1234.5") for _ in range(2)]
    document = running.draft()
    form_of(document, "visit")["title"] = "code"
    running.becomes(document)
    app = load(running.draft())
    filling = Filling(workspace, Compiled(app, 0))
    filling.run()
    running.do.edit("visit", made[0].id, {"about": "Late"}, {"about": "Tea"})
    assert _found(running, "1234") == []
    running.publishes()
    assert [row.id for row in _found(running, "34.5")] == [made[1].id, made[0].id]
    assert check(workspace) == []


def _found(running, search: str) -> list:
    with running.workspace.reading() as connection:
        return Gate(connection, open_app(running.workspace, connection, "visits"), STAFF).page(Query("visit", search=search)).rows


def test_an_index_that_is_wrong_is_named_and_made_anew(world):
    visits(world, "Roof", "Door")
    with world.workspace.writing() as connection:
        connection.execute(sa.text("DELETE FROM visits__visit__search WHERE rowid = 1"))
    assert [line for line in check(world.workspace) if "visits/visit/1" in line and "indexed" in line]
    assert found(world, "roof") == []
    assert refill(world.workspace) == ["visits"]
    assert (found(world, "roof"), check(world.workspace)) == (["Roof"], [])


def test_what_an_older_release_left_without_an_index_gets_one(world):
    visits(world, "Roof")
    with world.workspace.writing() as connection:
        connection.execute(sa.text("DROP TABLE visits__visit__search"))
        connection.execute(sa.text("DELETE FROM search_index"))
    fill_missing(world.workspace)
    assert found(world, "roof") == ["Roof"]
    assert check(world.workspace) == []


def test_choices_are_found_by_pairs_too(world):
    world.engine.load("customer", [Loaded("saved", {"name": name}) for name in ("张三商贸", "Ernst Handel")])
    with world.gate("staff") as gate:
        for search, names in {"三商": ["张三商贸"], "HANDEL": ["Ernst Handel"], "x": [], "": ["Ernst Handel", "张三商贸"]}.items():
            assert [choice.title for choice in gate.choices("visit", "customer", search)] == names


def test_the_number_of_statements_depends_on_nothing(world):
    visits(world, *(f"Roof {n}" for n in range(30)))
    with world.gate("staff") as gate:
        asked: list[str] = []
        sa.event.listen(gate.connection.engine, "before_cursor_execute", lambda _c, _cu, s, *_rest: asked.append(s))
        gate.page(Query("visit", ("about", "customer"), search="roof 1"))
    assert len([statement for statement in asked if "visits__visit" in statement]) == 1
