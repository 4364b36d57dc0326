"""Effects on records that the person may see little of: nothing is told, nothing mixed up."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa
from formloom.platform.errors import Conflict, Refused
from formloom.platform.records.compiled import open_app
from formloom.platform.workflow.commands import Commands
from small_app import field, form_of, status, text, transition
from visits import STAFF, Visits

DESK = replace(STAFF, id=9, roles={"visits": frozenset({"desk"})})


@pytest.fixture
def visits(workspace):
    return Visits(workspace)


def with_desk(visits, **cells) -> dict:
    """A desk that works with visits, and has nothing to do with customers."""
    document = visits.draft()
    document["roles"].append({"key": "desk", "label": text("Desk")})
    access = {"role": "desk", "scope": "all", "create": True, "cells": {"*": {"*": "edit"}, **cells}}
    form_of(document, "visit")["access"].append(access)
    return document


def an_update(key: str, **settings) -> dict:
    effects = [{"key": "change", "type": "update", "settings": {"target": "customer", **settings}}]
    return transition(key, "open", "open", effects=effects)


def test_what_a_check_of_the_other_record_says_hides_what_the_person_may_not_see(visits):
    document = with_desk(visits)
    rule = {"<": [{"var": "limit"}, 5]}
    limit = field("limit", "number", checks=[{"key": "most", "rule": rule, "message": text("Limit is {limit} for {name}")}])
    form_of(document, "customer")["fields"].append(limit)
    raising = an_update("raise", values={"limit": {"+": [{"var": "target.limit"}, 1]}}) | {"who": {"roles": ["desk"]}}
    form_of(document, "visit")["transitions"].append(raising)
    visits.publishes(document)
    customer = visits.do.create("customer", {"name": "Secretive", "limit": "4"})
    visit = visits.create(customer=customer.id)
    with pytest.raises(Refused) as refused:
        Commands(visits.workspace, DESK, "visits").perform("visit", visit.id, "raise")
    assert "Limit is" in str(refused.value) and "5" not in str(refused.value)


def test_lines_that_an_effect_added_take_no_transition_at_once(visits):
    document = visits.draft()
    statuses = [status("fresh", "start"), status("used", "done")]
    document["status_lists"].append({"key": "item_flow", "label": text("Items"), "statuses": statuses})
    items = field("items", "rows", fields=[field("what"), field("n", "number")], settings={"status_list": "item_flow"})
    customer = form_of(document, "customer")
    customer["fields"].append(items)
    customer["transitions"] = [transition("use", "fresh", "used", rows="items")]
    lines = {"rows": "items", "match": {"===": [{"var": "target.what"}, {"var": "line.what"}]}}
    lines |= {"add": {"what": {"var": "line.what"}}, "values": {"n": 1}, "transition": "use"}
    form_of(document, "visit")["transitions"].append(an_update("book", each="lines", lines=lines))
    visits.publishes(document)
    customer = visits.do.create("customer", {"name": "Ann"})
    twice = [{"what": "tea"}, {"what": "tea"}]
    visits.do.perform("visit", visits.create(customer=customer.id, lines=twice).id, "book")
    visits.do.perform("visit", visits.create(customer=customer.id, lines=twice[:1]).id, "book")
    stands = visits.record(customer).values["items"]
    assert [(line["what"], line["n"], line["status"]) for line in stands] == [("tea", 1, "used")]


def test_each_effect_has_what_its_own_conditions_read(visits):
    """Effects that say nothing but a condition and a transition are not taken for one another."""
    document = visits.draft()
    customer = form_of(document, "customer")
    customer |= {"status_list": document["status_lists"][0]["key"]}
    customer["fields"].append(field("boss", "link", settings={"form": "customer"}))
    customer["access"][0]["delete"] = []
    customer["transitions"] = [transition("one", "open", "open"), transition("two", "open", "open")]
    rule = {"===": [{"var": "target.boss.name"}, "Boss"]}
    held = {"holds": [{"key": "boss", "rule": rule, "message": text("No boss")}], "transition": "two"}
    form_of(document, "visit")["transitions"] += [an_update("plain", transition="one"), an_update("held", **held)]
    visits.publishes(document)
    boss, kept = visits.do.create("customer", {"name": "Boss"}), []
    with visits.workspace.reading() as connection:
        form = open_app(visits.workspace, connection, "visits").form("visit")
    for _turn in range(20):
        customer = visits.do.create("customer", {"name": "Ann", "boss": boss.id})
        for key in ("plain", "held"):
            visits.do.perform("visit", visits.create(customer=customer.id).id, key)
        kept.append(len(form.statements))
    assert kept == kept[:1] * 20  # what they read is found once


def test_what_stands_in_a_hidden_column_that_is_asked_for_cannot_be_guessed(visits):
    hidden = {"lines.rate": {"*": "hidden"}, "lines.cost": {"*": "hidden"}, "total": {"*": "hidden"}}
    document = with_desk(visits, **hidden)
    form_of(document, "visit")["transitions"].append(
        transition("redo", "open", "open", ask=[{"field": "lines"}], who={"roles": ["desk", "staff"]})
    )
    visits.publishes(document)
    desk = Commands(visits.workspace, DESK, "visits")
    answers = []
    for guess in ("77.5", "0"):
        visit = visits.create(lines=[{"what": "tea", "hours": "2", "rate": "77.5"}])
        line = visits.record(visit).values["lines"][0]["id"]
        try:
            desk.perform("visit", visit.id, "redo", {"lines": [{"id": line, "rate": "1"}]}, {"lines": [{"id": line, "rate": guess}]})
            answers.append("taken")
        except Conflict:
            answers.append("conflict")
    assert answers == ["taken", "taken"]


def test_records_found_by_their_link_are_not_named_to_whom_they_do_not_show(visits):
    """Visits that link to a customer, changed by it: somebody of customers alone hears what they are, not which."""
    document = visits.draft()
    document["roles"].append({"key": "desk", "label": text("Desk")})
    customer = form_of(document, "customer")
    customer["access"].append({"role": "desk", "scope": "all", "create": True, "cells": {"*": {"*": "edit"}}})
    customer["status_list"] = document["status_lists"][0]["key"]
    customer["access"][0]["delete"] = []
    most = {"key": "most", "rule": {"<": [{"var": "size"}, 5]}, "message": text("No")}
    form_of(document, "visit")["fields"].append(field("size", "number", checks=[most]))
    theirs = {"form": "visit", "via": "customer"}
    for key, rest in (("grow", {"values": {"size": 7}}), ("close", {"transition": "finish"})):
        effects = [{"key": "change", "type": "update", "settings": theirs | rest}]
        both = {"roles": ["desk", "staff"]}
        customer["transitions"] = [*customer.get("transitions", ()), transition(key, "open", "open", who=both, effects=effects)]
    visits.publishes(document)
    ann = visits.do.create("customer", {"name": "Ann"})
    visit = visits.create(customer=ann.id, about="Secretive")
    for key in ("grow", "close"):
        if key == "close":
            visits.do.perform("visit", visit.id, "drop")
        for who, name in ((DESK, "Visit: "), (STAFF, "Visit Secretive: ")):
            with pytest.raises(Refused) as refused:
                Commands(visits.workspace, who, "visits").perform("customer", ann.id, key)
            assert str(refused.value).startswith(name)


def test_what_a_condition_of_a_chain_says_hides_what_the_person_may_not_see(visits):
    """The record in between was changed by an effect; what it says of itself follows the person's own rights there."""
    document = with_desk(visits)
    customer = form_of(document, "customer")
    customer["status_list"] = document["status_lists"][0]["key"]
    customer["access"][0]["delete"] = []
    customer["fields"].append(field("boss", "link", settings={"form": "customer"}))
    customer["fields"].append(field("limit", "number"))
    hold = {"key": "never", "rule": {"===": [{"var": "target.name"}, "x"]}, "message": text("{limit} of {target.limit}")}
    effect = {"key": "change", "type": "update", "settings": {"target": "boss", "values": {"limit": 1}, "holds": [hold]}}
    customer["transitions"] = [transition("up", "open", "open", effects=[effect])]
    form_of(document, "visit")["transitions"].append(an_update("push", transition="up") | {"who": {"roles": ["desk"]}})
    visits.publishes(document)
    boss = visits.do.create("customer", {"name": "Boss", "limit": "8"})
    visit = visits.create(customer=visits.do.create("customer", {"name": "Ann", "limit": "9", "boss": boss.id}).id)
    with pytest.raises(Refused, match="… of …"):
        Commands(visits.workspace, DESK, "visits").perform("visit", visit.id, "push")


@pytest.mark.parametrize("scope", ["all", {"===": [{"var": "name"}, "Nobody"]}])
def test_what_a_guard_of_the_other_record_says_hides_what_the_person_may_not_see(visits, scope):
    """It is said in the person's language, as far as a role of theirs holds that record."""
    document = with_desk(visits)
    customer = form_of(document, "customer")
    customer["access"].append({"role": "desk", "scope": scope, "cells": {"*": {"*": "read"}}})
    customer["status_list"] = document["status_lists"][0]["key"]
    customer["access"][0]["delete"] = []
    customer["fields"].append(field("limit", "number"))
    message = {"en": "The limit is {limit}", "zh": "限额为{limit}"}
    never = {"key": "never", "rule": {"===": [{"var": "name"}, "x"]}, "message": message}
    customer["transitions"] = [transition("up", "open", "open", guards=[never])]
    form_of(document, "visit")["transitions"].append(an_update("push", transition="up") | {"who": {"roles": ["desk"]}})
    visits.publishes(document)
    visit = visits.create(customer=visits.do.create("customer", {"name": "Ann", "limit": "9"}).id)
    with pytest.raises(Refused) as refused:
        Commands(visits.workspace, replace(DESK, language="zh"), "visits").perform("visit", visit.id, "push")
    assert str(refused.value) == f"Customer Ann: 限额为{'9' if scope == 'all' else '…'}"


def test_a_linked_record_that_is_gone_is_told_without_its_form_and_number(visits):
    document = visits.draft()
    form_of(document, "visit")["transitions"].append(an_update("rename", values={"name": "Bo"}))
    visits.publishes(document)
    customer = visits.do.create("customer", {"name": "Ann"})
    visit = visits.create(customer=customer.id)
    with visits.workspace.writing() as connection:
        connection.execute(sa.text("UPDATE visits__customer SET deleted_at = created_at"))
    with pytest.raises(Refused) as refused:
        visits.do.perform("visit", visit.id, "rename")
    assert str(refused.value) == "A linked record no longer exists."
