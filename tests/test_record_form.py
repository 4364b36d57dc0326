"""A record's form: who may write what at this step, what was changed, and errors in their places."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from decimal import Decimal

import pytest
from formloom.platform.definition.model import App, Field, Form
from formloom.platform.errors import Invalid, Problem
from formloom.platform.formats import formats_for
from formloom.platform.records.compiled import Compiled
from formloom.runtime.record_form import form_for, place, values_from
from posting import page_of
from werkzeug.datastructures import MultiDict

EN = formats_for("en")
TITLES = {("customer", 7): "Ernst Handel", ("product", 11): "Queso Cabrales"}
OPEN = {
    "customer": "required",
    "title": "edit",
    "rush": "edit",
    "freight": "edit",
    "secret": "hidden",
    "total": "read",
    "lines": "edit",
    "lines.product": "required",
    "lines.quantity": "edit",
    "lines.price": "edit",
    "lines.cost": "hidden",
    "lines.amount": "read",
}
VALUES = {
    "customer": 7,
    "title": "First",
    "rush": None,
    "freight": Decimal("1234.5"),
    "total": Decimal("42"),
    "lines": [
        {"id": 1, "product": 11, "quantity": Decimal(2), "price": Decimal("21"), "amount": Decimal(42)},
        {"id": 2, "product": 12, "quantity": Decimal(1), "price": None, "amount": None},
    ],
}


def text(words: str) -> dict[str, str]:
    return {"en": words, "zh": words}


def field(key: str, kind: str, *columns: Field, **options) -> Field:
    return Field(key, kind, text(key.title()), settings=options, fields=columns)


def named(key: str) -> Form:
    return Form(key, text(key), text(key), fields=(field("name", "text"),))


ORDER = Form(
    "order",
    text("Order"),
    text("Orders"),
    fields=(
        field("customer", "link", form="customer"),
        field("title", "text", max_length=20),
        field("rush", "flag"),
        field("freight", "money", min=0),
        field("secret", "text"),
        field("total", "formula", rule={"+": [1, 2]}, result="money"),
        field(
            "lines",
            "rows",
            field("product", "link", form="product"),
            field("quantity", "number"),
            field("price", "money"),
            field("cost", "money"),
            field("amount", "formula", rule={"+": [1, 2]}, result="money"),
        ),
    ),
)
ORDERS = Compiled(App("app", text("App"), forms=(ORDER, named("customer"), named("product"))), 1).forms["order"]


def opened(modes=OPEN, values=VALUES):
    return form_for(ORDERS, modes, values, TITLES, EN)


def comes_back(changes: dict[str, str], modes=OPEN, without=(), now=VALUES):
    posted = page_of(opened(modes))
    for name in without:
        del posted[name]
    for name, typed in changes.items():
        posted[name] = typed
    return form_for(ORDERS, modes, now, TITLES, EN, posted=posted)


def problems_of(form) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        values_from(form)
    return {problem.path: str(problem.message) for problem in refused.value.problems}


def test_only_what_a_person_may_write_is_asked_for():
    form = opened()
    assert [asked.name for asked in form] == ["customer", "title", "rush", "freight"]
    assert form["customer"].flags.required and not form["title"].flags.required
    assert form["customer"].text == "Ernst Handel"
    lines = form.lines["lines"]
    assert [column.key for column in lines.columns] == ["product", "quantity", "price", "amount"]
    assert [column.key for column in lines.open] == ["product", "quantity", "price"]
    assert lines.columns[0].required
    assert lines.lines[0].cells["amount"].text == "42.00"
    assert lines.lines[0].cells["product"].text == "Queso Cabrales"
    assert lines.blank.cells["price"].name == "lines-__index__-price"


def test_the_table_of_lines_shows_the_columns_it_names_and_what_is_open():
    *others, lines = ORDER.fields
    chosen = replace(lines, settings={"columns": ["amount", "cost", "product"]})
    app = App("app", text("App"), forms=(replace(ORDER, fields=(*others, chosen)), named("customer"), named("product")))
    modes = OPEN | {"lines.quantity": "read"}
    form = form_for(Compiled(app, 1).forms["order"], modes, VALUES, TITLES, EN)
    assert [column.key for column in form.lines["lines"].columns] == ["amount", "product", "price"]


def test_nothing_unreadable_travels_with_the_page():
    secret = VALUES | {"secret": "s3cret", "lines": [VALUES["lines"][0] | {"cost": Decimal("13.37")}]}
    form = opened(values=secret)
    assert "s3cret" not in form.base_text and "13.37" not in form.base_text
    assert set(json.loads(form.base_text)) == {"customer", "title", "freight", "lines"}


def test_a_page_that_nobody_touched_changes_nothing():
    assert values_from(comes_back({})) == ({}, {})


def test_what_was_changed_comes_with_what_it_was():
    form = comes_back({"title": " Second ", "freight": "1,000", "rush": "true"})
    changes, base = values_from(form)
    assert changes == {"title": "Second", "freight": Decimal("1000.00"), "rush": True}
    assert base == {"title": "First", "freight": Decimal("1234.5"), "rush": None}


def test_what_was_not_posted_is_left_alone():
    assert values_from(comes_back({}, without=["title", "lines-0-price", "lines-1-price", "lines-1-product"])) == (
        {},
        {},
    )


def test_lines_are_added_changed_moved_and_removed():
    added = {"lines-7-id": "", "lines-7-product": "13", "lines-7-quantity": "3", "lines-7-price": ""}
    changes, base = values_from(comes_back({"lines-0-quantity": "5"} | added))
    assert changes == {"lines": [{"id": 1, "quantity": Decimal(5)}, {"id": 2}, {"product": 13, "quantity": Decimal(3)}]}
    assert base["lines"][0] == {"id": 1, "product": 11, "quantity": Decimal(2), "price": Decimal(21)}
    assert [line["id"] for line in base["lines"]] == [1, 2]

    assert values_from(comes_back({"lines-0-gone": "true"}))[0] == {"lines": [{"id": 2}]}

    posted = page_of(opened())
    moved = MultiDict(sorted(posted.items(multi=True), key=lambda item: item[0].startswith("lines-0")))
    assert values_from(form_for(ORDERS, OPEN, VALUES, TITLES, EN, posted=moved))[0] == {"lines": [{"id": 2}, {"id": 1}]}


def test_an_empty_new_line_is_no_line():
    assert values_from(comes_back({"lines-9-id": "", "lines-9-product": "", "lines-9-price": ""})) == ({}, {})


def test_mistakes_stand_beside_their_fields_and_keep_what_was_typed():
    form = comes_back({"freight": "-5", "title": "x" * 21, "lines-1-price": "much"})
    found = problems_of(form)
    assert set(found) == {"freight", "title", "lines.1.price"}
    assert found["freight"] == "This must be at least 0."
    assert form["freight"].typed == "-5" and form["freight"].errors
    assert form.lines["lines"].lines[1].cells["price"].typed == "much"
    with pytest.raises(Invalid) as refused:
        values_from(form)
    place(form, refused.value)
    assert len(form["freight"].errors) == len(form.lines["lines"].lines[1].cells["price"].errors) == 1
    assert not form.problems


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("total", "total"),
        ("secret", "secret"),
        ("nonsense", "nonsense"),
        ("lines-0-amount", "lines.0.amount"),
        ("lines-0-cost", "lines.0.cost"),
        ("lines-0-nonsense", "lines.0.nonsense"),
        ("other-0-price", "other"),
        ("lines-x-price", "lines-x-price"),
    ],
)
def test_what_is_unknown_or_not_writable_is_refused_by_name(name, path):
    assert list(problems_of(comes_back({name: "1"}))) == [path]


def test_a_hidden_field_is_as_unknown_as_none():
    hidden, none = (problems_of(comes_back({name: "1"}))[name] for name in ("secret", "nonsense"))
    assert hidden.replace("secret", "nonsense") == none


def test_a_page_may_post_names_of_its_own():
    posted = page_of(opened()) | {}
    posted["next"] = "/inbox"
    assert values_from(form_for(ORDERS, OPEN, VALUES, TITLES, EN, posted=posted, also=["next"])) == ({}, {})


def test_lines_that_are_only_read_are_not_posted():
    modes = OPEN | {"lines": "read", "lines.product": "read", "lines.quantity": "read", "lines.price": "read"}
    form = opened(modes)
    assert not form.lines["lines"].editable
    assert "lines" not in json.loads(form.base_text)
    found = problems_of(comes_back({"lines-0-price": "1"}, modes))
    assert found == {"lines": "This cannot be changed here."}


@pytest.mark.parametrize(
    "base", ["", "[]", "null", "{", '{"lines": 7}', '{"customer": "x"}', '{"lines": [{}]}', "[" * 20_000]
)
def test_a_damaged_base_is_refused(base):
    with pytest.raises(Invalid) as refused:
        form_for(ORDERS, OPEN, VALUES, TITLES, EN, posted=MultiDict({"base": base, "title": "x"}))
    assert refused.value.problems[0].path == "base"


def test_a_line_id_that_is_no_number_is_refused():
    assert "lines.0" in problems_of(comes_back({"lines-0-id": "one"}))


def test_a_commands_refusal_is_placed_where_the_person_typed():
    form = comes_back({"lines-0-gone": "true", "lines-1-price": "5"})
    paths = ("title", "lines.0.price", "lines.0", "lines", "secret", "lines.9.price")
    place(form, Invalid([Problem(path, f"No {path}.") for path in paths]))
    lines = form.lines["lines"]
    assert form["title"].errors == ["No title."]
    assert lines.lines[1].cells["price"].errors == ["No lines.0.price."]
    assert lines.lines[1].errors == ["No lines.0."]
    assert lines.errors == ["No lines."]
    assert [problem.path for problem in form.problems] == ["secret", "lines.9.price"]


def test_after_a_clash_the_page_moves_to_what_stands_there_now():
    third = {"id": 3, "product": 13, "quantity": Decimal(9), "price": None}
    now = VALUES | {
        "title": "Theirs",
        "freight": Decimal(7),
        "lines": [VALUES["lines"][0] | {"price": Decimal(30)}, third],
    }
    form = comes_back({"title": "Mine", "lines-0-quantity": "8", "lines-1-quantity": "4"}, now=now)
    form.moves_to(now)
    assert form["title"].typed == "Mine" and form["freight"].typed == "7.00"
    again = form_for(ORDERS, OPEN, now, TITLES, EN, posted=page_of(form))
    changes, base = values_from(again)
    assert changes["title"] == "Mine" and base["title"] == "Theirs"
    assert changes["lines"] == [
        {"id": 1, "quantity": Decimal(8)},
        {"product": 12, "quantity": Decimal(4)},
        {"id": 3},
    ]
    assert base["lines"][0]["price"] == Decimal(30)


def test_an_old_value_beyond_todays_limits_does_not_stop_other_changes():
    old = VALUES | {"freight": Decimal(-3), "title": "longer than twenty characters"}
    posted = page_of(opened(values=old))
    posted["rush"] = "true"
    assert values_from(form_for(ORDERS, OPEN, old, TITLES, EN, posted=posted))[0] == {"rush": True}


def test_two_hundred_lines_are_shown_and_read_without_lag():
    lines = [{"id": n, "product": n, "quantity": Decimal(n), "price": Decimal("21.35")} for n in range(1, 201)]
    many = VALUES | {"lines": lines}
    posted = page_of(opened(values=many))
    posted["lines-7-price"] = "3"

    def took(work) -> float:
        started = time.thread_time()
        work()
        return time.thread_time() - started

    showing = min(took(lambda: opened(values=many)) for _ in range(5))
    reading = min(took(lambda: values_from(form_for(ORDERS, OPEN, many, TITLES, EN, posted=posted))) for _ in range(5))
    assert showing < 0.05 and reading < 0.1
