"""Whatever is sent or typed: taken exactly or refused with a sentence, never a crash, and kept as it was."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from example_fields import NAMES, ONE_INPUT, one_input, put_and_get, shown
from formloom.platform.field_type import problems
from formloom.platform.formats import formats_for
from formloom.platform.registry import fields
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError


@pytest.fixture
def kept(workspace) -> Iterator[sa.Connection]:
    with workspace.writing() as connection:
        yield connection


STRATEGIES = {
    "text": st.text(max_size=40),
    "long_text": st.text(max_size=200),
    "number": st.decimals(-9_223_372_036_854, 9_223_372_036_854, places=6),
    "money": st.decimals(-9_223_372_036_854, 9_223_372_036_854, places=2),
    "percent": st.decimals(-9_000_000, 9_000_000, places=6),
    "date": st.dates(),
    "moment": st.datetimes(),
    "flag": st.booleans(),
    "person": st.integers(1, 2**63 - 1),
    "link": st.integers(1, 2**63 - 1),
}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.fixed_dictionaries(STRATEGIES))
def test_any_value_that_is_taken_is_kept_and_dumped_exactly(kept, raw):
    columns, values = {}, {}
    for name, given_value in raw.items():
        field_type, field, app = shown(name, fields[name].examples_good[0][0])
        try:
            values[name] = field_type.load(given_value, field)
        except ValidationError:
            assert name in ("text", "long_text")
            continue
        columns[name] = field_type.column(field, app)
        dumped = None if values[name] is None else field_type.dump(values[name], field)
        assert field_type.load(json.loads(json.dumps(dumped)), field) == values[name]
    assert put_and_get(kept, columns, values) == values


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=25, deadline=None)
@given(raw=ANYTHING)
def test_anything_is_either_taken_or_refused_with_a_sentence(name, raw):
    field_type, field, _ = shown(name, fields[name].examples_good[0][0])
    formats = formats_for("en")
    for read in (field_type.load, field_type.revive):
        try:
            value = read(raw, field)
        except ValidationError as error:
            assert problems(error, "it")
            continue
        dumped = None if value is None else field_type.dump(value, field)
        assert read(json.loads(json.dumps(dumped)), field) == value
        assert isinstance(field_type.display(value, field, formats), str)


@pytest.mark.parametrize("name", [t.name for t in ONE_INPUT])
@settings(max_examples=25, deadline=None)
@given(typed=st.text(max_size=30) | st.from_regex(r"[-+]?[0-9,. ]{0,20}%?", fullmatch=True))
def test_whatever_is_typed_is_either_understood_or_refused(name, typed):
    field_type, field, _ = shown(name, fields[name].examples_good[0][0])
    asked = one_input(field_type, field, formats_for("zh"), None, typed)
    if not asked.validate(None):
        assert str(asked.errors[0]).endswith(".")
    assert f"{asked.name}" in asked()
