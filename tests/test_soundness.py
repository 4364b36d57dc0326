"""The checker: silent while all is well, and it names whatever was touched behind the commands' back."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from formloom.platform.jobs.worker import drain
from formloom.platform.workflow.soundness import check, findings
from warehouse import drafts, stocked, unbalanced


@pytest.fixture
def busy(orders):
    """Three orders: one cancelled with its stock given back, one submitted, one deleted."""
    first, second, third = drafts(orders, 3, stocked(orders, 20), quantity=2, lines=2)
    orders.manager.submits(first)
    orders.manager.cancels(first, reason="not needed")
    orders.manager.submits(second)
    orders.manager.do.delete("order", third.id)
    drain(orders.workspace)
    return orders


@contextmanager
def spoiled(orders, statement: str):
    """Behind the commands' back, and undone afterwards."""
    with orders.workspace.write.connect() as connection:
        assert connection.execute(sa.text(statement)).rowcount > 0
        yield connection
        connection.rollback()


def test_all_is_well_after_ordinary_work(busy):
    assert check(busy.workspace) == []
    assert unbalanced(busy) == []


TOUCHED = (
    ("UPDATE orders__order SET status = 'closed' WHERE id = 2", "orders/order/2: stands at closed"),
    ("UPDATE orders__order SET f_ship_city = 'Elsewhere' WHERE id = 2", "ship_city is 'Elsewhere'"),
    ("UPDATE orders__order SET f_total = 1 WHERE id = 2", "total is"),
    ("UPDATE orders__order__lines SET f_quantity = 1 WHERE record_id = 2", "lines."),
    ("UPDATE orders__order__lines SET f_amount = 1 WHERE record_id = 2", "amount is"),
    ("DELETE FROM orders__order__lines WHERE record_id = 2 AND position = 2", "lines."),
    ("UPDATE event SET to_status = 'closed' WHERE form_key = 'order' AND record_id = 2 AND seq = 2", "chain"),
    ("DELETE FROM event WHERE form_key = 'order' AND record_id = 2 AND seq = 2", "counts 2 events"),
    ("UPDATE event SET seq = 9 WHERE form_key = 'order' AND record_id = 1 AND seq = 1", "chain"),
    ("UPDATE orders__product SET f_reserved = 1", "reserved is"),
    ("UPDATE orders__product SET deleted_at = created_at", "links to what is gone"),
    ("DELETE FROM notice", "was not told"),
    ("UPDATE outbox SET state = 'lost'", "in no known state"),
)


def test_what_was_touched_is_named(busy):
    for statement, said in TOUCHED:
        with spoiled(busy, statement) as connection:
            found = list(findings(busy.workspace, connection))
            assert any(said in line for line in found), (statement, found)
    assert check(busy.workspace) == []


def test_a_changed_value_in_the_history_breaks_its_chain(busy):
    with busy.workspace.writing() as connection:
        event = sa.table("event", sa.column("id"), sa.column("changes", sa.JSON), sa.column("record_id"))
        row = connection.execute(sa.select(event.c.id, event.c.changes).where(event.c.record_id == 2).limit(1)).one()
        path = next(path for path, change in row.changes.items() if "salt" in change)
        changes = row.changes | {path: row.changes[path] | {"new": "forged"}}
        connection.execute(sa.update(event).where(event.c.id == row.id).values(changes=changes))
    assert any(f"changed at {path}" in line for line in check(busy.workspace))


def test_what_the_ledger_does_not_tell_is_unbalanced(busy):
    with busy.workspace.writing() as connection:
        connection.execute(sa.text("UPDATE orders__product SET f_on_hand = f_on_hand - 1"))
    assert unbalanced(busy)
