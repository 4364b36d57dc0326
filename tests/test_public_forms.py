"""A form that strangers fill in by a link: what it takes, how much, and that it shows nothing."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from formloom.platform.access import links
from formloom.platform.access.accounts import now
from formloom.platform.definition.checks import problems
from formloom.platform.definition.edits import edited
from formloom.platform.definition.findings import BLOCK
from formloom.platform.definition.schema import load
from formloom.platform.definition.sharing import PublicForm
from formloom.platform.errors import FormloomError, Invalid, LinkFull, NotFound
from formloom.platform.records.compiled import open_app
from formloom.platform.records.query import Gate
from formloom.platform.records.results import Query
from formloom.platform.workflow.commands import Commands
from formloom.platform.workflow.soundness import check
from processes import together
from shared_visits import public_app
from small_app import field, form_of
from small_world import World


@pytest.fixture
def world(workspace) -> World:
    return World(workspace, public_app())


def opens(world: World, form: str = "visit"):
    """The principal of a new link to the form."""
    with world.workspace.writing() as connection:
        token = links.make_link(connection, world.key, form, None, "Website", 1, 30)
    with world.workspace.reading() as connection:
        return links.actor_of(links.find_link(connection, token), "en")


def by(world: World, actor) -> Commands:
    return Commands(world.workspace, actor, world.key)


def test_a_link_makes_a_record_of_what_it_asks_for(world):
    lines = [{"what": "Mowing", "hours": "2"}]
    saved = by(world, opens(world)).create("visit", {"about": "Garden", "lines": lines}, key="k")
    seen = world.sees(saved, "staff")
    assert (seen["about"], seen["lines"][0]["what"], seen["note"], seen["taken_by"]) == ("Garden", "Mowing", None, None)
    with world.gate("staff") as gate:
        record = gate.record("visit", saved.id)
        [created] = gate.history("visit", saved.id)
        page = gate.page(Query("visit", ("about",)))
    assert record.titles["person", record.created_by] == "link “Website”"
    assert (created.actor_id, page.rows[0].created_by) == (-1, -1)
    assert check(world.workspace) == []


REFUSED = {
    "a field that is not asked for": {"about": "x", "note": "y"},
    "a field that is worked out": {"about": "x", "total": "1"},
    "a column that is not asked for": {"about": "x", "lines": [{"what": "a", "rate": "1"}]},
    "a status": {"about": "x", "status": "done"},
    "an owner": {"about": "x", "created_by": 1},
    "nothing where something is needed": {"about": None},
    "less than is needed": {"day": "2026-11-02"},
    "what is no date": {"about": "x", "day": "someday"},
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_link_is_refused(world, what):
    do = by(world, opens(world))
    with pytest.raises(Invalid):
        do.create("visit", REFUSED[what])
    with world.workspace.reading() as connection:
        assert connection.scalar(sa.select(links.shared_link.c.made)) == 0


def test_a_link_reads_nothing_not_even_what_it_made(world):
    actor = opens(world)
    saved = by(world, actor).create("visit", {"about": "Garden"})
    for attempt in (
        lambda do: do.edit("visit", saved.id, {"about": "Park"}, {"about": "Garden"}),
        lambda do: do.perform("visit", saved.id, "finish"),
        lambda do: do.delete("visit", saved.id),
        lambda do: do.create("customer", {"name": "Mine"}),
    ):
        with pytest.raises(FormloomError):
            attempt(by(world, actor))
    with world.workspace.reading() as connection:
        gate = Gate(connection, open_app(world.workspace, connection, world.key), actor)
        assert gate.count(Query("visit", ())).number == 0
        for read in (lambda: gate.record("visit", saved.id), lambda: gate.history("visit", saved.id)):
            with pytest.raises(NotFound):
                read()
        for path in ("customer", "taken_by"):
            with pytest.raises((Invalid, NotFound)):
                gate.choices("visit", path)


def test_one_request_sent_twice_is_one_record(world):
    do = by(world, opens(world))
    assert do.create("visit", {"about": "Garden"}, key="k") == do.create("visit", {"about": "Garden"}, key="k")
    other = by(world, opens(world)).create("visit", {"about": "Garden"}, key="k")
    assert other.id == 2


def test_a_link_takes_so_many_a_day_and_in_all(world):
    actor, today = opens(world), now()
    for day, room in ((0, 3), (1, 2)):
        do = Commands(world.workspace, actor, world.key, now=today + timedelta(days=day))
        for _turn in range(room):
            do.create("visit", {"about": "Garden"})
        with pytest.raises(LinkFull):
            do.create("visit", {"about": "Garden"})
    with pytest.raises(LinkFull):
        Commands(world.workspace, actor, world.key, now=today + timedelta(days=2)).create("visit", {"about": "x"})
    by(world, opens(world)).create("visit", {"about": "another link has limits of its own"})


def test_a_link_that_ended_meanwhile_makes_nothing(world):
    revoked, expired = opens(world), opens(world)
    with world.workspace.writing() as connection:
        links.revoke_link(connection, world.key, "visit", None, 1, 1)
        connection.execute(sa.update(links.shared_link).where(links.shared_link.c.id == 2).values(expires_at=now()))
    for actor in (revoked, expired):
        with pytest.raises(NotFound):
            by(world, actor).create("visit", {"about": "Garden"})
    assert world.engine.create("visit", {"about": "first", "note": "n"}).id == 1


def test_four_processes_at_once_keep_to_the_limit(config, world):
    opens(world)
    told = together(config, "fills_in", 4, 3)
    assert Counter(outcome for outcomes in told for outcome in outcomes) == {"made": 3, "full": 9}
    with world.workspace.reading() as connection:
        assert connection.execute(sa.select(links.shared_link.c.made, links.shared_link.c.made_that_day)).one() == (3, 3)
    assert check(world.workspace) == []


def test_room_is_told_as_it_is_counted():
    row = type("Row", (), {"day": date(2026, 11, 2), "made_that_day": 3, "made": 4})
    most = PublicForm(a_day=3, in_all=5)
    assert not links.has_room(row, most, date(2026, 11, 2))
    assert links.has_room(row, most, date(2026, 11, 3))
    assert not links.has_room(row, PublicForm(in_all=4), date(2026, 11, 3))


# the definition


def test_what_strangers_are_asked_for_is_checked():
    def found(**public) -> list[str]:
        document = public_app()
        form_of(document, "visit")["fields"] += [field("paper", "file")]
        form_of(document, "visit")["public"] |= public
        return [one.path.rpartition(".public.")[2] for one in problems(load(document)) if ".public." in one.path and one.severity == BLOCK]

    assert found() == []
    for path in ("customer", "taken_by", "total", "lines.cost", "paper"):
        assert found(fields=["about", path]) == ["fields"], path
    assert found(fields=[], required=[]) == ["fields"]
    assert found(required=["day", "note"]) == ["required"]
    assert found(roles=["boss"]) == ["roles"]
    for wrong in ({"a_day": 0}, {"in_all": -1}, {"days": "x"}):
        with pytest.raises(Invalid):
            found(**wrong)


def test_what_strangers_are_asked_for_follows_names_and_goes_with_its_fields():
    document = edited(public_app(), "change_key", {"path": "forms[visit].fields[about]", "key": "subject"})
    assert form_of(document, "visit")["public"]["required"] == ["subject"]
    document = edited(document, "remove_field", {"form": "visit", "field": "subject"})
    public = form_of(document, "visit")["public"]
    assert (public["fields"], public["required"]) == (["day", "lines.what", "lines.hours"], [])
