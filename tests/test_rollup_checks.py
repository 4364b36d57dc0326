"""What is said about roll-ups before they are published, and who sees them."""

from __future__ import annotations

import pytest
from formloom.platform.access.rights import grants_of
from formloom.platform.definition.checks import problems
from formloom.platform.definition.schema import load
from formloom.platform.errors import Invalid
from rollup_app import counts, formula, read, rollup_app, sums
from small_app import field, field_of, form_of


def found(document, severity="block") -> dict[str, str]:
    return {p.path: str(p.message) for p in problems(load(document)) if p.severity == severity}


def with_sum(settings: dict, **rest) -> dict:
    document = rollup_app()
    form_of(document, "customer")["fields"].append(field("it", "rollup", settings=settings, **rest))
    return document


def test_nothing_is_wrong_with_the_app_of_these_tests():
    assert problems(load(rollup_app())) == []


LIVE = {"via": "customer", "field": "limit", "live": True}


@pytest.mark.parametrize(
    ("settings", "place", "said"),
    [
        (counts("nothing", "customer"), "settings.form", "There is no “nothing”"),
        (counts("order", "nothing"), "settings.via", "is not a link to this form"),
        (counts("order", "about"), "settings.via", "is not a link to this form"),
        (counts("order", "lines.product"), "settings.via", "is not a link to this form"),
        (counts("order", "lines"), "settings.via", "is not a link to this form"),
        (counts("order", "customer.region"), "settings.via", "is not a link to this form"),
        (counts("order", ".customer"), "settings.via", "is not a link to this form"),
        (counts("order", "customer."), "settings.via", "is not a link to this form"),
        (counts("order", ""), "settings.via", "is not a link to this form"),
        (counts("order", "a.b.c"), "settings.via", "is not a link to this form"),
        (counts("payment", "order"), "settings.via", "is not a link to this form"),
        (sums("order", "customer", "about"), "settings.field", "is not a number beside the link"),
        (sums("order", "customer", "lines"), "settings.field", "is not a number beside the link"),
        (sums("order", "customer", "lines.amount"), "settings.field", "is not a number beside the link"),
        (sums("order", "customer", "gone"), "settings.field", "is not a number beside the link"),
        ({"form": "order", "via": "customer", "measure": "sum"}, "settings.field", "is not a number beside the link"),
        (sums("order", "customer", "limit_now"), "settings.field", "the live look-up “limit_now”"),
        (sums("order", "customer", "total") | {"measure": "count"}, "settings.field", "is not added up"),
        (counts("order", "customer", where=read("about")), "settings.where", "a yes-or-no answer"),
        (counts("order", "customer", where={"===": [read("gone"), 1]}), "settings.where", "There is no field “gone”"),
        (counts("order", "customer", where={">": [read("limit_now"), 1]}), "settings.where", "live look-up"),
        (counts("order", "customer", where={">": [read("customer.limit"), 1]}), "settings.where", "of another record"),
        (counts("order", "customer", where={"<": [read("created_at"), read("now")]}), "settings.where", "“now”"),
        (counts("order", "customer", where={"===": [read("created_by"), read("user.id")]}), "settings.where", "“user”"),
        (counts("order", "customer", where={"===": [read("old.about"), "x"]}), "settings.where", "“old”"),
        (
            counts("order", "customer", where={"===": [{"reduce": [read("lines"), {"+": [read("accumulator"), 1]}, 0]}, 1]}),
            "settings.where",
            "can't say “reduce”",
        ),
    ],
)
def test_roll_ups_that_cannot_be(settings, place, said):
    document = with_sum(settings)
    form_of(document, "order")["fields"].append(field("limit_now", "lookup", settings=LIVE))
    wrong = found(document)
    assert set(wrong) == {next(iter(wrong))} and next(iter(wrong)).startswith(f"forms[customer].fields[it].{place}")
    assert said in next(iter(wrong.values()))


@pytest.mark.parametrize(
    "settings",
    [
        {"via": "customer", "measure": "count"},
        {"form": "order", "measure": "count"},
        {"form": "order", "via": "customer"},
        {"form": "order", "via": "customer", "measure": "median"},
        {"form": 7, "via": "customer", "measure": "count"},
        {"form": "order", "via": ["customer"], "measure": "count"},
        {"form": "order", "via": "customer", "measure": "count", "scale": 9},
        {"form": "order", "via": "customer", "measure": "count", "result": "text"},
        {"form": "order", "via": "customer", "measure": "count", "colour": "red"},
    ],
)
def test_settings_that_say_nothing_are_refused(settings):
    with pytest.raises(Invalid, match=r"fields\[it\].settings"):
        load(with_sum(settings))


def test_a_roll_up_stands_on_a_record_and_is_always_there():
    document = with_sum(counts("order", "customer"), show={"===": [read("name"), "x"]}, required=True, default="1")
    assert set(found(document)) == {"forms[customer].fields[it].show", "forms[customer].fields[it].default"}
    assert "forms[customer].fields[it].required" in found(document, "warn")
    document = rollup_app()
    field_of(document, "order", "lines")["fields"].append(field("it", "rollup", settings=counts("order", "lines.product")))
    assert list(found(document)) == ["forms[order].fields[lines].fields[it].type"]


def test_a_circle_through_three_forms_is_told_whole():
    document = rollup_app()
    order = form_of(document, "order")
    order["fields"].append(field("wealth", "lookup", settings={"via": "customer", "field": "free"}))
    assert found(document) == {}
    field_of(document, "order", "due")["settings"]["rule"] = {"-": [read("total"), read("wealth")]}
    (sentence,) = found(document).values()
    assert sentence == (
        "This stands on itself: order.due → order.wealth → customer.free → customer.open → order.due."
    )


def test_a_sum_over_its_own_form_may_not_stand_on_itself():
    document = rollup_app()
    region = form_of(document, "region")
    region["fields"] += [
        field("below", "rollup", settings=sums("region", "parent", "open")),
        formula("whole", {"+": [read("open"), read("below")]}),
    ]
    assert found(document) == {}
    field_of(document, "region", "below")["settings"]["field"] = "whole"
    (sentence,) = found(document).values()
    assert sentence == "This stands on itself: below → whole → below."
    field_of(document, "region", "below")["settings"]["field"] = "below"
    assert list(found(document).values()) == ["This stands on itself: below → below."]


def test_a_condition_is_part_of_a_circle_too():
    document = rollup_app()
    field_of(document, "customer", "orders")["settings"]["where"] = {"<": [read("due"), read("total")]}
    assert found(document) == {}
    field_of(document, "order", "paid")["settings"]["where"] = {">": [read("share"), 0]}
    form_of(document, "payment")["fields"].append(field("many", "lookup", settings={"via": "order", "field": "due"}))
    form_of(document, "payment")["fields"].append(formula("share", {"/": [read("amount"), read("many")]}))
    (sentence,) = found(document).values()
    assert sentence.endswith("order.paid → payment.share → payment.many → order.due → order.paid.")


@pytest.mark.parametrize("show", [{"===": [read("customer.name"), "x"]}, {"<": [read("due_on"), read("today")]}])
def test_what_is_kept_may_not_stand_on_what_is_hidden_unseen(show):
    document = rollup_app()
    form_of(document, "order")["fields"] += [field("due_on", "date"), field("fee", "money", show=show)]
    assert found(document) == {}
    form_of(document, "order")["fields"].append(formula("all", {"+": [read("due"), read("fee")]}))
    assert list(found(document)) == ["forms[order].fields[all]"]
    assert "shows and hides it" in found(document)["forms[order].fields[all]"]
    form_of(document, "order")["fields"].pop()
    form_of(document, "customer")["fields"].append(field("fees", "rollup", settings=sums("order", "customer", "fee")))
    assert list(found(document)) == ["forms[customer].fields[fees]"]


# who sees them


def modes(document, form: str, path: str) -> set[str]:
    app = load(document)
    grant = grants_of(app, app.form_by_key[form])["clerk"]
    return {step_modes[path] for step_modes in grant.modes.values()}


def with_clerk(order: dict, customer: dict) -> dict:
    document = rollup_app()
    document["roles"].append({"key": "clerk", "label": {"en": "Clerk"}})
    everything = {"role": "clerk", "scope": "all", "cells": {"*": {"*": "read"}}}
    for form in document["forms"]:
        change = {"order": order, "customer": customer}.get(form["key"], {})
        form["access"] = [*form["access"], {**everything, **change}]
    return document


@pytest.mark.parametrize(
    "order",
    [
        {"cells": {"*": {"*": "read"}, "total": {"*": "hidden"}}},
        {"cells": {"*": {"*": "read"}, "total": {"done": "hidden"}}},
        {"cells": {"*": {"*": "read"}, "customer": {"*": "hidden"}}},
        {"scope": "own"},
        {"scope": {"===": [read("status"), "open"]}},
        {"scope": "none"},
    ],
)
def test_a_sum_is_hidden_where_what_it_counts_is(order):
    assert modes(with_clerk({}, {}), "customer", "ordered") == {"read"}
    document = with_clerk(order, {})
    assert modes(document, "customer", "ordered") == {"hidden"}
    document = with_clerk(order, {"cells": {"*": {"*": "read"}, "ordered": {"*": "edit"}}})
    assert modes(document, "customer", "ordered") == {"read"}
    warned = found(document, "warn")
    assert any(path == "forms[customer].access[clerk].cells[ordered]" for path in warned), warned


def test_what_a_condition_reads_is_told_by_the_sum_too():
    document = with_clerk({"cells": {"*": {"*": "read"}, "lines.free": {"*": "hidden"}}}, {})
    assert modes(document, "product", "sold") == {"hidden"}
    assert modes(document, "product", "lines") == {"read"}


def test_a_formula_is_as_hidden_as_the_sum_it_stands_on():
    document = with_clerk({"cells": {"*": {"*": "read"}, "paid": {"*": "hidden"}}}, {})
    assert modes(document, "order", "due") == {"hidden"}
    assert modes(document, "customer", "open") == {"hidden"}
    assert modes(document, "customer", "free") == {"hidden"}
    assert modes(document, "region", "open") == {"hidden"}
    assert modes(document, "customer", "ordered") == {"read"}
