"""Line items with a status each: their own flow under the record's lock, and a header that follows."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from depot_app import depot as depot
from depot_app import depot_app, lines_of, ordered, stocked
from depot_app import depot_config as depot_config
from formloom.platform.access.members import add_member
from formloom.platform.errors import Conflict, Invalid, NotFound, Refused
from formloom.platform.workflow.commands import Loaded
from formloom.platform.workflow.soundness import check
from processes import together
from small_app import field
from small_world import World


@pytest.fixture
def order(depot):
    """An open order of two lines: three chairs, all reserved, and five lamps of which only two are there."""
    depot.chair, depot.lamp = stocked(depot, "Chair", 10), stocked(depot, "Lamp", 2)
    made = ordered(depot, (depot.chair, 3), (depot.lamp, 5))
    return depot.do("sales").perform("order", made.id, "submit")


def statuses(depot, order) -> list[str]:
    return [line["status"] for line in lines_of(depot, order)]


def take(depot, order, key, index, role="depot", **arguments):
    row = lines_of(depot, order)[index]["id"]
    return depot.do(role).perform("order", order.id, key, row=row, **arguments)


def test_a_line_begins_at_the_start_and_goes_its_own_way(depot, order):
    assert statuses(depot, order) == ["waiting", "waiting"]
    picked = take(depot, order, "pick", 0)
    assert statuses(depot, order) == ["picked", "waiting"]
    assert (picked.status, picked.rev) == ("open", order.rev + 1)
    assert check(depot.workspace) == []


def test_a_line_says_why_not_and_who_can_help(depot, order):
    with pytest.raises(Refused, match="Lamp: only 2 of 5 are reserved") as refused:
        take(depot, order, "pick", 1)
    assert refused.value.lifters == ("buyer",)
    with pytest.raises(Refused, match="Only Depot or Packer can do this"):
        take(depot, order, "pick", 0, role="sales")


def test_who_is_named_in_the_line_may_take_it(depot, order):
    lines = [{"id": line["id"]} for line in lines_of(depot, order)]
    with depot.workspace.writing() as connection:
        packer = add_member(connection, "Pat", "pat@example.com", {})
    named = [lines[0] | {"packer": packer}, lines[1]]
    depot.do("sales").edit("order", order.id, {"lines": named}, {"lines": lines})
    with pytest.raises(Refused, match="Only Depot or Packer"):
        depot.do("sales", id=packer + 1).perform("order", order.id, "pick", row=lines[0]["id"])
    depot.do("sales", id=packer).perform("order", order.id, "pick", row=lines[0]["id"])
    assert statuses(depot, order) == ["picked", "waiting"]


def test_what_a_line_asks_for_is_taken_and_nothing_else(depot, order):
    take(depot, order, "pick", 0)
    with pytest.raises(Invalid) as missing:
        take(depot, order, "ship", 0)
    assert [problem.path for problem in missing.value.problems] == ["carrier"]
    with pytest.raises(Invalid, match="quantity"):
        take(depot, order, "ship", 0, input={"carrier": "North", "quantity": 1})
    with pytest.raises(Invalid, match="status"):
        take(depot, order, "ship", 0, input={"carrier": "North", "status": "void"})
    shipped = take(depot, order, "ship", 0, input={"carrier": "North"})
    seen = depot.sees(shipped)
    assert seen["note"] == "last: North"
    assert (seen["lines"][0]["carrier"], seen["lines"][0]["status"]) == ("North", "shipped")
    assert depot.sees(depot.chair)["on_hand"] == 7
    assert depot.sees(depot.chair)["reserved"] == 0


def test_a_clash_of_what_is_asked_names_the_column(depot, order):
    take(depot, order, "pick", 0)
    lines = [{"id": line["id"]} for line in lines_of(depot, order)]
    depot.do("sales").edit("order", order.id, {"lines": [lines[0] | {"carrier": "West"}, lines[1]]}, {"lines": [lines[0] | {"carrier": None}, lines[1]]})
    with pytest.raises(Conflict) as conflict:
        take(depot, order, "ship", 0, input={"carrier": "North"}, base={"carrier": None})
    assert [(clash.path, clash.current) for clash in conflict.value.clashes] == [("lines.0.carrier", "West")]


def test_the_header_follows_its_lines_in_the_same_command(depot, order):
    take(depot, order, "void", 1)
    take(depot, order, "pick", 0)
    assert take(depot, order, "ship", 0, input={"carrier": "North"}).status == "shipped"
    with depot.gate() as gate:
        told = [(event.transition, event.to_status) for event in gate.history("order", order.id)]
    assert told[:2] == [("done", "shipped"), ("ship", "open")]
    assert check(depot.workspace) == []


def test_lines_go_on_by_themselves_guarded_by_line_and_header(depot):
    chair, lamp = stocked(depot, "Chair", 10), stocked(depot, "Lamp", 2)
    made = ordered(depot, (chair, 3), (lamp, 5), express=True)
    opened = depot.do("sales").perform("order", made.id, "submit")
    assert statuses(depot, opened) == ["picked", "waiting"]
    with depot.gate() as gate:
        event = gate.history("order", made.id)[0]
    assert (event.kind, event.transition, event.actor_id) == ("performed", "gather", None)
    assert [(told.path.rpartition(".")[2], told.old, told.new) for told in event.changes] == [("status", "waiting", "picked")]


def test_rules_read_the_status_of_lines(depot, order):
    assert depot.sees(order)["open_lines"] == 2
    take(depot, order, "pick", 0)
    assert depot.sees(order)["open_lines"] == 1


def test_filters_read_it_too_for_those_who_see_the_lines(depot, order):
    from formloom.platform.records.query import Query

    where = {"some": [{"var": "lines"}, {"===": [{"var": "status"}, "picked"]}]}
    with depot.gate("sales") as gate:
        assert gate.page(Query("order", where=where)).rows == []
    take(depot, order, "pick", 0)
    with depot.gate("sales") as gate:
        assert [row.id for row in gate.page(Query("order", where=where)).rows] == [order.id]
        with pytest.raises(Invalid):
            gate.page(Query("order", where={"some": [{"var": "lines"}, {"===": [{"var": "status"}, "nowhere"]}]}))
    with depot.gate("guest") as gate:
        with pytest.raises(Invalid):
            gate.page(Query("order", where=where))
        assert "lines" not in gate.record("order", order.id).values
        assert not [told for event in gate.history("order", order.id) for told in event.changes if told.path != "about"]


@pytest.mark.parametrize("row", [None, 0, -1, 10**30, True, "1", 4711])
def test_a_row_that_is_none_is_refused(depot, order, row):
    with pytest.raises(Invalid if row is None else NotFound):
        depot.do("depot").perform("order", order.id, "pick", row=row)


def test_rows_belong_to_their_record_and_transition(depot, order):
    other = ordered(depot, (depot.chair, 1))
    theirs = lines_of(depot, other)[0]["id"]
    with pytest.raises(NotFound):
        depot.do("depot").perform("order", order.id, "pick", row=theirs)
    with pytest.raises(Invalid, match="row"):
        depot.do("sales").perform("order", order.id, "cancel", row=lines_of(depot, order)[0]["id"])
    with pytest.raises(NotFound):
        depot.do("guest").perform("order", order.id, "void", row=lines_of(depot, order)[0]["id"])


def test_of_two_who_move_a_line_one_is_told(depot, order):
    take(depot, order, "pick", 0, status="waiting", rev=order.rev)
    with pytest.raises(Conflict, match="Picked"):
        take(depot, order, "pick", 0)
    with pytest.raises(Conflict):
        take(depot, order, "void", 0, rev=order.rev)
    gone = lines_of(depot, order)[1]["id"]
    lines = [{"id": line["id"]} for line in lines_of(depot, order)]
    depot.do("sales").edit("order", order.id, {"lines": lines[:1]}, {"lines": lines})
    with pytest.raises(Conflict, match="no longer there"):
        depot.do("sales").perform("order", order.id, "void", row=gone, status="waiting")


def test_a_status_cannot_be_forged(depot, order):
    lines = [{"id": line["id"]} for line in lines_of(depot, order)]
    forged = [lines[0] | {"status": "shipped"}, lines[1]]
    with pytest.raises(Invalid, match="lines.0.status"):
        depot.do("sales").edit("order", order.id, {"lines": forged}, {"lines": lines})
    with pytest.raises(Invalid, match="lines.0.status"):
        depot.do("sales").create("order", {"about": "x", "lines": [{"status": "shipped"}]})
    assert statuses(depot, order) == ["waiting", "waiting"]


def test_who_may_load_states_it(depot, order):
    line = {"product": depot.chair.id, "quantity": 1}
    values = {"about": "old", "lines": [line | {"status": "shipped"}, line]}
    (loaded,) = depot.do("depot").load("order", [Loaded("shipped", values)])
    assert statuses(depot, loaded) == ["shipped", "waiting"]
    wrong = [{"lines": [line | {"status": bad}]} for bad in ("nowhere", 7, ["void"])]
    for refused in depot.do("depot").load("order", [Loaded("shipped", values) for values in wrong]):
        assert [problem.path for problem in refused.problems] == ["lines.0.status"]
    assert check(depot.workspace) == []


def test_edits_leave_statuses_alone(depot, order):
    take(depot, order, "pick", 0)
    lines = [{"id": line["id"]} for line in lines_of(depot, order)]
    moved = [{"product": depot.chair.id, "quantity": 1}, lines[1], lines[0]]
    depot.do("sales").edit("order", order.id, {"lines": moved}, {"lines": lines})
    assert statuses(depot, order) == ["waiting", "waiting", "picked"]
    assert check(depot.workspace) == []


def test_what_can_be_done_with_each_line_comes_at_once(depot, order):
    take(depot, order, "pick", 0)
    found = depot.do("sales").available_with_lines("order", order.id)
    first, second = (line["id"] for line in lines_of(depot, order))
    told = {row: {o.transition.key: o.allowed for o in options} for (_rows, row), options in found.lines.items()}
    assert told == {first: {"ship": True, "void": True}, second: {"pick": False, "void": True, "gather": False}}
    assert {o.transition.key for o in found.record} == {"cancel", "done"}
    reason = next(o for o in found.lines["lines", second] if o.transition.key == "pick").reasons
    assert [r.text for r in reason] == ["Only Depot or Packer can do this.", "Lamp: only 2 of 5 are reserved."]
    assert depot.do("guest").available_with_lines("order", order.id).lines == {}


def test_the_number_of_statements_does_not_depend_on_the_lines(depot):
    chair = stocked(depot, "Chair", 1000)
    small, large = (ordered(depot, *[(chair, 1)] * count) for count in (5, 200))
    for order in (small, large):
        depot.do("sales").perform("order", order.id, "submit")
    asked = [counted(lambda o=order: depot.do("depot").available_with_lines("order", o.id)) for order in (small, large)]
    assert asked[0] == asked[1]
    waiting = {order.id: iter([line["id"] for line in lines_of(depot, order)]) for order in (small, large)}
    moved = [counted(lambda o=order: depot.do("depot").perform("order", o.id, "pick", row=next(waiting[o.id]))) for order in (small, large)]
    assert moved[0] == moved[1]
    assert len(depot.do("depot").available_with_lines("order", large.id).lines) == 200


def counted(work) -> int:
    """The statements that some work takes, once what is prepared is ready."""
    sent = []
    listen = (sa.Engine, "before_cursor_execute", lambda *about: sent.append(about[2]))
    work()
    sa.event.listen(*listen)
    work()
    sa.event.remove(*listen)
    return len(sent)


def test_sixteen_move_the_lines_of_one_record_and_the_header_follows_once(depot, depot_config):
    chair = stocked(depot, "Chair", 100)
    order = ordered(depot, *[(chair, 1)] * 16)
    depot.do("sales").perform("order", order.id, "submit")
    rows = [line["id"] for line in lines_of(depot, order)]
    assert sorted(together(depot_config, "voids", 16, order.id, rows[:1])) == ["Somebody was faster: this now stands at “Void”."] * 15 + ["open"]
    assert sorted(together(depot_config, "voids", 15, order.id, rows[1:])) == ["open"] * 14 + ["shipped"]
    with depot.gate() as gate:
        assert [event.transition for event in gate.history("order", order.id)].count("done") == 1
    assert check(depot.workspace) == []


def test_a_hidden_column_is_as_unknown_as_none(depot, order):
    do = depot.do("buyer")

    def said(name: str) -> list:
        with pytest.raises(Invalid) as refused:
            do.create("order", {"about": "B", "lines": [{}, {name: "x"}]})
        return [(problem.path.replace(name, "…"), str(problem.message)) for problem in refused.value.problems]

    assert said("carrier") == said("nothing") == [("lines.1.…", "There is no such column.")]


def test_a_snapshot_taken_anew_at_a_line_s_transition_is_that_line_s(workspace):
    document = depot_app()
    order = next(form for form in document["forms"] if form["key"] == "order")
    called = {"via": "product", "field": "name"}
    lines = next(field for field in order["fields"] if field["key"] == "lines")
    lines["fields"] += [field("called", "lookup", settings=called | {"at": ["void", "submit"]}), field("first", "lookup", settings=called)]
    world = World(workspace, document)
    lamp = world.do("depot").create("product", {"name": "Lamp", "on_hand": 9})
    order = world.do("sales").create("order", {"about": "Two", "lines": [{"product": lamp.id, "quantity": 1}] * 2})
    named = "Lamp"

    def become(name: str) -> None:
        nonlocal named
        world.do("depot").edit("product", lamp.id, {"name": name}, {"name": named})
        named = name

    def copies() -> list:
        return [(line["called"], line["first"]) for line in world.sees(order)["lines"]]

    become("Light")
    world.do("sales").perform("order", order.id, "submit")
    assert copies() == [("Light", "Lamp")] * 2
    become("Torch")
    row = world.sees(order)["lines"][1]["id"]
    world.do("sales").perform("order", order.id, "void", row=row)
    assert copies() == [("Light", "Lamp"), ("Torch", "Lamp")]
    assert check(workspace) == []
