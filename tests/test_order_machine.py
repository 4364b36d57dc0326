"""The order app beside a plain model of it: whatever people do in whatever order, stock, credit, money and statuses agree."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from formloom.platform.errors import Conflict, Invalid, NotFound, Refused
from formloom.platform.workflow.commands import Saved
from formloom.platform.workflow.soundness import check
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from order_world import a_carrier, a_customer, a_payment, a_product, billed, everything, goes_on, newest, sees
from warehouse import unbalanced

SOAK = bool(os.environ.get("FORMLOOM_SOAK"))
PRICE = Decimal(10)
TAXED = Decimal("11.90")  # a unit with its tax
HELD = ("submitted", "reviewed", "purchasing", "ready", "on_hold")
QUANTITIES = st.lists(st.integers(1, 6), min_size=2, max_size=2)


@dataclass
class Order:
    """Lines by product: how many are ordered, reserved, shipped."""

    saved: Saved
    lines: list[list[int]]
    status: str = "draft"
    credit: Decimal = Decimal(0)
    before_hold: str = ""
    bills: list = field(default_factory=list)

    @property
    def total(self) -> Decimal:
        return TAXED * sum(quantity for quantity, _reserved, _shipped in self.lines)

    @property
    def missing(self) -> int:
        return sum(q - r - s for q, r, s in self.lines)

    @property
    def sent(self) -> int:
        return sum(s for _q, _r, s in self.lines)

    @property
    def left(self) -> int:
        return sum(q - s for q, _r, s in self.lines)


@dataclass
class Bill:
    saved: Saved
    total: Decimal
    paid: Decimal = Decimal(0)


def machine(orders):
    """A machine that plays in one workspace, each time with products and a customer of its own."""

    class Machine(RuleBasedStateMachine):
        def __init__(self):
            super().__init__()
            self.products = [a_product(orders, 8, name, cost="1", price="10") for name in ("Chai", "Tofu")]
            self.on_hand = [8, 8]
            self.customer, self.carrier = a_customer(orders), a_carrier(orders)
            self.orders: list[Order] = []

        def free(self, product: int) -> int:
            return self.on_hand[product] - sum(order.lines[product][1] for order in self.orders)

        def chosen(self, pick: int) -> Order:
            return self.orders[pick % len(self.orders)]

        def tries(self, allowed: bool, person, order: Order, transition: str, **asked) -> bool:
            """Take a transition; whether it was taken must be what the model says."""
            try:
                person.performs(order.saved, transition, **asked)
            except (Refused, Conflict, Invalid, NotFound) as refusal:
                assert not allowed, f"{transition} at {order.status}: {refusal}"
                return False
            assert allowed, f"{transition} was taken at {order.status}"
            return True

        def reserve(self, order: Order) -> None:
            for product, line in enumerate(order.lines):
                line[1] += min(line[0] - line[1] - line[2], self.free(product))

        def release(self, order: Order, status: str) -> None:
            for line in order.lines:
                line[1] = 0
            order.credit, order.status = Decimal(0), status

        def settles(self, order: Order) -> None:
            """What then happens by itself."""
            if order.status == "reviewed" and order.missing:
                order.status = "purchasing"
            if order.status == "purchasing" and not order.missing and order.left:
                order.status = "ready"
            if order.status in ("purchasing", "ready") and not order.left:
                order.status = "shipped"
            if order.status == "shipped" and sum(bill.paid for bill in order.bills) >= order.total:
                order.status = "settled"

        @precondition(lambda self: len(self.orders) < 4)
        @rule(quantities=QUANTITIES)
        def enters(self, quantities):
            lines = [{"product": p.id, "quantity": q} for p, q in zip(self.products, quantities, strict=True)]
            saved = orders.sales.creates("order", customer=self.customer.id, lines=[line | {"tax": "0.19"} for line in lines])
            self.orders.append(Order(saved, [[quantity, 0, 0] for quantity in quantities]))

        @precondition(lambda self: self.orders)
        @rule(pick=st.integers(0, 3))
        def submits(self, pick):
            order = self.chosen(pick)
            if self.tries(order.status in ("draft", "returned"), orders.sales, order, "submit"):
                self.reserve(order)
                order.status, order.credit = "submitted", order.total

        @precondition(lambda self: self.orders)
        @rule(pick=st.integers(0, 3))
        def approves(self, pick):
            order = self.chosen(pick)
            if self.tries(order.status == "submitted", orders.manager, order, "approve"):
                order.status = "reviewed"
                self.settles(order)

        @precondition(lambda self: self.orders)
        @rule(pick=st.integers(0, 3))
        def prepares(self, pick):
            order = self.chosen(pick)
            enough = all(q - r - s <= self.free(product) for product, (q, r, s) in enumerate(order.lines))
            if self.tries(order.status in ("reviewed", "purchasing") and enough, orders.warehouse, order, "prepare"):
                self.reserve(order)
                order.status = "ready"
                self.settles(order)

        @precondition(lambda self: self.orders)
        @rule(pick=st.integers(0, 3))
        def takes_what_is_there(self, pick):
            order = self.chosen(pick)
            if self.tries(order.status == "purchasing", orders.warehouse, order, "arrive"):
                self.reserve(order)
                self.settles(order)

        @rule(product=st.integers(0, 1), units=st.integers(1, 5))
        def receives(self, product, units):
            move = orders.warehouse.creates("stock_move", product=self.products[product].id, kind="receipt", quantity=units)
            orders.warehouse.books(move)
            self.on_hand[product] += units

        @precondition(lambda self: self.orders)
        @rule(pick=st.integers(0, 3), share=st.integers(0, 6))
        def ships(self, pick, share):
            order = self.chosen(pick)
            now = [min(share, reserved) for _q, reserved, _s in order.lines]
            ids = [line["id"] for line in sees(orders.admin, order.saved)["lines"]]
            lines = [{"id": number, "ship_now": units} for number, units in zip(ids, now, strict=True)]
            allowed = order.status in ("ready", "purchasing") and sum(now) > 0
            if self.tries(allowed, orders.warehouse, order, "ship_part", carrier=self.carrier.id, tracking="1", lines=lines):
                for product, units in enumerate(now):
                    order.lines[product][1] -= units
                    order.lines[product][2] += units
                    self.on_hand[product] -= units
                order.bills.append(Bill(billed(orders, newest(orders, "shipment", order=order.saved)), TAXED * sum(now)))
                self.settles(order)

        @precondition(lambda self: any(order.bills for order in self.orders))
        @rule(pick=st.integers(0, 20), units=st.integers(1, 8), also=st.booleans())
        def pays(self, pick, units, also):
            bills = [(order, bill) for order in self.orders for bill in order.bills if bill.paid < bill.total]
            parts = [bills[(pick + n) % len(bills)] for n in range(min(len(bills), 1 + also))]
            amounts = [TAXED * units for _part in parts]
            if not parts:
                return
            written = [(bill.saved, str(amount)) for (_order, bill), amount in zip(parts, amounts, strict=True)]
            paid = a_payment(orders, self.customer, str(sum(amounts)), *written)
            allowed = all(bill.paid + amount <= bill.total for (_order, bill), amount in zip(parts, amounts, strict=True))
            try:
                orders.finance.confirms(paid)
            except Refused:
                assert not allowed
                return
            assert allowed
            for (order, bill), amount in zip(parts, amounts, strict=True):
                bill.paid += amount
                order.credit -= amount
                self.settles(order)

        @precondition(lambda self: self.orders)
        @rule(pick=st.integers(0, 3), way=st.sampled_from(["cancel", "send_back", "hold", "resume", "reopen"]))
        def turns(self, pick, way):
            order, untouched = self.chosen(pick), self.chosen(pick).sent == 0
            status = order.status
            allowed = {
                "cancel": status in ("draft", "returned", *HELD) and untouched,
                "send_back": status in ("submitted", "reviewed", "purchasing") and untouched,
                "hold": status in ("submitted", "reviewed", "purchasing", "ready"),
                "resume": status == "on_hold",
                "reopen": status in ("returned", "cancelled"),
            }[way]
            person = orders.sales if way == "reopen" else orders.manager
            asked = {} if way in ("resume", "reopen") else {"reason": "So it is"}
            if self.tries(allowed, person, order, way, **asked):
                if way in ("cancel", "send_back"):
                    self.release(order, {"cancel": "cancelled", "send_back": "returned"}[way])
                else:
                    order.status = {"hold": "on_hold", "resume": "submitted", "reopen": "draft"}[way]

        @invariant()
        def agrees(self):
            goes_on(orders)
            for number, product in enumerate(self.products):
                seen = sees(orders.admin, product)
                assert (seen["on_hand"], seen["available"]) == (self.on_hand[number], self.free(number))
            for order in self.orders:
                record = orders.admin.sees(order.saved)
                lines = [[int(line[key]) for key in ("quantity", "reserved", "shipped")] for line in record.values["lines"]]
                assert (record.status, lines) == (order.status, order.lines)
                assert record.values["credit"] == order.credit
                paid = sum((bill.paid for bill in order.bills), Decimal(0))
                billed_ = sum((bill.total for bill in order.bills), Decimal(0))
                seen = record.values
                assert (seen["invoiced"], seen["paid"], seen["open"]) == (billed_, paid, order.total - paid)
            seen = sees(orders.admin, self.customer)
            assert seen["credit_used"] == sum((order.credit for order in self.orders), Decimal(0))
            owed = sum((bill.total - bill.paid for order in self.orders for bill in order.bills), Decimal(0))
            assert seen["owed"] == owed

    return Machine


@pytest.mark.long
def test_the_app_does_what_the_model_does(orders):
    quick = settings(
        max_examples=60 if SOAK else 3,
        stateful_step_count=40 if SOAK else 14,
        deadline=None,
        derandomize=not SOAK,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine(orders), settings=quick)
    assert everything(orders, "exception") == []
    assert unbalanced(orders) == []
    assert check(orders.workspace) == []
