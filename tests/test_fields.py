"""Every field type, by its own examples: whoever adds one gets these tests with it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from example_fields import NAMES, ONE_INPUT, app_with, field_of, one_input, put_and_get, shown
from formloom.platform import registry
from formloom.platform.definition.model import Field
from formloom.platform.field_type import problems
from formloom.platform.formats import formats_for
from formloom.platform.registry import UnknownName, fields, source
from marshmallow import Schema, ValidationError

LANGUAGES = ("en", "zh")


def examples(kind: str, types=fields) -> list:
    found = [(t.name, options, raw) for t in types for options, raw in getattr(t, f"examples_{kind}")]
    return [pytest.param(*example, id=f"{example[0]}-{n}") for n, example in enumerate(found)]


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


def test_every_good_value_survives_the_database(workspace):
    columns, values = {}, {}
    for key, (name, options, raw) in stored_examples().items():
        field_type, field, app = shown(name, options)
        columns[key] = field_type.column(field, app)
        values[key] = field_type.load(raw, field)
    with workspace.writing() as connection:
        assert put_and_get(connection, columns, values) == values


def test_an_unknown_name_is_said_and_in_old_data_shown_as_it_is():
    with pytest.raises(UnknownName, match="'hologram'"):
        fields["hologram"]
    old = Field("it", "hologram", {"en": "It"})
    field_type, field = source(old, app_with(old))
    assert field_type.computed and not field_type.stored(field)
    assert field_type.display({"a": 1}, field, formats_for("en")) == "{'a': 1}"


NEWCOMER = """
from ..field_type import refusal
from ..registry import fields
from .number import Number


@fields.register
class Grade(Number):
    name = "grade"
    label = {"en": "Grade", "zh": "等级"}
    examples_good = (({}, 5), ({}, None))
    examples_bad = (({}, 6), ({}, "many"))

    def take(self, raw, field):
        value = super().take(raw, field)
        if value not in (1, 2, 3, 4, 5):
            raise refusal("One to five.")
        return value
"""


@pytest.fixture
def house(tmp_path):
    """A copy of the platform, in which files may be added, and Python run: `house("-m", "pytest")`."""
    platform = Path(registry.__file__).parent
    shutil.copytree(platform, tmp_path / "formloom" / "platform", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "formloom" / "platform" / "fields" / "grade.py").write_text(NEWCOMER)
    for name in ("test_fields.py", "example_fields.py"):
        shutil.copy(Path(__file__).with_name(name), tmp_path)
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}

    def run(*arguments: str) -> subprocess.CompletedProcess:
        command = [sys.executable, *arguments]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)

    return run


def test_a_new_type_is_one_file_and_these_tests_find_it(house):
    ran = house("-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "grade", Path(__file__).name)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "16 passed" in ran.stdout


def test_two_files_of_one_name_stop_the_start(house, tmp_path):
    (tmp_path / "formloom" / "platform" / "fields" / "grades.py").write_text(NEWCOMER)
    ran = house("-c", "from formloom.platform.registry import load_all; load_all()")
    assert ran.returncode != 0
    assert "DuplicateName: two field types are named 'grade'" in ran.stderr
