"""Roll-ups: what links here is summed and counted, whatever is done to it, and what stands on the sum follows."""

from __future__ import annotations

from decimal import Decimal

import pytest
import sqlalchemy as sa
from databases import SLUG, build_empty
from formloom.platform import db
from formloom.platform.definition.model import Sort
from formloom.platform.errors import Invalid, Refused
from formloom.platform.jobs.worker import drain
from formloom.platform.records.query import Query
from formloom.platform.workflow.commands import Loaded
from formloom.platform.workflow.soundness import check
from rollup_app import formula, read, rollup_app
from small_app import field, field_of, form_of, text, transition
from small_world import World


def build(config) -> None:
    """An empty workspace with the app of these tests."""
    build_empty(config)
    workspaces = db.Workspaces(config)
    World(workspaces[SLUG], rollup_app())
    workspaces.dispose()


@pytest.fixture
def world(database, databases, tmp_path):
    config = databases.fresh(database, "sums", build, tmp_path / "sums")
    workspaces = db.Workspaces(config)
    yield World(workspaces[SLUG], rollup_app()["key"])
    workspaces.dispose()
    databases.drop(config)


@pytest.fixture
def ada(world):
    return world.do("staff").create("customer", {"name": "Ada", "limit": "1000"})


def order(world, customer, *amounts, **values):
    lines = [{"price": amount, "quantity": "1"} for amount in amounts]
    return world.do("staff").create("order", {"customer": customer.id, "lines": lines, **values})


def sums(world, customer) -> tuple:
    values = world.sees(customer)
    return values["orders"], values["ordered"], values["open"], values["free"]


def test_a_new_record_starts_at_nothing(world, ada):
    assert sums(world, ada) == (0, 0, 0, 1000)


def test_creating_editing_moving_and_deleting_count(world, ada):
    bob = world.do("staff").create("customer", {"name": "Bob", "limit": "10"})
    one, two = order(world, ada, "100", "20.50"), order(world, ada, "7")
    assert sums(world, ada) == (2, Decimal("127.50"), Decimal("127.50"), Decimal("872.50"))
    do = world.do("staff")
    do.edit("order", two.id, {"customer": bob.id}, {"customer": ada.id})
    assert (sums(world, ada)[1], sums(world, bob)[1]) == (Decimal("120.50"), 7)
    do.perform("order", one.id, "close")
    assert sums(world, ada) == (1, Decimal("120.50"), 0, 1000)
    do.delete("order", one.id)
    assert sums(world, ada) == (0, 0, 0, 1000)
    do.restore("order", one.id)
    assert sums(world, ada) == (1, Decimal("120.50"), 0, 1000)
    do.edit("order", two.id, {"customer": None}, {"customer": bob.id})
    assert sums(world, bob) == (0, 0, 0, 10)
    assert check(world.workspace) == []


def test_what_stands_on_a_sum_follows_through_three_forms(world):
    do = world.do("staff")
    region = do.create("region", {"name": "North"})
    ada = do.create("customer", {"name": "Ada", "region": region.id, "limit": "100"})
    made = order(world, ada, "80", "40")
    assert (world.sees(made)["due"], sums(world, ada)[3], world.sees(region)["open"]) == (120, -20, 120)
    assert world.sees(region)["strained"] == 1
    paid = do.create("payment", {"order": made.id, "amount": "50"})
    assert (world.sees(made)["paid"], world.sees(made)["due"]) == (50, 70)
    assert (sums(world, ada)[2:], world.sees(region)["open"], world.sees(region)["strained"]) == ((70, 30), 70, 0)
    do.delete("payment", paid.id)
    assert (world.sees(made)["due"], world.sees(region)["open"], world.sees(region)["strained"]) == (120, 120, 1)
    assert check(world.workspace) == []


def test_lines_count_under_their_own_condition_and_their_headers(world, ada):
    do = world.do("staff")
    chai, chang = (do.create("product", {"name": name}) for name in ("Chai", "Chang"))
    lines = [
        {"product": chai.id, "quantity": "3", "price": "18"},
        {"product": chai.id, "quantity": "2", "price": "17.50"},
        {"product": chang.id, "quantity": "5", "price": "19", "free": True},
        {"product": chang.id, "quantity": None, "price": "19"},
    ]
    made = do.create("order", {"customer": ada.id, "lines": lines})
    assert [world.sees(chai)[key] for key in ("sold", "worth", "lines")] == [5, 89, 2]
    assert [world.sees(chang)[key] for key in ("sold", "worth", "lines")] == [0, 0, 2]
    do.perform("order", made.id, "drop")
    assert [world.sees(chai)[key] for key in ("sold", "worth", "lines")] == [0, 0, 2]
    do.perform("order", made.id, "reopen")
    before = [{k: v for k, v in line.items() if k != "amount"} for line in world.sees(made)["lines"]]
    after = [before[1], {**before[2], "free": False, "product": chai.id}]
    do.edit("order", made.id, {"lines": after}, {"lines": before})
    assert [world.sees(chai)[key] for key in ("sold", "worth", "lines")] == [7, 130, 2]
    assert [world.sees(chang)[key] for key in ("sold", "worth", "lines")] == [0, 0, 0]
    assert check(world.workspace) == []


def test_a_record_may_count_towards_others_of_its_form_and_itself(world):
    do = world.do("staff")
    north = do.create("region", {"name": "North"})
    do.create("region", {"name": "Town", "parent": north.id})
    do.edit("region", north.id, {"parent": north.id}, {"parent": None})
    assert world.sees(north)["children"] == 2
    do.edit("region", north.id, {"parent": None}, {"parent": north.id})
    assert world.sees(north)["children"] == 1
    assert check(world.workspace) == []


def test_history_and_rev_tell_of_what_people_did_alone(world, ada):
    before = world.workspace
    order(world, ada, "100")
    with world.gate() as gate:
        record = gate.record("customer", ada.id)
        assert (record.rev, record.updated_at) == (1, record.created_at)
        assert [event.kind for event in gate.history("customer", ada.id)] == ["created"]
    world.do("staff").edit("customer", ada.id, {"name": "Ada L."}, {"name": "Ada"})  # what the page showed still holds
    assert check(before) == []


def test_nobody_enters_a_sum(world, ada):
    do = world.do("staff")
    for command in (
        lambda: do.create("customer", {"name": "Eve", "ordered": "5"}),
        lambda: do.edit("customer", ada.id, {"ordered": "5"}, {"ordered": "0"}),
        lambda: do.amend("customer", ada.id, {"ordered": "5"}, {"ordered": "0"}),
    ):
        with pytest.raises((Invalid, Refused)):
            command()
    (refused,) = world.engine.load("customer", [Loaded("saved", {"name": "Eve", "ordered": "5"})])
    assert isinstance(refused, Invalid)


def test_loading_and_unloading_count(world, ada):
    rows = [{"customer": ada.id, "lines": [{"quantity": "1", "price": str(n)}]} for n in range(1, 11)]
    loaded = world.engine.load("order", [Loaded("done" if n % 2 else "open", row) for n, row in enumerate(rows)])
    assert sums(world, ada) == (10, 55, 25, 975)
    world.engine.unload("order", loaded[0].id)
    world.engine.amend("order", loaded[2].id, {"customer": None}, {"customer": ada.id})
    assert sums(world, ada) == (8, 51, 21, 979)
    assert check(world.workspace) == []


def test_a_sum_out_of_range_is_empty_and_comes_back(world, ada):
    most = "9000000000000"
    first, second = order(world, ada, most), order(world, ada, most)
    assert sums(world, ada) == (2, None, None, None)
    third = order(world, ada, "5")
    assert check(world.workspace) == []
    world.do("staff").delete("order", first.id)
    assert sums(world, ada)[:2] == (2, Decimal(most) + 5)
    world.do("staff").delete("order", second.id)
    assert sums(world, ada) == (1, 5, 5, 995)
    assert check(world.workspace) == []
    assert world.sees(third)["total"] == 5


def test_a_refused_command_leaves_every_sum(world, ada):
    made = order(world, ada, "100")
    with pytest.raises(Invalid):
        world.do("staff").edit("order", made.id, {"customer": 4711}, {"customer": ada.id})
    with pytest.raises(Refused):
        world.do("staff").delete("customer", ada.id)
    assert sums(world, ada) == (1, 100, 100, 900)


def test_a_repeated_request_counts_once(world, ada):
    values = {"customer": ada.id, "lines": [{"quantity": "2", "price": "5"}]}
    for _time in range(3):
        world.do("staff").create("order", values, key="k1")
    assert sums(world, ada) == (1, 10, 10, 990)


def test_sums_are_listed_filtered_and_sorted_like_numbers(world, ada):
    bob = world.do("staff").create("customer", {"name": "Bob"})
    order(world, ada, "30"), order(world, bob, "10"), order(world, bob, "5")
    with world.gate("staff") as gate:
        asked = Query("customer", ("name", "ordered"), where={">": [read("orders"), 1]})
        assert [row.values["ordered"] for row in gate.page(asked).rows] == [15]
        ordered = gate.page(Query("customer", ("ordered",), sort=(Sort("ordered", True),)))
        assert [row.values["ordered"] for row in ordered.rows] == [30, 15]


def test_a_condition_may_look_into_the_lines(workspace):
    document = rollup_app()
    many = {">": [{"count": [read("lines")]}, 1]}
    field_of(document, "customer", "orders")["settings"]["where"] = many
    world = World(workspace, document)
    ada = world.do("staff").create("customer", {"name": "Ada"})
    order(world, ada, "1"), order(world, ada, "1", "2"), order(world, ada)
    assert world.sees(ada)["orders"] == 1
    assert check(workspace) == []


def test_a_show_rule_over_a_sum_empties_what_it_hides_with_an_event(workspace):
    document = rollup_app()
    why = field("why", show={">": [read("open"), 0]})
    longer = formula("longer", {"cat": [read("why"), "!"]}, result="text")
    form_of(document, "customer")["fields"] += [why, longer]
    world = World(workspace, document)
    do = world.do("staff")
    ada = do.create("customer", {"name": "Ada"})
    made = order(world, ada, "10")
    do.edit("customer", ada.id, {"why": "late"}, {"why": None})
    assert world.sees(ada)["longer"] == "late!"
    do.create("payment", {"order": made.id, "amount": "10"})
    assert (world.sees(ada)["why"], world.sees(ada)["longer"]) == (None, "!")
    with world.gate() as gate:
        assert gate.history("customer", ada.id)[0].kind == "adjusted"
    assert check(workspace) == []


def test_a_sum_lets_its_record_go_on_by_itself_each_time(workspace):
    document = rollup_app()
    settled = {"key": "settled", "rule": {"<=": [read("due"), 0]}, "message": text("Not paid")}
    paying = {"key": "paying", "rule": {">": [read("due"), 0]}, "message": text("Paid")}
    form_of(document, "order")["transitions"] += [
        transition("settle", "open", "done", automatic=True, guards=[settled], who={}),
        transition("unsettle", "done", "open", automatic=True, guards=[paying], who={}),
    ]
    world = World(workspace, document)
    do = world.do("staff")
    ada = do.create("customer", {"name": "Ada"})
    made = order(world, ada, "10")
    for _time in range(2):
        paid = do.create("payment", {"order": made.id, "amount": "10"})
        drain(workspace)
        assert status_of(world, made) == "done"
        do.delete("payment", paid.id)
        drain(workspace)
        assert status_of(world, made) == "open"
    assert world.sees(ada)["open"] == 10
    assert check(workspace) == []


def status_of(world, saved) -> str:
    with world.gate() as gate:
        return gate.record(saved.form, saved.id).status


def test_an_effect_and_a_sum_meet_in_one_record(workspace):
    """A payment adjusts its order's balance and counts towards it; both are there, and so is the event of one."""
    document = rollup_app()
    form_of(document, "order")["fields"].append(field("booked", "money"))
    payment = form_of(document, "payment")
    payment["status_list"] = "flow"
    payment["access"] = [payment["access"][0] | {"delete": ["open"]}]
    add = {"key": "a", "type": "adjust", "settings": {"target": "order", "changes": {"booked": read("amount")}}}
    payment["transitions"] = [transition("book", "open", "done", effects=[add])]
    field_of(document, "order", "paid")["settings"]["where"] = {"===": [read("status"), "done"]}
    world = World(workspace, document)
    do = world.do("staff")
    ada = do.create("customer", {"name": "Ada"})
    made = order(world, ada, "100")
    paid = do.create("payment", {"order": made.id, "amount": "60"})
    assert world.sees(made)["paid"] == 0
    do.perform("payment", paid.id, "book")
    assert [world.sees(made)[key] for key in ("booked", "paid", "due")] == [60, 60, 40]
    assert sums(world, ada)[2] == 40
    assert check(workspace) == []


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE sums__customer SET f_ordered = f_ordered + f_ordered", "customer/1: ordered is 20"),
        ("UPDATE sums__customer SET f_orders = NULL", "customer/1: orders is None"),
        ("UPDATE sums__order SET f_customer = NULL", "customer/1: orders is 1"),
        ("UPDATE sums__order__lines SET f_quantity = f_quantity + f_quantity", "product/1: sold is 1"),
        ("UPDATE sums__order SET deleted_at = created_at", "customer/1: open is 10"),
        ("UPDATE sums__order SET status = 'dropped'", "product/1: worth is 10"),
    ],
)
def test_the_checker_finds_a_sum_that_does_not_hold(world, ada, statement, said):
    product = world.do("staff").create("product", {"name": "Chai"})
    lines = [{"product": product.id, "quantity": "1", "price": "10"}]
    world.do("staff").create("order", {"customer": ada.id, "lines": lines})
    assert check(world.workspace) == []
    with world.workspace.writing() as connection:
        connection.execute(sa.text(statement))
    assert any(said in line for line in check(world.workspace)), check(world.workspace)
