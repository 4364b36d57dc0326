"""What single field types mean: what people type, what they see, how line items and look-ups behave."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
import sqlalchemy as sa
from formloom.platform.definition.model import App, Field, Form
from formloom.platform.field_type import problems
from formloom.platform.fields import serial
from formloom.platform.formats import formats_for
from formloom.platform.registry import fields, source
from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict
from wtforms.form import BaseForm


def text(words: str) -> dict[str, str]:
    return {"en": words, "zh": words}


def field_of(name: str, options) -> Field:
    columns = (Field("what", "text", text("What")), Field("price", "money", text("Price")))
    return Field("it", name, text("It"), settings=options, fields=columns if name == "rows" else ())


def app_with(*members: Field) -> App:
    """An app whose form `it` has these fields, and a link `to` the form `other` with its `name`."""
    name = Field("name", "text", text("Name"))
    to = Field("to", "link", text("To"), settings={"form": "other"})
    it = Form("it", text("It"), text("Its"), fields=(*members, to))
    return App("app", text("App"), forms=(it, Form("other", text("Other"), text("Others"), fields=(name,))))


@pytest.mark.parametrize(
    ("name", "options", "typed", "value"),
    [
        ("number", {}, "1,234.5", Decimal("1234.5")),
        ("number", {}, "１，２３４．５", Decimal("1234.5")),
        ("number", {"scale": 1}, "0.25", Decimal("0.3")),
        ("number", {"scale": 1}, "-0.25", Decimal("-0.3")),
        ("money", {}, " 12.345 ", Decimal("12.35")),
        ("percent", {}, "5", Decimal("0.05")),
        ("percent", {}, "5 %", Decimal("0.05")),
        ("percent", {}, "12.5％", Decimal("0.125")),
        ("percent", {"scale": 0}, "12.5", Decimal("0.13")),
        ("text", {}, "  Cafe\u0301 ", "Café"),
        ("long_text", {}, "a\r\nb", "a\nb"),
        ("link", {"form": "other"}, "7", 7),
        ("flag", {}, "true", True),
        ("date", {}, "2026-11-24", datetime.date(2026, 11, 24)),
        ("number", {}, "  ", None),
    ],
)
def test_what_people_type_is_understood(name, options, typed, value):
    assert fields[name].parse(typed, field_of(name, options), formats_for("en")) == value


def test_a_moment_is_typed_and_shown_where_the_reader_is():
    field_type, field, there = fields["moment"], field_of("moment", {}), formats_for("zh", "Asia/Shanghai")
    moment = field_type.parse("2026-11-24T09:12", field, there)
    assert moment == datetime.datetime(2026, 11, 24, 1, 12)
    assert field_type.entered(moment, field, there) == "2026-11-24T09:12"
    assert field_type.display(moment, field, there) == "2026年11月24日 09:12"


def test_an_untouched_input_keeps_what_it_can_not_show():
    """A value finer than the input shows is not changed by saving the form."""
    field_type, field, formats = fields["moment"], field_of("moment", {}), formats_for("en")
    fine = datetime.datetime(2026, 11, 24, 9, 12, 33, 250)
    form = BaseForm({"it": field_type.input(field, formats)})
    form.process(MultiDict({"it": field_type.entered(fine, field, formats)}), data={"it": fine})
    assert form["it"].data == fine


def test_a_linked_record_and_a_person_are_shown_by_name():
    titles = {("other", 7): "Ernst Handel", ("person", 3): "Nancy Davolio"}
    formats = formats_for("en")
    assert fields["link"].display(7, field_of("link", {"form": "other"}), formats, titles) == "Ernst Handel"
    assert fields["person"].display(3, field_of("person", {}), formats, titles) == "Nancy Davolio"
    assert fields["link"].display(8, field_of("link", {"form": "other"}), formats, titles) == "#8"


def test_settings_that_contradict_themselves_are_refused():
    assert "max" in fields["number"].Options().validate({"min": 5, "max": 1})
    assert "min" in fields["number"].Options().validate({"min": "low"})
    options = [{"key": "a", "label": text("A")}, {"key": "a", "label": text("B")}]
    assert "options" in fields["choice"].Options().validate({"options": options})


def test_every_wrong_cell_of_a_line_is_named():
    with pytest.raises(ValidationError) as refused:
        fields["rows"].load([{"what": "ok"}, {"what": 7, "price": "x", "colour": 1}], field_of("rows", {}))
    assert {p.path for p in problems(refused.value, "lines")} == {"lines.1.what", "lines.1.price", "lines.1.colour"}


def test_a_look_up_shows_what_it_looks_at_and_survives_leading_nowhere():
    looked = Field("tier", "lookup", text("Tier"), settings={"via": "to", "field": "name"})
    lost = Field("lost", "lookup", text("Lost"), settings={"via": "nowhere", "field": "name"})
    circle = Field("round", "lookup", text("Round"), settings={"via": "self", "field": "round"})
    itself = Field("self", "link", text("Self"), settings={"form": "it"})
    app = app_with(looked, lost, circle, itself)
    assert source(looked, app)[0].name == "text"
    assert fields["lookup"].rule_type(looked, app).kind == "text"
    for broken in (lost, circle):
        assert fields["lookup"].rule_type(broken, app).kind == "empty"
        assert source(broken, app)[0].name == "lookup"


def test_links_in_circles_are_looked_at_only_when_asked():
    back = Field("back", "link", text("Back"), settings={"form": "it"})
    found = fields["link"].rule_type(back, app_with(back))
    assert found.members["back"].members["back"].target == "it"


@pytest.mark.parametrize(
    ("pattern", "period", "rendered"),
    [
        ("SO-{yyyy}{mm}-{n:4}", "202611", "SO-202611-0412"),
        ("{yy}{mm}{dd}/{n:3}", "261124", "261124/412"),
        ("{n}", "", "412"),
        ("编号{n:5}号", "", "编号00412号"),
        ("{n:2}-{yyyy}", "2026", "412-2026"),
    ],
)
def test_a_serial_number_counts_in_the_period_that_its_pattern_shows(pattern, period, rendered):
    parsed, day = serial.parse(pattern), datetime.date(2026, 11, 24)
    assert parsed.period(day) == period
    assert parsed.render(day, 412) == rendered
    assert parsed.read(rendered, day) == 412
    assert parsed.read("X" + rendered, day) is None


@pytest.mark.parametrize(
    "pattern", ["SO", "{n}{n}", "{m}-{n}", "{mm}-{n}", "{yyyy}{dd}-{n}", "{n:0}", "{n:12}", "{n", ""]
)
def test_a_pattern_that_could_repeat_a_number_is_refused(pattern):
    with pytest.raises(ValidationError):
        serial.parse(pattern)


def test_text_is_ordered_by_code_point(workspace):
    table = sa.Table("sorted", sa.MetaData(), sa.Column("word", fields["text"].column(None, None)))
    words = ["a", "B", "Z", "ä", "z", "中", "\U0001f600", "文", "A b", "Ab"]
    with workspace.writing() as connection:
        table.create(connection)
        connection.execute(sa.insert(table), [{"word": word} for word in words])
        found = list(connection.scalars(sa.select(table.c.word).order_by(table.c.word)))
    assert found == sorted(words)
