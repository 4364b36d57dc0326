"""Every field type, by its own examples: whoever adds one gets these tests with it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from formloom.platform import registry
from formloom.platform.definition.model import App, Field, Form
from formloom.platform.field_type import problems
from formloom.platform.formats import formats_for
from formloom.platform.registry import UnknownName, fields, source
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError
from werkzeug.datastructures import MultiDict
from wtforms.form import BaseForm

LANGUAGES = ("en", "zh")
NAMES = sorted(field_type.name for field_type in fields)


def text(words: str) -> dict[str, str]:
    return {"en": words, "zh": words}


def app_with(*members: Field) -> App:
    """An app whose form `it` has these fields, and a link `to` the form `other` with its `name`."""
    name = Field("name", "text", text("Name"))
    to = Field("to", "link", text("To"), settings={"form": "other"})
    forms = (
        Form("it", text("It"), text("Its"), fields=(*members, to)),
        Form("other", text("O"), text("O"), fields=(name,)),
    )
    return App("app", text("App"), forms=forms)


def field_of(name: str, options) -> Field:
    columns = tuple(Field(key, kind, text(key)) for key, kind in fields[name].example_columns)
    return Field("it", name, text("It"), settings=options, fields=columns)


def examples(kind: str, types=fields) -> list:
    found = [(t.name, options, raw) for t in types for options, raw in getattr(t, f"examples_{kind}")]
    return [pytest.param(*example, id=f"{example[0]}-{n}") for n, example in enumerate(found)]


def shown(name: str, options):
    """The type and the field that hold such values, and the app around them."""
    field = field_of(name, options)
    app = app_with(field)
    return *source(field, app), app


@pytest.mark.parametrize("name", NAMES)
def test_a_type_says_what_it_is(name):
    field_type = fields[name]
    assert all(field_type.label.get(language) for language in LANGUAGES)
    assert field_type.icon
    assert field_type.group in ("text", "numbers", "choice", "connected", "files")
    assert field_type.examples_good and field_type.examples_bad


@pytest.mark.parametrize("name", NAMES)
def test_settings_are_labelled_in_both_languages_and_unknown_ones_refused(name):
    options = fields[name].Options()
    for option in options.fields.values():
        assert all(option.metadata["label"].get(language) for language in LANGUAGES), option
    assert "nonsense" in options.validate({"nonsense": 1})


@pytest.mark.parametrize(("name", "options", "raw"), examples("good"))
def test_a_good_value_goes_to_json_and_back_unchanged(name, options, raw):
    assert fields[name].Options().validate(options) == {}
    field_type, field, _ = shown(name, options)
    value = field_type.load(raw, field)
    sent = json.loads(json.dumps(None if value is None else field_type.dump(value, field)))
    assert field_type.load(sent, field) == value

    schema = Schema.from_dict({"it": field_type.value(field)})()
    assert schema.load({"it": raw}) == {"it": value}
    assert schema.dump({"it": value}) == {"it": sent}


@pytest.mark.parametrize(("name", "options", "raw"), examples("bad"))
def test_a_bad_value_is_refused_with_a_sentence(name, options, raw):
    field_type, field, _ = shown(name, options)
    with pytest.raises(ValidationError) as refused:
        field_type.load(raw, field)
    found = problems(refused.value, "it")
    assert found and all(problem.path.split(".")[0] == "it" for problem in found)
    assert all(str(problem.message).endswith(".") for problem in found)


@pytest.mark.parametrize(("name", "options", "raw"), examples("good"))
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_good_value_is_shown_in_both_languages(name, options, raw, language):
    field_type, field, _ = shown(name, options)
    said = field_type.display(field_type.load(raw, field), field, formats_for(language))
    assert isinstance(said, str)
    assert bool(said) == (raw is not None)


ONE_INPUT = [field_type for field_type in fields if field_type.kind != "rows"]
"""Line items have an input for each cell instead."""


@pytest.mark.parametrize(("name", "options", "raw"), examples("good", ONE_INPUT))
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_input_gives_back_the_value_it_was_given(name, options, raw, language):
    field_type, field, _ = shown(name, options)
    formats = formats_for(language)
    value = field_type.load(raw, field)
    asked = one_input(field_type, field, formats, value)
    assert 'name="it"' in asked()

    sent = one_input(field_type, field, formats, value, asked.typed)
    assert sent.validate(None) is True
    assert sent.data == value
    assert field_type.entered(field_type.parse(asked.typed, field, formats), field, formats) == asked.typed


def one_input(field_type, field, formats, value, typed: str | None = None):
    form = BaseForm({"it": field_type.input(field, formats)})
    form.process(MultiDict({"it": typed}) if typed is not None else None, data={"it": value})
    return form["it"]


def choosy() -> list[str]:
    """The types that do not take just any text."""
    return [t.name for t in ONE_INPUT if shown(t.name, t.examples_good[0][0])[0].kind != "text"]


@pytest.mark.parametrize("name", choosy())
def test_what_a_person_mistypes_stays_in_the_input_with_a_sentence(name):
    field_type, field, _ = shown(name, fields[name].examples_good[0][0])
    asked = one_input(field_type, field, formats_for("en"), None, "no such thing")
    assert not asked.validate(None)
    assert str(asked.errors[0]).endswith(".")
    assert asked.typed == "no such thing"


@pytest.mark.parametrize("name", NAMES)
def test_rules_know_the_type(name):
    field_type, field, app = shown(name, fields[name].examples_good[0][0])
    found = field_type.rule_type(field, app)
    assert found.kind == field_type.kind
    assert found.label == field.label


def stored_examples() -> dict[str, tuple[str, dict, object]]:
    found = [(t.name, options, raw) for t in fields for options, raw in t.examples_good]
    return {f"c{n}": example for n, example in enumerate(found) if fields[example[0]].stored(field_of(*example[:2]))}


@pytest.fixture
def kept(workspace) -> Iterator[sa.Connection]:
    with workspace.writing() as connection:
        yield connection


def put_and_get(connection: sa.Connection, columns: dict[str, object], values: dict[str, object]) -> dict:
    """What a real table gives back of a row."""
    members = [sa.Column(key, column) for key, column in columns.items()]
    table = sa.Table("kept", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), *members)
    table.create(connection, checkfirst=True)
    connection.execute(sa.delete(table))
    connection.execute(sa.insert(table), values)
    return dict(connection.execute(sa.select(*(table.c[key] for key in columns))).mappings().one())


def test_every_good_value_survives_the_database(kept):
    columns, values = {}, {}
    for key, (name, options, raw) in stored_examples().items():
        field_type, field, app = shown(name, options)
        columns[key] = field_type.column(field, app)
        values[key] = field_type.load(raw, field)
    assert put_and_get(kept, columns, values) == values


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


def test_an_unknown_name_is_said_and_in_old_data_shown_as_it_is():
    with pytest.raises(UnknownName, match="'hologram'"):
        fields["hologram"]
    old = Field("it", "hologram", text("It"))
    field_type, field = source(old, app_with(old))
    assert field_type.computed and not field_type.stored(field)
    assert field_type.display({"a": 1}, field, formats_for("en")) == "{'a': 1}"


NEWCOMER = """
from ..field_type import refusal
from ..registry import fields
from .number import Number


@fields.register
class Rating(Number):
    name = "rating"
    label = {"en": "Rating", "zh": "评分"}
    examples_good = (({}, 5), ({}, None))
    examples_bad = (({}, 6), ({}, "many"))

    def take(self, raw, field):
        value = super().take(raw, field)
        if value not in (1, 2, 3, 4, 5):
            raise refusal("One to five stars.")
        return value
"""


@pytest.fixture
def house(tmp_path):
    """A copy of the platform, in which files may be added, and Python run: `house("-m", "pytest")`."""
    platform = Path(registry.__file__).parent
    shutil.copytree(platform, tmp_path / "formloom" / "platform", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "formloom" / "platform" / "fields" / "rating.py").write_text(NEWCOMER)
    shutil.copy(__file__, tmp_path)
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}

    def run(*arguments: str) -> subprocess.CompletedProcess:
        command = [sys.executable, *arguments]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)

    return run


def test_a_new_type_is_one_file_and_these_tests_find_it(house):
    ran = house("-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "rating", Path(__file__).name)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "16 passed" in ran.stdout


def test_two_files_of_one_name_stop_the_start(house, tmp_path):
    (tmp_path / "formloom" / "platform" / "fields" / "stars.py").write_text(NEWCOMER)
    ran = house("-c", "from formloom.platform.registry import load_all; load_all()")
    assert ran.returncode != 0
    assert "DuplicateName: two field types are named 'rating'" in ran.stderr
