"""Filters of a list as sentences: groups, relative dates, people; put together in a form, said in chips."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from html import unescape
from urllib.parse import urlencode

import pytest
from formloom.platform.access.members import add_department, add_member, change_member
from formloom.platform.errors import Invalid
from formloom.platform.formats import formats_for
from formloom.platform.records.results import Query
from formloom.platform.workflow.commands import Loaded
from formloom.runtime import spans
from formloom.runtime.comparisons import COMPARISONS
from formloom.runtime.filters import read_filter, read_sentence
from page import visit
from small_app import field, form_of, small_app
from small_world import World
from warehouse import customer

LIST = "/apps/orders/order/"
TODAY = date(2026, 11, 25)  # a Wednesday


@pytest.fixture
def sales(client, orders):
    for name, city in (("Ernst Handel", "Graz"), ("Piccolo", "Salzburg"), ("Alfreds", "Berlin")):
        orders.sales.creates("order", customer=customer(orders, name).id, ship_city=city)
    return client.sign_in(orders.sales)


def found(page) -> set[str]:
    return set(re.findall("Ernst Handel|Piccolo|Alfreds", page.html.split("<tbody>")[1].split("</tbody>")[0])) if "<tbody>" in page.html else set()


def chips(page) -> list[str]:
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split()) for text in re.findall(r'<a class="words".*?</a>', page.html, re.S)]


def at(*sentences: str, **more: str) -> str:
    return f"{LIST}?{urlencode([('view', 'all'), ('columns', 'customer'), *(('f', one) for one in sentences), *more.items()])}"


# groups


def test_alternatives_stand_in_one_chip_and_every_chip_must_hold(sales):
    page = visit(sales, at("ship_city~has~Graz\nship_city~has~Berlin", "customer~filled~"))
    assert found(page) == {"Ernst Handel", "Alfreds"}
    assert chips(page) == ["City contains Graz or contains Berlin", "Customer is filled in"]
    assert found(visit(sales, at("ship_city~has~Graz", "ship_city~has~Berlin"))) == set()


def test_the_other_way_round_one_chip_is_enough(sales):
    page = visit(sales, at("ship_city~has~Graz\nnote~filled~", "ship_city~has~Berlin", join="or"))
    assert found(page) == {"Alfreds"}
    assert chips(page) == ["City contains Graz and Note is filled in", "City contains Berlin"]


def test_a_view_keeps_the_groups(sales):
    query = at("ship_city~has~Graz\nnote~filled~", "ship_city~has~Berlin", join="or").partition("?")[2]
    page = visit(sales, f"{LIST}views/new?{query}").send("question", name="Two cities").follow()
    assert found(page) == {"Alfreds"} and len(chips(page)) == 2 and "Save changes" not in page.text


def test_a_condition_past_what_a_person_sees_is_refused_wherever_it_stands(sales):
    for sentence in ("margin~gt~1", "ship_city~has~Graz\nmargin~gt~1"):
        refused = visit(sales, at(sentence, join="or"))
        assert refused.status == 422 and "There is no field “margin” here." in refused.text


# relative dates

SPANS = {
    "today": ("2026-11-25", "2026-11-25"), "yesterday": ("2026-11-24", "2026-11-24"), "tomorrow": ("2026-11-26", "2026-11-26"),
    "thisweek": ("2026-11-23", "2026-11-29"), "lastweek": ("2026-11-16", "2026-11-22"), "nextweek": ("2026-11-30", "2026-12-06"),
    "thismonth": ("2026-11-01", "2026-11-30"), "lastmonth": ("2026-10-01", "2026-10-31"), "nextmonth": ("2026-12-01", "2026-12-31"),
    "thisquarter": ("2026-10-01", "2026-12-31"), "lastquarter": ("2026-07-01", "2026-09-30"),
    "thisyear": ("2026-01-01", "2026-12-31"), "lastyear": ("2025-01-01", "2025-12-31"), "past": (None, "2026-11-24"),
    "next": ("2026-11-25", "2026-12-02"), "last": ("2026-11-18", "2026-11-25"),
}  # fmt: skip


@pytest.mark.parametrize("comparison", [one for one in COMPARISONS if one.span and one.asks != "one"], ids=lambda one: one.key)
def test_spans_are_of_the_day_they_are_asked(comparison):
    first, last = comparison.span(TODAY, 7)
    assert (first and first.isoformat(), last and last.isoformat()) == SPANS[comparison.key]


def test_spans_stay_within_the_calendar():
    for comparison in COMPARISONS:
        if comparison.span:
            for day in (date.min, date.max):
                value = day if comparison.asks == "one" else 3_660
                first, last = comparison.span(day, value)
                assert first is None or last is None or first <= last or day in (date.min, date.max)


class Frozen(type(formats_for("en", "UTC"))):
    def today(self) -> date:
        return TODAY


@pytest.fixture
def dated(workspace):
    """Visits on every day around today, each seen at an odd hour, in an app that lives far from Greenwich."""
    document = small_app() | {"zone": "Pacific/Auckland"}
    form_of(document, "visit")["fields"].append(field("seen", "moment"))
    form_of(document, "visit")["access"] = [{"role": "staff", "scope": "all", "cells": {"*": {"*": "edit"}}}]
    world = World(workspace, document)
    days = [TODAY + timedelta(days=step) for step in range(-400, 401)]
    rows = [{"about": day.isoformat(), "day": day.isoformat(), "seen": f"{day.isoformat()}T{n % 24:02}:30:00Z"} for n, day in enumerate(days)]
    world.engine.load("visit", [Loaded("open", row) for row in rows])
    return world


def everything(gate, where=True) -> list:
    rows, after = [], None
    while True:
        page = gate.page(Query("visit", ("day", "seen"), where=where, limit=500, after=after))
        rows, after = rows + list(page.rows), page.next
        if after is None:
            return rows


def test_days_and_moments_fall_into_the_same_spans_where_the_company_is(dated):
    formats = Frozen("en", "Pacific/Auckland")
    day_of = {"day": lambda value: value, "seen": lambda value: formats.local(value).date()}
    with dated.gate("staff") as gate:
        form, every = gate.compiled.form("visit"), everything(gate)
        for comparison in (one for one in COMPARISONS if one.span):
            value = {"days": 7, "one": date(2026, 11, 20)}.get(comparison.asks)
            first, last = comparison.span(TODAY, value)
            for name, day in day_of.items():
                rule = read_filter(form, f"{name}~{comparison.key}~{value or ''}", formats).rule(formats, ())
                meant = {row.id for row in every if (first or date.min) <= day(row.values[name]) <= (last or date.max)}
                assert {row.id for row in everything(gate, rule)} == meant, (comparison.key, name)


def test_a_moment_begins_at_midnight_here():
    assert spans.start_of(date(2026, 11, 25), formats_for("en", "Asia/Shanghai")) == "2026-11-24T16:00:00Z"
    assert datetime.fromisoformat(spans.start_of(date.min, formats_for("en", "Asia/Shanghai"))[:-1]) is not None


@pytest.mark.parametrize("text", ["ordered~next~", "ordered~next~-1", "ordered~next~1.5", "ordered~next~99999", "ordered~on~", "created_at~on~soon"])
def test_what_is_no_number_of_days_is_named(sales, text):
    assert visit(sales, at(text)).status == 422


# people


def test_me_and_my_department_are_whoever_asks(client, orders):
    with orders.workspace.writing() as connection:
        team, other = add_department(connection, "Team"), add_department(connection, "Other")
        below = add_department(connection, "Below", team)
        colleague = add_member(connection, "Bo", department_id=below)
        stranger = add_member(connection, "Cy", department_id=other)
        change_member(connection, orders.sales.id, department_id=team)
    buyer = customer(orders, "Ernst Handel")
    for person in (orders.sales.id, colleague, stranger):
        orders.sales.creates("order", customer=buyer.id, sales_person=person)
    client.sign_in(orders.sales)
    tally = {key: visit(client, at(f"sales_person~{key}~")).html.count('class="key"') for key in ("me", "notme", "ours")}
    assert tally == {"me": 1, "notme": 2, "ours": 2}
    assert visit(client, at("created_by~me~")).html.count('class="key"') == 3
    client.sign_in(orders.manager)
    assert visit(client, at("created_by~me~")).html.count('class="key"') == 0


# the form


def applied(client, page, **changed) -> str:
    """The address to which the form of filters leads when it is applied."""
    fields = page.form("filter-editor").fields | changed | {"act": "apply"}
    fields = {name: value for name, value in fields.items() if name == "act" or value != ""}
    return visit(client, f"{LIST}?{urlencode(fields, doseq=True)}")


def test_what_is_there_opens_in_the_form_and_comes_back_the_same(sales):
    address = at("ship_city~has~Graz\nship_city~has~Berlin", "ordered~next~7", "status~is~draft,submitted", f"customer~is~{1},{2}")
    page = visit(sales, f"{address}&menu=filter")
    assert {"value-0-0", "value-0-1", "value-1-0", "value-2-0", "value-3-0"} <= page.form("filter-editor").fields.keys()
    done = applied(sales, page)
    assert done.status == 303 and sorted(done.location.split("&")[1:]) == sorted(address.split("&")[1:])


def test_conditions_and_groups_are_added_and_taken_away(sales):
    page = visit(sales, f"{LIST}?act=group&field-0-0=ship_city&is-0-0=has&value-0-0=Graz")
    assert page.html.count('class="condition"') == 2 and 'value="Graz"' in page.html
    page = visit(sales, f"{LIST}?act=more-0&field-0-0=ship_city&is-0-0=has&value-0-0=Graz")
    assert page.html.count("<fieldset class=\"group\"") == 1 and page.html.count('class="condition"') == 2
    page = visit(sales, f"{LIST}?act=less-0-0&field-0-0=ship_city&is-0-0=has&value-0-0=Graz")
    assert 'class="condition"' not in page.html
    assert applied(sales, page).location == LIST


def test_what_is_wrong_stands_beside_its_condition_and_nothing_is_lost(sales):
    page = applied(sales, visit(sales, f"{at('ship_city~has~Graz')}&add=total"), **{"is-1-0": "gt", "value-1-0": "much"})
    assert page.status == 200 and re.search(r'id="value-1-0"[^>]*value="much"[^>]*aria-invalid="true"', page.html)
    assert 'value="Graz"' in page.html
    page = applied(sales, page, **{"value-1-0": ""})
    assert "Say what to compare with." in page.text


def test_records_to_choose_from_are_those_that_may_be_chosen(sales, orders):
    page = visit(sales, f"{LIST}?add=customer")
    assert "Ernst Handel</option>" in page.html
    assert visit(sales, f"{LIST}?add=margin").status == 404
    assert visit(sales, f"{LIST}?act=apply&field-0-0=margin&is-0-0=gt&value-0-0=1").status == 404
    number = re.search(r'value="(\d+)">Piccolo', page.html)[1]
    chosen = visit(sales, f"{LIST}?act=redraw&field-0-0=customer&is-0-0=is&value-0-0={number}")
    assert re.search(rf'type="checkbox" name="value-0-0" value="{number}" checked>Piccolo', chosen.html)


def test_conditions_of_one_kind_have_names_of_their_own():
    for kind in {kind for one in COMPARISONS for kind in one.kinds}:
        keys = [one.key for one in COMPARISONS if kind in one.kinds]
        assert len(keys) == len(set(keys)), kind


def test_a_sentence_is_refused_whole(dated):
    with dated.gate("staff") as gate, pytest.raises(Invalid):
        read_sentence(gate.compiled.form("visit"), "about~has~a\nnothing~is~b", "and", formats_for("en", "UTC"))
