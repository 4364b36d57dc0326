"""What a transition would change is shown before it is taken: as far as one reads it, and nothing stays behind."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from depot_app import depot as depot
from depot_app import depot_config as depot_config
from depot_app import every, lines_of, ordered, stocked
from formloom.platform.errors import Invalid, NotFound, Refused


@pytest.fixture
def order(depot):
    depot.chair, depot.lamp = stocked(depot, "Chair", 10), stocked(depot, "Lamp", 2)
    return ordered(depot, (depot.chair, 3), (depot.lamp, 5))


def told(found) -> dict:
    """(form, whether it is new) -> [(status before, after, changes by path)]"""
    by_form: dict = {}
    for one in found:
        before = one.before.status if one.before else None
        changes = {path.rpartition(".")[2]: (old, new) for path, old, new in one.changes}
        by_form.setdefault((one.after.form.key, one.before is None), []).append((before, one.after.status, changes))
    return by_form


def everything(depot) -> list:
    """Every row of every table, and what will be numbered next."""
    with depot.workspace.reading() as connection:
        names = sorted(sa.inspect(connection).get_table_names())
        return [(name, connection.execute(sa.text(f'SELECT * FROM "{name}" ORDER BY 1')).all()) for name in names]


def test_it_tells_what_would_be_other_and_what_would_be_new(depot, order):
    found = told(depot.do("depot").effects("order", order.id, "submit"))
    assert [(before, after) for before, after, _ in found["order", False]] == [("draft", "open")]
    assert [changes for _, _, changes in found["product", False]] == [
        {"reserved": (0, 3), "available": (10, 7)},
        {"reserved": (0, 2), "available": (2, 0)},
    ]
    assert len(found["move", True]) == 2
    ((before, after, _changes),) = found["request", True]
    assert (before, after) == (None, "asked")


def test_it_leaves_nothing_behind(depot, order):
    before = everything(depot)
    depot.do("depot").effects("order", order.id, "submit")
    assert everything(depot) == before
    depot.do("depot").perform("order", order.id, "submit")
    assert [row.id for row in every(depot, "order")] == [order.id]


def test_nobody_sees_more_of_it_than_they_read(depot, order):
    found = told(depot.do("sales").effects("order", order.id, "submit"))
    assert set(found) == {("order", False), ("request", True)}
    change = depot.engine.create("change", {"about": "c", "order": order.id, "lines": [{"product": depot.chair.id, "quantity": 9}]})
    seen = told(depot.do("sales").effects("change", change.id, "apply"))
    ((_, _, changes),) = seen["order", False]
    assert (changes["quantity"], changes["note"]) == ((3, 9), (None, "changed by c"))
    assert depot.sees(order)["note"] is None


def test_a_line_is_foreseen_too(depot, order):
    depot.do("sales").perform("order", order.id, "submit")
    row = lines_of(depot, order)[0]["id"]
    depot.do("depot").perform("order", order.id, "pick", row=row)
    found = told(depot.do("depot").effects("order", order.id, "ship", {"carrier": "North"}, row))
    ((_, _, changes),) = found["order", False]
    assert changes["status"] == ("picked", "shipped")
    assert changes["carrier"] == (None, "North")
    assert found["product", False][0][2]["on_hand"] == (10, 7)


def test_what_would_be_refused_is_refused(depot, order):
    depot.do("sales").perform("order", order.id, "submit")
    first, second = (line["id"] for line in lines_of(depot, order))
    with pytest.raises(Refused, match="Only Depot"):
        depot.do("sales").effects("order", order.id, "pick", row=first)
    with pytest.raises(Refused, match="only 2 of 5"):
        depot.do("depot").effects("order", order.id, "pick", row=second)
    depot.do("depot").perform("order", order.id, "pick", row=first)
    with pytest.raises(Invalid, match="carrier"):
        depot.do("depot").effects("order", order.id, "ship", row=first)
    with pytest.raises(Invalid, match="status"):
        depot.do("depot").effects("order", order.id, "ship", {"carrier": "x", "status": "void"}, first)
    with pytest.raises(NotFound):
        depot.do("guest").effects("order", order.id, "ship", row=4711)
    with pytest.raises(NotFound):
        depot.do().effects("order", order.id, "cancel")
