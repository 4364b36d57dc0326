"""Two people with the same record open: their edits meet by field and line; only a real clash asks."""

from __future__ import annotations

import pytest
from formloom.platform.access.actor import SYSTEM
from formloom.platform.errors import Conflict
from formloom.platform.formats import formats_for
from formloom.platform.workflow.commands import Commands, Loaded
from formloom.runtime.record_form import form_for, values_from
from posting import page_of

EN = formats_for("en")


class Page:
    """A record's page as one person has it open: `fills` and `saves`."""

    def __init__(self, person, order):
        self.person, self.order = person, order
        self.posted = page_of(self.form(None))

    def form(self, posted):
        with self.person.gate() as gate:
            record = gate.record("order", self.order.id)
            compiled = gate.compiled.form("order")
        return form_for(compiled, record.modes, record.values, record.titles, EN, posted=posted)

    def fills(self, **typed):
        self.posted.update({name.replace("__", "-"): value for name, value in typed.items()})

    def saves(self):
        self.sent = self.form(self.posted)
        return self.person.do.edit("order", self.order.id, *values_from(self.sent))


@pytest.fixture
def order(orders):
    """An order of two lines, 1 and 2 pieces."""
    engine = Commands(orders.workspace, SYSTEM, "orders")
    customer = engine.create("customer", {"name": "Ernst Handel", "credit_limit": "100000"})
    product = engine.load("product", [Loaded("stocked", {"name": "Chai", "list_price": "18", "on_hand": "100"})])[0]
    lines = [{"product": product.id, "quantity": "1"}, {"product": product.id, "quantity": "2"}]
    return orders.sales.creates("order", customer=customer.id, lines=lines)


def test_edits_of_different_fields_and_lines_meet(orders, order):
    one, two = Page(orders.sales, order), Page(orders.sales, order)
    one.fills(lines__0__quantity="10", note="by telephone")
    two.fills(lines__1__quantity="20")
    one.saves()
    two.saves()
    seen = orders.sales.sees(order).values
    assert [line["quantity"] for line in seen["lines"]] == [10, 20]
    assert seen["note"] == "by telephone"


def test_a_clash_names_its_field_and_saving_again_decides(orders, order):
    one, two = Page(orders.sales, order), Page(orders.sales, order)
    one.fills(note="by letter", wanted="2026-12-24")
    two.fills(note="by mail")
    one.saves()
    with pytest.raises(Conflict) as clash:
        two.saves()
    assert [c.path for c in clash.value.clashes] == ["note"]
    two.sent.moves_to(orders.sales.sees(order).values)
    two.posted = page_of(two.sent)
    two.saves()
    seen = orders.sales.sees(order).values
    assert seen["note"] == "by mail"
    assert seen["wanted"].isoformat() == "2026-12-24"
