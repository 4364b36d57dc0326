"""A link to a record: what it opens, what it does not, and when it ends."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from formloom.platform.access import links
from formloom.platform.access.accounts import now
from formloom.platform.definition.checks import problems
from formloom.platform.definition.edits import edited
from formloom.platform.definition.findings import BLOCK
from formloom.platform.definition.schema import load
from formloom.platform.errors import FormloomError, Invalid, NotFound, Refused
from formloom.platform.records.compiled import open_app
from formloom.platform.records.query import Gate
from formloom.platform.records.results import Group, Measure, Query, Sort, Summary
from formloom.platform.workflow.commands import Commands
from shared_visits import TRACKING, tracked_app, visit
from small_app import form_of, small_app
from small_world import World


@pytest.fixture
def world(workspace) -> World:
    return World(workspace, tracked_app())


@contextmanager
def through(world: World, record, form: str = "visit"):
    """The gate of a new link to a record."""
    with world.workspace.writing() as connection:
        token = links.make_link(connection, world.key, form, record.id, "Zhang", 1, 30)
    with world.workspace.reading() as connection:
        actor = links.actor_of(links.find_link(connection, token), "en")
        yield Gate(connection, open_app(world.workspace, connection, world.key), actor)


def test_a_link_reads_the_chosen_fields_of_its_record(world):
    record = visit(world)
    with through(world, record) as gate:
        seen = gate.record("visit", record.id)
        assert seen.values["about"] == "Garden"
        assert [line.keys() - {"id", "status"} for line in seen.values["lines"]] == [{"what", "hours"}, {"what", "hours"}]
        assert seen.values.keys() == {"about", "lines"}
        assert set(seen.titles) <= {("person", 1)}


def test_another_record_or_form_does_not_exist_for_a_link(world):
    mine, other = visit(world), visit(world, "Roof")
    with through(world, mine) as gate:
        for form, record_id in (("visit", other.id), ("customer", mine.id), ("visit", 99), ("nowhere", 1)):
            with pytest.raises(NotFound):
                gate.record(form, record_id)
            with pytest.raises(NotFound):
                gate.history(form, record_id)
        assert [form.key for form in gate.forms()] == ["visit"]
        assert [row.id for row in gate.page(Query("visit", ("about",))).rows] == [mine.id]
        assert gate.count(Query("visit", ("about",))).number == 1


QUESTIONS = {
    "shown": lambda gate: gate.page(Query("visit", ("total",))),
    "filtered": lambda gate: gate.page(Query("visit", ("about",), where={">": [{"var": "total"}, 1]})),
    "filtered past a link": lambda gate: gate.page(Query("visit", ("about",), where={"===": [{"var": "customer.tier"}, "gold"]})),
    "filtered in lines": lambda gate: gate.page(Query("visit", ("about",), where={"some": [{"var": "lines"}, {">": [{"var": "rate"}, 1]}]})),
    "sorted": lambda gate: gate.page(Query("visit", ("about",), sort=(Sort("total"),))),
    "grouped": lambda gate: gate.summary(Summary("visit", groups=(Group("day"),))),
    "measured": lambda gate: gate.summary(Summary("visit", measures=(Measure("sum", "total"),))),
    "chosen from": lambda gate: gate.choices("visit", "customer"),
    "made": lambda gate: gate.blank("visit"),
}  # fmt: skip


@pytest.mark.parametrize("door", QUESTIONS)
def test_a_hidden_field_is_unknown_at_every_door(world, door):
    with through(world, visit(world)) as gate, pytest.raises((Invalid, NotFound)):
        QUESTIONS[door](gate)


def test_history_tells_a_link_of_the_chosen_fields_alone(world):
    record = visit(world)
    world.do("staff").edit("visit", record.id, {"about": "Park", "day": "2026-11-03"}, {"about": "Garden", "day": "2026-11-02"})
    with through(world, record) as gate:
        told = {change.path for event in gate.history("visit", record.id) for change in event.changes}
    assert {path.partition(".")[0] for path in told} == {"about", "lines"}


def test_a_link_changes_nothing(world):
    record = visit(world)
    with world.workspace.writing() as connection:
        token = links.make_link(connection, world.key, "visit", record.id, "Zhang", 1, 30)
    with world.workspace.reading() as connection:
        actor = links.actor_of(links.find_link(connection, token), "en")
    do = Commands(world.workspace, actor, world.key)
    for attempt in (
        lambda: do.create("visit", {"about": "Mine"}),
        lambda: do.edit("visit", record.id, {"about": "Mine"}, {"about": "Garden"}),
        lambda: do.edit("visit", record.id, {"total": "1"}, {}),
        lambda: do.perform("visit", record.id, "finish"),
        lambda: do.withdraw("visit", record.id, "finish"),
        lambda: do.delete("visit", record.id),
        lambda: do.restore("visit", record.id),
        lambda: do.unload("visit", record.id),
        lambda: do.erase("visit", record.id, ["about"]),
    ):
        with pytest.raises(FormloomError):
            attempt()
    with pytest.raises(Refused):
        do.perform("visit", record.id, "finish")
    assert world.sees(record, "staff")["about"] == "Garden"
    assert all(not option.allowed for option in do.available("visit", record.id))


def test_a_record_that_nobody_made_is_not_the_links_own(workspace):
    """Neither has a member's id, which must not make the link its creator."""
    document = tracked_app()
    for transition in form_of(document, "visit")["transitions"]:
        transition["who"] = {"creator": True, "head": True}
    world = World(workspace, document)
    record = world.engine.create("visit", {"about": "By itself"})
    with world.workspace.writing() as connection:
        token = links.make_link(connection, world.key, "visit", record.id, "Zhang", 1, 30)
    with world.workspace.reading() as connection:
        actor = links.actor_of(links.find_link(connection, token), "en")
    with pytest.raises(Refused):
        Commands(world.workspace, actor, world.key).perform("visit", record.id, "finish")


def test_unknown_expired_and_revoked_links_are_all_not_found(world):
    record = visit(world)
    with world.workspace.writing() as connection:
        expired, revoked = (links.make_link(connection, world.key, "visit", record.id, "Zhang", 1, 30) for _ in range(2))
        mine = sa.update(links.shared_link)
        connection.execute(mine.where(links.shared_link.c.id == 1).values(expires_at=now()))
        with pytest.raises(NotFound):
            links.revoke_link(connection, world.key, "visit", record.id + 1, 2, 1)
        links.revoke_link(connection, world.key, "visit", record.id, 2, 1)
    with world.workspace.reading() as connection:
        for token in (expired, revoked, "", "x" * 32, expired[:-1]):
            with pytest.raises(NotFound):
                links.find_link(connection, token)
        kept = connection.execute(sa.select(links.shared_link.c.token)).scalars().all()
    assert all(expired.encode() not in token and len(token) == 32 for token in kept)
    assert len(expired) >= 22  # more than 128 bits, six to a character


def test_what_is_no_longer_tracked_is_not_opened(world):
    record = visit(world)
    with through(world, record) as gate:
        actor = gate.actor
    document = tracked_app()
    del form_of(document, "visit")["tracking"]
    load(document)
    again = load(document).form_by_key["visit"]
    assert again.tracking is None
    with world.workspace.reading() as connection:
        compiled = open_app(world.workspace, connection, world.key)
        held = compiled.form("visit").link_grants
        compiled.form("visit").link_grants = {}
        with pytest.raises(NotFound):
            Gate(connection, compiled, actor).record("visit", record.id)
        compiled.form("visit").link_grants = held


# the definition


def test_what_a_link_shows_is_checked():
    def found(**tracking) -> list[tuple[str, str]]:
        document = small_app()
        form_of(document, "visit")["tracking"] = TRACKING | tracking
        return [(one.path.rpartition(".tracking.")[2], one.severity) for one in problems(load(document)) if ".tracking." in one.path]

    assert found() == []
    assert found(fields=["nothing"]) == [("fields", BLOCK)]
    assert found(fields=["lines"]) == [("fields", BLOCK)]
    assert found(roles=["boss"]) == [("roles", BLOCK), ("fields", "warn")]
    assert found(roles=[]) == [("roles", "warn")]
    assert found(fields=[], statuses=False) == [("fields", "warn")]
    with pytest.raises(Invalid, match="days"):
        found(days=0)


def test_what_a_link_shows_follows_names_and_goes_with_its_fields():
    document = tracked_app()
    document = edited(document, "change_key", {"path": "forms[visit].fields[about]", "key": "subject"})
    document = edited(document, "change_key", {"path": "forms[visit].fields[lines].fields[what]", "key": "work"})
    document = edited(document, "change_key", {"path": "roles[staff]", "key": "crew"})
    assert form_of(document, "visit")["tracking"] == TRACKING | {"fields": ["subject", "lines.work", "lines.hours"], "roles": ["crew"]}
    document = edited(document, "remove_column", {"form": "visit", "rows": "lines", "column": "work"})
    document = edited(document, "remove_field", {"form": "visit", "field": "subject"})
    assert form_of(document, "visit")["tracking"]["fields"] == ["lines.hours"]
    document = edited(document, "remove_field", {"form": "visit", "field": "lines"})
    assert form_of(document, "visit")["tracking"]["fields"] == []


# the order app


def test_a_customer_follows_an_order_without_its_prices(orders):
    sales = orders.sales
    with orders.workspace.reading() as connection:
        form = open_app(orders.workspace, connection, "orders").form("order").form
    shown = set(form.tracking.fields)
    assert {"number", "lines.product", "lines.quantity", "promised", "shipped_on"} <= shown
    money = {path for path in form.paths if form.field_at(path).type == "money"} | {"net", "tax", "total", "margin", "lines.amount", "note"}
    assert not shown & money
    assert set(form.tracking.roles) <= {role.role for role in form.access}
    assert sales.role in form.tracking.roles
