"""Commands at their edges: what must not get through, and what must not be lost."""

from __future__ import annotations

import base64
import json
import threading

import pytest
from formloom.platform.errors import Invalid, KeyReused, Refused
from formloom.platform.records.query import Query
from formloom.platform.workflow.commands import Loaded
from formloom.platform.workflow.soundness import check
from small_app import field, field_of, form_of, small_app, text, transition
from small_world import World


def effect(type: str, **settings) -> dict:
    return {"key": type, "type": type, "settings": settings}


def guard(rule, message: str = "No") -> dict:
    return {"key": "why", "rule": rule, "message": text(message)}


@pytest.fixture
def document() -> dict:
    """The small app with a desk that may do less than the staff."""
    made = small_app()
    made["roles"].append({"key": "desk", "label": text("Desk")})
    cells = {"*": {"*": "edit"}, "lines": {"*": "read"}, "lines.what": {"*": "edit"}}
    form_of(made, "visit")["access"].append({"role": "desk", "scope": "all", "create": True, "cells": cells})
    form_of(made, "customer")["access"].append({"role": "desk", "scope": "all", "cells": {"*": {"*": "read"}}})
    return made


def lines(*hours: int) -> list[dict]:
    return [{"what": "advice", "hours": hour, "rate": 10} for hour in hours]


def test_lines_that_one_only_reads_cannot_be_made_with_the_record(workspace, document):
    world = World(workspace, document)
    for sent in ([{}], [{"what": "advice"}]):
        with pytest.raises(Invalid, match="lines"):
            world.do("desk").create("visit", {"about": "Roof", "lines": sent})
    assert world.do("desk").create("visit", {"about": "Roof", "lines": []}).rev == 1


def test_lines_that_one_only_reads_keep_their_order(workspace, document):
    world = World(workspace, document)
    made = world.engine.create("visit", {"lines": lines(1, 2)})
    base = [{"id": line["id"], "what": "advice"} for line in world.sees(made)["lines"]]
    mine = [{"id": line["id"], "what": "repair"} for line in reversed(base)]
    world.do("desk").edit("visit", made.id, {"lines": mine}, {"lines": base})
    assert [(line["what"], line["hours"]) for line in world.sees(made)["lines"]] == [("repair", 1), ("repair", 2)]


def test_saving_what_was_already_there_changes_nothing(workspace, document):
    world = World(workspace, document)
    made = world.engine.create("visit", {"about": "Roof"})
    assert world.do("staff").edit("visit", made.id, {"about": "Roof"}, {"about": "Roof"}).rev == made.rev
    with world.gate("staff") as gate:
        assert [event.kind for event in gate.history("visit", made.id)] == ["created"]


def test_what_a_transition_asks_for_is_entered_never_worked_out(workspace, document):
    form_of(document, "visit")["transitions"][0]["ask"] = [{"field": "lines"}, {"field": "about"}]
    form_of(document, "visit")["access"][0]["cells"] = {"*": {"*": "edit"}, "about": {"*": "hidden"}}
    world = World(workspace, document)
    made = world.engine.create("visit", {"about": "Secret", "lines": lines(1)})
    (line,) = world.sees(made)["lines"]
    with pytest.raises(Invalid, match=r"lines\.cost"):
        world.do("staff").perform("visit", made.id, "finish", {"lines": [{"id": line["id"], "cost": 7}]})
    for guess in (None, "Secret"):  # neither tells what stands there
        world.do("staff").perform("visit", made.id, "finish", {"about": "New"}, base={"about": guess})
        assert world.sees(made)["about"] == "New"
        made = world.engine.create("visit", {"about": "Secret"})


def test_nothing_comes_back_that_leads_nowhere(workspace, document):
    world = World(workspace, document)
    customer = world.engine.create("customer", {"name": "Ernst"})
    made = world.engine.create("visit", {"customer": customer.id})
    world.do("staff").delete("visit", made.id)
    world.do("staff").delete("customer", customer.id)
    with pytest.raises(Refused, match="Customer"):
        world.do("staff").restore("visit", made.id)
    world.do("staff").restore("customer", customer.id)
    assert world.do("staff").restore("visit", made.id).id == made.id


def test_nothing_is_deleted_while_somebody_links_to_it(workspace, document):
    world = World(workspace, document)
    customer = world.engine.create("customer", {"name": "Ernst"})
    outcome: list[Exception] = []

    def delete():
        try:
            world.do("staff").delete("customer", customer.id)
        except Refused as refusal:
            outcome.append(refusal)

    other = threading.Thread(target=delete)

    def meanwhile(_connection, _saved):
        other.start()
        other.join(0.3)

    world.engine.load("visit", [Loaded("open", {"customer": customer.id})], note=meanwhile)
    other.join()
    assert "used by" in str(outcome[0])


def test_guards_see_live_look_ups(workspace, document):
    visit = form_of(document, "visit")
    visit["fields"].append(field("tier", "lookup", settings={"via": "customer", "field": "tier", "live": True}))
    live = field("customer_tier", "lookup", settings={"via": "customer", "field": "tier", "live": True})
    field_of(document, "visit", "lines")["fields"] += [field("customer", "link", settings={"form": "customer"}), live]
    gold = {"===": [{"var": "tier"}, "gold"]}
    lines_gold = {"all": [{"var": "lines"}, {"===": [{"var": "customer_tier"}, "gold"]}]}
    visit["transitions"][0]["guards"] = [guard({"and": [gold, lines_gold]}, "{tier}")]
    world = World(workspace, document)
    rich, poor = world.engine.load(
        "customer", [Loaded("saved", {"name": "R", "tier": "gold"}), Loaded("saved", {"name": "P"})]
    )
    for customer, allowed in ((rich, True), (poor, False)):
        made = world.engine.create("visit", {"customer": customer.id, "lines": [{"customer": customer.id}]})
        assert world.do("staff").available("visit", made.id)[0].allowed is allowed
        (line,) = world.sees(made, "staff")["lines"]
        assert line["customer_tier"] == ("gold" if allowed else None)
        found = {"some": [{"var": "lines"}, {"===": [{"var": "customer_tier"}, "gold"]}]}
        with world.gate("staff") as gate:
            ids = {row.id for row in gate.page(Query("visit", where=found)).rows}
            assert (made.id in ids) is allowed
        if allowed:
            world.do("staff").perform("visit", made.id, "finish")


def test_a_start_value_that_links_takes_nothing_that_was_entered(workspace, document):
    """What shows only for gold customers stays when the customer is a start value."""
    visit = form_of(document, "visit")
    shown = {"===": [{"var": "customer.tier"}, "gold"]}
    greeting = {"if": [shown, "Welcome", "Hello"]}
    visit["fields"] += [
        field("host", "link", settings={"form": "customer"}),
        field("present", show=shown),
        field("greeting", default=greeting),
    ]
    field_of(document, "visit", "customer")["default"] = {"var": "host.partner"}
    form_of(document, "customer")["fields"].append(field("partner", "link", settings={"form": "customer"}))
    world = World(workspace, document)
    rich = world.engine.create("customer", {"name": "Rich", "tier": "gold"})
    host = world.engine.create("customer", {"name": "Host", "partner": rich.id})
    values = world.sees(world.do("staff").create("visit", {"host": host.id, "present": "A vase"}))
    assert (values["customer"], values["present"], values["greeting"]) == (rich.id, "A vase", "Welcome")


def test_each_loaded_record_gets_its_own_start_values(workspace, document):
    field_of(document, "visit", "about")["default"] = "Usual"
    world = World(workspace, document)
    made = world.engine.load("visit", [Loaded("open", {"about": None}), Loaded("open", {})])
    assert [world.sees(saved)["about"] for saved in made] == [None, "Usual"]


def test_totals_follow_lines_that_are_not_shown(workspace, document):
    """Wherever the total stands in the form."""
    visit = form_of(document, "visit")
    visit["fields"].sort(key=lambda f: f["key"] != "total")
    field_of(document, "visit", "lines")["show"] = {"!==": [{"var": "about"}, "Nothing"]}
    world = World(workspace, document)
    made = world.engine.create("visit", {"about": "Roof", "lines": lines(1, 2)})
    assert world.sees(made)["total"] == 30
    world.do("staff").edit("visit", made.id, {"about": "Nothing"}, {"about": "Roof"})
    assert (world.sees(made)["lines"], world.sees(made)["total"]) == ([], 0)
    assert check(workspace) == []


@pytest.fixture
def account(workspace, document):
    """Finishing a visit takes its total from the customer's balance, and writes a note of what is left."""
    form_of(document, "customer")["fields"] += [
        field("balance", "number", settings={"min": 0, "scale": 0}),
        field("parent", "link", settings={"form": "customer"}),
    ]
    visit = form_of(document, "visit")
    visit["fields"] += [field("left", "number"), field("taken", "number")]
    rich = {"===": [{"var": "target.parent.tier"}, "gold"]}
    visit["transitions"] += [
        transition(
            "take", "open", "done",
            effects=[
                effect("adjust", target="customer", changes={"balance": {"-": [0, {"var": "taken"}]}}),
                effect("set", values={"left": {"var": "customer.balance"}}),
            ],
        ),
        transition(
            "charge", "open", "done",
            effects=[
                effect(
                    "adjust", target="customer", changes={"balance": {"-": [0, {"var": "taken"}]}},
                    holds=[{"key": "gold", "rule": rich, "message": text("Only gold")}],
                )
            ],
        ),
    ]  # fmt: skip
    world = World(workspace, document)
    world.parent = world.engine.create("customer", {"name": "Trust", "tier": "gold"})
    world.customer = world.engine.create("customer", {"name": "Ernst", "balance": 10, "parent": world.parent.id})
    return world


def taking(world, amount, customer=True):
    return world.engine.create("visit", {"customer": world.customer.id if customer else None, "taken": amount})


def test_a_balance_stays_what_its_field_can_hold(account):
    for amount in (11, -9_223_372_036_854):
        made = taking(account, amount)
        with pytest.raises(Refused, match="Balance"):
            account.do("staff").perform("visit", made.id, "take")
        assert account.sees(account.customer)["balance"] == 10
        assert account.sees(made)["left"] is None


def test_what_comes_after_an_adjustment_sees_it(account):
    made = account.do("staff").perform("visit", taking(account, 3).id, "take")
    assert account.sees(made)["left"] == 7
    nobody = account.do("staff").perform("visit", taking(account, 3, customer=False).id, "take")
    assert account.sees(nobody)["left"] is None


def test_a_hold_reads_past_the_links_of_its_target(account):
    account.do("staff").perform("visit", taking(account, 3).id, "charge")
    assert account.sees(account.customer)["balance"] == 7


def test_a_key_means_one_app(workspace, document):
    one, other = World(workspace, document), World(workspace, document | {"key": "others"})
    first = one.do("staff").create("customer", {"name": "Ernst"}, key="k")
    assert one.do("staff").create("customer", {"name": "Ernst"}, key="k") == first
    with pytest.raises(KeyReused):
        other.do("staff").create("customer", {"name": "Ernst"}, key="k")


def test_a_number_that_is_taken_refuses_one_record_of_a_batch(workspace, document):
    form_of(document, "visit")["fields"].append(field("number", "serial", settings={"pattern": "V-{n:3}"}))
    world = World(workspace, document)
    world.engine.load("visit", [Loaded("open", {"number": "V-001"})])
    batch = [Loaded("open", {"number": number}) for number in ("V-001", "V-002", "V-002", "V-003")]
    outcomes = world.engine.load("visit", batch)
    refused = [str(o) if isinstance(o, Invalid) else "" for o in outcomes]
    assert ["exists already" in words for words in refused] == [True, False, True, False]
    assert world.sees(world.engine.create("visit", {}))["number"] == "V-004"
    with pytest.raises(Invalid, match="exists already"):
        world.engine.amend("visit", outcomes[1].id, {"number": "V-001"}, {"number": "V-002"})


def test_lines_have_numbers_of_their_own(workspace, document):
    field_of(document, "visit", "lines")["fields"].append(field("no", "serial", settings={"pattern": "L-{n:3}"}))
    world = World(workspace, document)

    def lines() -> list[tuple]:
        return [(line["what"], line["no"]) for line in world.sees(visit)["lines"]]

    do = world.do("staff")
    visit = do.create("visit", {"lines": [{"what": "Mowing"}, {"what": "Hedges"}]})
    assert lines() == [("Mowing", "L-001"), ("Hedges", "L-002")]
    first = world.sees(visit)["lines"][0]
    base = {"lines": [{"id": line["id"], "what": line["what"]} for line in world.sees(visit)["lines"]]}
    do.edit("visit", visit.id, {"lines": [{"id": first["id"], "what": "Lawn"}, {"what": "Paths"}]}, base)
    assert lines() == [("Lawn", "L-001"), ("Paths", "L-003")]  # one that is gone is not given again
    with pytest.raises(Invalid, match="cannot be changed here"):
        do.create("visit", {"lines": [{"what": "Forged", "no": "L-900"}]})
    batch = [[{"no": "L-001"}], [{"no": "L-007"}], [{"no": "L-007"}], [{"no": "L-008"}, {"no": "L-008"}], [{"what": "Old"}]]
    outcomes = world.engine.load("visit", [Loaded("open", {"lines": rows}) for rows in batch])
    assert [isinstance(one, Invalid) for one in outcomes] == [True, False, True, True, False]
    assert outcomes[0].problems[0].path == "lines.0.no"
    visit = do.create("visit", {"lines": [{"what": "Next"}]})
    assert lines() == [("Next", "L-009")] and check(workspace) == []


def test_a_cursor_that_no_page_gave_is_refused(workspace, document):
    world = World(workspace, document)
    for value in ("[" * 3000, "[1e999]", "[99999999999999999999999]", json.dumps([10**400])):
        cursor = base64.urlsafe_b64encode(value.encode()).decode().rstrip("=")
        with world.gate("staff") as gate, pytest.raises(Invalid, match="damaged"):
            gate.page(Query("visit", after=cursor))


@pytest.mark.parametrize("key", ["k" * 101, "a\0b", "\ud800"])
def test_a_key_that_cannot_be_kept_is_refused(orders, key):
    with pytest.raises(Invalid, match="A key has 1 to 100 characters"):
        orders.manager.creates("customer", key=key, name="Ann")
