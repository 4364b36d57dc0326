"""The flow that is being built, asked about the past: it says what performing on the record as it stood would have said."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from formloom.platform.definition import drafts, store
from formloom.platform.errors import Refused
from formloom.platform.workflow.backtest import BY_ITSELF, GONE, PEOPLE, REFUSED, STAYS, TARGET, Report, backtest
from formloom.platform.workflow.publication import publish
from order_world import a_customer, a_product, an_order, goes_on, status
from web import WebClient


@pytest.fixture
def past(orders):
    """Orders that were submitted: a small one passed by itself, a large one was approved and made ready, one was cancelled."""
    stool = a_product(orders, 100)
    easy = a_customer(orders)
    orders.manager.edits(easy, auto_limit="500")
    found = SimpleNamespace(people=orders, stool=stool, customer=easy)
    found.small, found.large, found.dropped = (an_order(orders, easy, (stool, number)) for number in (1, 20, 2))
    for order in (found.small, found.large):
        orders.sales.submits(order)
    goes_on(orders)
    orders.manager.approves(found.large)
    orders.warehouse.prepares(found.large)
    orders.sales.cancels(found.dropped, reason="Bought elsewhere")
    assert [status(orders, one) for one in (found.small, found.large, found.dropped)] == ["reviewed", "ready", "cancelled"]
    return found


def builds(past, name: str, **arguments) -> None:
    with past.people.workspace.writing() as connection:
        row = store.app_row(connection, "orders")
        drafts.change(connection, row.id, name, arguments, store.draft(connection, row.id).rev, None)


def asked(past, **how) -> Report:
    return backtest(past.people.workspace, "orders", "order", **how)


def otherwise(report: Report) -> list[tuple]:
    return sorted((tally.key, one.kind, one.record_id) for tally in report.tallies for one in tally.others)


def test_nothing_goes_another_way_by_the_flow_that_runs(past):
    report = asked(past)
    assert otherwise(report) == [] and report.records == report.total == 3
    judged = {tally.key: (tally.judged, tally.unclear) for tally in report.tallies}
    assert judged == {"submit": (2, 0), "pass": (1, 0), "approve": (1, 0), "prepare": (1, 0), "cancel": (1, 0)}


GUARD = {"key": "enough", "message": {"en": "Too small: {total}.", "zh": "金额太小：{total}。"}}


def guarded(past, transition: str, rule) -> None:
    builds(past, "add", path=f"forms[order].transitions[{transition}].guards", element=GUARD | {"rule": rule})


@pytest.mark.parametrize("least", ["50", "100", "141", "1000", "5000"])
def test_a_new_condition_is_what_performing_would_refuse(past, least):
    guarded(past, "submit", {">=": [{"var": "total"}, int(least)]})
    report = asked(past)
    assert {tally.key for tally in report.tallies if tally.others} <= {"submit"}
    publish(past.people.workspace, "orders", None)
    refused = []
    for order, number in ((past.small, 1), (past.large, 20)):
        copy = an_order(past.people, past.customer, (past.stool, number))
        try:
            past.people.sales.submits(copy)
        except Refused:
            refused.append(("submit", REFUSED, order.id))
    assert otherwise(report) == sorted(refused)


def test_why_it_would_have_been_refused_is_said_without_values(past):
    guarded(past, "submit", {">=": [{"var": "total"}, 1000]})
    (other,) = next(tally.others for tally in asked(past).tallies if tally.key == "submit")
    assert other.why == "Too small: …." and other.record_id == past.small.id
    (other,) = next(tally.others for tally in asked(past, language="zh").tallies if tally.key == "submit")
    assert other.why == "金额太小：…。"


def test_linked_records_are_as_they_stood_then(past):
    past.people.manager.edits(past.customer, auto_limit="1")
    guarded(past, "submit", {">=": [{"var": "customer.auto_limit"}, 500]})
    assert otherwise(asked(past)) == []
    builds(past, "put", path="forms[order].transitions[submit].guards[enough].rule", value={"<": [{"var": "customer.auto_limit"}, 500]})
    assert otherwise(asked(past)) == [("submit", REFUSED, past.small.id), ("submit", REFUSED, past.large.id)]


def test_what_counted_then_counts_not_what_counts_now(past):
    guarded(past, "approve", {"<=": [{"var": "customer.orders"}, 3]})
    an_order(past.people, past.customer, (past.stool, 1))
    assert otherwise(asked(past)) == []
    builds(past, "put", path="forms[order].transitions[approve].guards[enough].rule", value={"<": [{"var": "customer.orders"}, 3]})
    assert otherwise(asked(past)) == [("approve", REFUSED, past.large.id)]


def test_what_is_asked_of_one_record_does_not_run_ahead_of_the_others(past):
    guarded(past, "pass", {"<=": [{"var": "customer.orders"}, 100]})
    report = asked(past)
    assert otherwise(report) == [] and [tally.unclear for tally in report.tallies] == [0] * 5


def test_what_happens_by_itself_would_have_stayed_or_gone_on(past):
    small = "forms[order].transitions[pass].guards[small].rule"
    builds(past, "put", path=small, value={"<=": [{"var": "total"}, 10]})
    assert otherwise(asked(past)) == [("pass", STAYS, past.small.id)]
    builds(past, "put", path=small, value={"<=": [{"var": "total"}, 10_000]})
    (other,) = next(tally.others for tally in asked(past).tallies if tally.key == "pass")
    assert (other.kind, other.record_id) == (BY_ITSELF, past.large.id)
    assert other.why == "It would have gone to “Reviewed” by “Passes by itself”."


def test_another_way_out_and_another_status(past):
    builds(past, "put", path="forms[order].transitions[approve].target", value="ready")
    builds(past, "put", path="forms[order].transitions[prepare].sources", value=["purchasing"])
    builds(past, "remove", path="forms[order].transitions[cancel]")
    expected = [("approve", TARGET, past.large.id), ("cancel", GONE, past.dropped.id), ("prepare", GONE, past.large.id)]
    assert otherwise(asked(past)) == expected


def test_other_people_would_have_been_asked(past):
    builds(past, "put", path="forms[order].transitions[approve].who.roles", value=["finance"])
    (other,) = next(tally.others for tally in asked(past).tallies if tally.key == "approve")
    assert (other.kind, other.why) == (PEOPLE, "Only Finance could have done it.")
    builds(past, "put", path="forms[order].transitions[approve].approval", value={"kind": "one"})
    (other,) = next(tally.others for tally in asked(past).tallies if tally.key == "approve")
    assert other.why == "It would have needed the approval of Finance."


def test_formulas_of_the_draft_count(past):
    guarded(past, "submit", {"<": [{"var": "total"}, 1000]})
    assert otherwise(asked(past)) == [("submit", REFUSED, past.large.id)]
    builds(past, "put", path="forms[order].fields[total].settings.rule", value=1)
    assert ("submit", REFUSED, past.large.id) not in otherwise(asked(past))


def test_so_many_records_are_looked_at_newest_first(past):
    guarded(past, "submit", False)
    report = asked(past, most=2)
    assert (report.records, report.total) == (2, 3) and otherwise(report) == [("submit", REFUSED, past.large.id)]
    later = asked(past, before=report.oldest)
    assert otherwise(later) == [("submit", REFUSED, past.small.id)] and later.records == 1 and later.oldest is None
    assert asked(past, seconds=0).records == 3  # a first part is always looked at


@pytest.mark.databases("sqlite")
def test_its_page_counts_and_leads_to_the_records(past, client):
    guarded(past, "submit", {">=": [{"var": "total"}, 1000]})
    admin = client.sign_in(past.people.admin)
    shell = admin.get("/build/orders/backtest").get_data(as_text=True)
    assert 'hx-get="/build/orders/backtest/result?form=order"' in shell
    answer = admin.get("/build/orders/backtest/result?form=order").get_data(as_text=True)
    said = " ".join(re.sub(r"<[^>]+>", " ", answer).split())
    assert "1 transition would have gone another way" in said and "3 of 3 records looked at" in said and "1 time " in said
    assert f'href="/apps/orders/order/{past.small.id}"' in answer
    for path in ("?form=nothing", "/result?form=customer", "/result?form=order&before=99999999999999999999"):
        assert admin.get(f"/build/orders/backtest{path}").status_code == 404
    builds(past, "remove", path="forms[order].fields[rush]")
    assert "The draft cannot be tried yet." in admin.get("/build/orders/backtest").get_data(as_text=True)
    assert admin.get("/build/orders/backtest/result?form=order").status_code == 404
    assert WebClient(client.app).sign_in(past.people.sales).get("/build/orders/backtest").status_code == 404


def test_others_would_have_been_asked_to_approve(past):
    people = past.people
    builds(past, "put", path="forms[order].transitions[approve].approval", value={"kind": "one"})
    publish(people.workspace, "orders", None)
    order = an_order(people, past.customer, (past.stool, 20))
    people.sales.submits(order)
    people.manager.approves(order)
    assert otherwise(asked(past)) == [("approve", PEOPLE, past.large.id)]  # which was approved without
    builds(past, "put", path="forms[order].transitions[approve].who.roles", value=["finance"])
    builds(past, "put", path="forms[order].transitions[approve].guards", value=[])
    found = {one.record_id: one.why for tally in asked(past).tallies if tally.key == "approve" for one in tally.others}
    assert found[order.id] == "Asked would have been Finance, not Sales or Sales manager or Finance."
    assert found[past.large.id] == "It would have needed the approval of Finance."
