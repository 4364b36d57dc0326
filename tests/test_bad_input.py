"""Bad input: a clear answer each time, and nothing changed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from formloom.platform.access.actor import SYSTEM
from formloom.platform.db import Workspace
from formloom.platform.definition import bundle, store
from formloom.platform.definition.schema import load
from formloom.platform.errors import Conflict, Invalid, KeyReused, NotFound, Refused
from formloom.platform.gallery import template
from formloom.platform.records.query import Query
from formloom.platform.rules.typing import RuleError
from formloom.platform.rules.typing import check as check_rule
from formloom.platform.workflow.intake import run_import
from warehouse import customer, drafts, stocked

DEEP = 10_000


def rows(workspace: Workspace) -> dict[str, list]:
    """Everything in the workspace's database."""
    with workspace.reading() as connection:
        metadata = sa.MetaData()
        metadata.reflect(connection)
        return {t.name: sorted(map(repr, connection.execute(sa.select(t)))) for t in metadata.tables.values()}


@contextmanager
def nothing_changes(workspace: Workspace) -> Iterator[None]:
    before = rows(workspace)
    yield
    assert rows(workspace) == before


def refused_at(found: pytest.ExceptionInfo, *paths: str) -> None:
    """Exactly these places are named, each with a sentence."""
    assert {problem.path for problem in found.value.problems} == set(paths)
    assert all(str(problem.message).endswith((".", "”.")) for problem in found.value.problems)


def nested(depth: int = DEEP):
    rule = True
    for _ in range(depth):
        rule = {"!": [rule]}
    return rule


@pytest.fixture
def order(orders):
    """A draft order, and what its line is made of."""
    product = stocked(orders, 10)
    (made,) = drafts(orders, 1, product, quantity=1)
    line = {"product": product.id, "quantity": 1, "price": "10"}
    return made, line, orders.manager.sees(made).values["customer"]


def test_a_field_that_is_not_there_is_named(orders, order):
    made, line, buyer = order
    with nothing_changes(orders.workspace):
        for key in ("colour", "status", "id", "rev", "created_by", "head", "f_note", "lines.price", "", "__class__"):
            with pytest.raises(Invalid) as found:
                orders.manager.do.create("order", {"customer": buyer, "lines": [line], key: "x"})
            refused_at(found, key)
            with pytest.raises(Invalid) as found:
                orders.manager.do.edit("order", made.id, {key: "x"}, {})
            refused_at(found, key)


def test_what_one_may_not_write_is_named(orders, order):
    made, line, buyer = order
    with nothing_changes(orders.workspace):
        for values in ({"total": "1"}, {"number": "SO-1"}, {"paid": "5"}, {"margin": "5"}, {"lines": [line | {"cost": "1"}]}):
            with pytest.raises(Invalid) as found:
                orders.manager.do.create("order", {"customer": buyer, "lines": [line]} | values)
            assert next(iter(values)) in found.value.problems[0].path


WRONG = (
    ({"ordered": "yesterday"}, "ordered"),
    ({"ordered": 5}, "ordered"),
    ({"ordered": "2026-02-30"}, "ordered"),
    ({"rush": "perhaps"}, "rush"),
    ({"channel": "pigeon"}, "channel"),
    ({"customer": "Alfreds"}, "customer"),
    ({"customer": {"id": 1}}, "customer"),
    ({"customer": 2**70}, "customer"),
    ({"sales_person": -1}, "sales_person"),
    ({"note": ["a"]}, "note"),
    ({"note": "a\x00b"}, "note"),
    ({"ship_city": "x" * 10_000_000}, "ship_city"),
    ({"lines": "none"}, "lines"),
    ({"lines": [5]}, "lines.0"),
    ({"lines": {"0": {}}}, "lines"),
)


def test_a_value_of_the_wrong_type_is_named(orders, order):
    made, _line, _buyer = order
    with nothing_changes(orders.workspace):
        for values, path in WRONG:
            with pytest.raises(Invalid) as found:
                orders.manager.do.edit("order", made.id, values, {})
            assert {problem.path for problem in found.value.problems} == {path}


def test_a_number_that_is_none_is_named(orders, order):
    made, line, _buyer = order
    with nothing_changes(orders.workspace):
        for quantity in ("many", "NaN", "Infinity", "1e999", "9223372036855", True, [1], "1.5.2"):
            with pytest.raises(Invalid) as found:
                orders.manager.do.edit("order", made.id, {"lines": [line | {"quantity": quantity}]}, {"lines": []})
            refused_at(found, "lines.0.quantity")


def test_ids_of_others_do_not_exist(orders, order):
    """Not there, of another form, or a line of another order: the same answer."""
    made, line, buyer = order
    (other,) = drafts(orders, 1, stocked(orders, 10, "Tofu"), quantity=1)
    foreign = orders.manager.sees(other).values["lines"][0]["id"]
    do = orders.manager.do
    with nothing_changes(orders.workspace):
        for values, path in (
            ({"customer": 999_999}, "customer"),
            ({"sales_person": 999_999}, "sales_person"),
            ({"lines": [line | {"product": 999_999}]}, "lines.0.product"),
            ({"lines": [line | {"id": foreign}]}, "lines.0"),
        ):
            with pytest.raises(Invalid) as found:
                do.create("order", {"customer": buyer, "lines": [line]} | values)
            refused_at(found, path)
        line_id = orders.manager.sees(made).values["lines"][0]["id"]
        with pytest.raises(Invalid) as found:
            twice = [{"id": line_id, "quantity": 1}] * 2
            do.edit("order", made.id, {"lines": twice}, {"lines": [{"id": line_id, "quantity": 1}]})
        refused_at(found, "lines.1.id")
        for nowhere in (("order", 999_999), ("order", 2**70), ("order", 0), ("orders", made.id), ("event", 1)):
            with pytest.raises(NotFound):
                do.edit(*nowhere, {"note": "x"}, {})
        with pytest.raises(NotFound):
            do.perform("order", made.id, "teleport")


def test_a_strangers_record_does_not_exist(orders, order):
    """Sales without a department see their own orders: this one is the admin's."""
    made, _line, _buyer = order
    with nothing_changes(orders.workspace):
        for attempt in (
            lambda do: do.edit("order", made.id, {"note": "x"}, {}),
            lambda do: do.perform("order", made.id, "submit"),
            lambda do: do.delete("order", made.id),
            lambda do: do.available("order", made.id),
        ):
            with pytest.raises(NotFound):
                attempt(orders.sales.do)


def test_a_stale_base_is_a_conflict_that_says_what_changed(orders, order):
    made, _line, _buyer = order
    orders.manager.edits(made, note="from the manager")
    with nothing_changes(orders.workspace):
        with pytest.raises(Conflict) as found:
            orders.manager.do.edit("order", made.id, {"note": "mine"}, {"note": None})
        (clash,) = found.value.clashes
        assert (clash.path, clash.base, clash.current, clash.mine) == ("note", None, "from the manager", "mine")
        with pytest.raises(Conflict):
            orders.manager.do.perform("order", made.id, "submit", rev=1)
        with pytest.raises(Conflict):
            orders.manager.do.perform("order", made.id, "submit", status="returned")


def test_a_key_used_for_something_else_is_refused(orders, order):
    made, _line, _buyer = order
    orders.manager.do.edit("order", made.id, {"note": "one"}, {"note": None}, key="k")
    with nothing_changes(orders.workspace), pytest.raises(KeyReused):
        orders.manager.do.edit("order", made.id, {"note": "two"}, {"note": "one"}, key="k")


def test_a_refused_transition_leaves_nothing_behind(orders, order):
    made, line, _buyer = order
    orders.manager.do.edit("order", made.id, {"lines": [line | {"quantity": 11}]}, {"lines": []})
    orders.manager.submits(made)
    orders.finance.approves(made)
    with nothing_changes(orders.workspace), pytest.raises(Refused) as found:
        orders.warehouse.prepares(made)
    assert str(found.value) == "Chai: only 0 available."
    assert found.value.lifters == ("purchasing", "warehouse")


def test_a_rule_nested_ten_thousand_deep_is_refused(orders):
    document = template("orders") | {"samples": {}}
    document["forms"][0]["transitions"][0]["guards"][0]["rule"] = nested()
    with nothing_changes(orders.workspace):
        with pytest.raises(RuleError):
            check_rule(nested(), load(template("orders")) and _scope(orders))
        with pytest.raises(Invalid) as found:
            load(document)
        assert "levels deep" in str(found.value)
        with pytest.raises(Invalid), orders.workspace.writing() as connection:
            store.create_app(connection, document | {"key": "deep"}, None)
        with pytest.raises(Invalid):
            bundle.parse('{"a":' * DEEP + "1" + "}" * DEEP)
        with orders.manager.gate() as gate, pytest.raises(Invalid):
            gate.page(Query("order", ("number",), where=nested()))


def _scope(orders):
    with orders.manager.gate() as gate:
        return gate.compiled.form("order").scope


NORTHWIND = Path(__file__).parent / "northwind"


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: (folder / "products.csv").write_bytes(b"PK\x03\x04\x00\x00" * 99), "products.csv"),
        (lambda folder: (folder / "products.csv").write_bytes(b""), "products.csv"),
        (lambda folder: (folder / "products.csv").write_text("a,b\n1,2\n"), "products.csv"),
        (shutil.rmtree, "northwind"),
    ],
)
def test_a_broken_sheet_is_named(orders, tmp_path, spoil, said):
    folder = tmp_path / "northwind"
    shutil.copytree(NORTHWIND, folder)
    spoil(folder)
    with nothing_changes(orders.workspace), pytest.raises((Invalid, NotFound)) as found:
        run_import(orders.workspace, SYSTEM, template("northwind"), folder)
    assert said in f"{found.value} {getattr(found.value, 'problems', '')}"


def test_a_form_of_fifty_megabytes_is_refused(orders, client):
    client.sign_in(orders.manager)
    with nothing_changes(orders.workspace):
        answer = client.post("/apps/orders/order/new", {"note": "x" * 50_000_000})
    assert answer.status_code == 413
    assert "more than can be taken" in answer.get_data(as_text=True)


def test_what_a_browser_would_never_send_is_refused(orders, client):
    buyer = customer(orders)
    client.sign_in(orders.manager)
    form = {"base": '{"lines": []}', "customer": buyer.id, "ordered": "2026-11-24", "channel": "sales"}
    spoiled = [
        {"colour": "red"}, {"total": "1"}, {"base": "{"}, {"base": "[]"}, {"base": '{"a":' * DEEP},
        {"lines-0-product": "x"}, {"lines-99999999999-product": "1"}, {"lines-0-cost": "1"},
    ]  # fmt: skip
    with nothing_changes(orders.workspace):
        for extra in spoiled:
            answer = client.post("/apps/orders/order/new", form | extra)
            assert 400 <= answer.status_code < 500, extra
        for path in ("/apps/orders/order/99999999999999999999", "/apps/orders/nothing/", "/apps/no/order/1"):
            assert client.get(path).status_code == 404
        deep = '{"!":[' * 900
        for query in (f"f={deep}", "after=broken", "after=WyJhIl0", "sort=head", "sort=-nothing", "view=nothing", "q=" + "x" * 5000):
            assert client.get(f"/apps/orders/order/?{query}").status_code in (200, 404, 422), query[:40]
