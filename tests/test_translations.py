"""Everything people read is there in Chinese, and nothing that nobody says any more."""

from __future__ import annotations

import re
import string

import pytest
from babel.messages.mofile import read_mo
from formloom.platform.language import listed, speaking
from formloom.platform.translations import collect

HAN = re.compile(r"[\u4e00-\u9fff]")
SAME_IN_BOTH = {"Formloom"}


@pytest.fixture(scope="module")
def said() -> set:
    """Every sentence in code and templates, those with a plural as pairs."""
    return {message.id for message in collect.said() if message.id}


@pytest.fixture(scope="module")
def written():
    return {message.id: message.string for message in collect.written("zh") if message.id}


def test_everything_people_read_is_translated(said, written):
    assert sorted(map(str, said - written.keys())) == [], "run `make translations` and fill in what is missing"
    assert [sentence for sentence, chinese in written.items() if not _first(chinese)] == []


def test_nothing_is_kept_that_nobody_says(said, written):
    assert sorted(map(str, written.keys() - said)) == [], "run `make translations`"


def test_translations_hold_the_same_places_for_values(written):
    for sentence, chinese in written.items():
        whole = sentence[-1] if isinstance(sentence, tuple) else sentence
        assert _places(whole) == _places(_first(chinese)), whole


def test_chinese_is_chinese(written):
    for sentence, chinese in written.items():
        assert HAN.search(_first(chinese)) or sentence in SAME_IN_BOTH, sentence


def test_what_is_compiled_is_what_is_written(written):
    with (collect.HERE / "zh" / "LC_MESSAGES" / "messages.mo").open("rb") as file:
        compiled = {_first(message.id): _first(message.string) for message in read_mo(file) if message.id}
    assert compiled == {_first(sentence): _first(chinese) for sentence, chinese in written.items()}


@pytest.mark.parametrize(("language", "words"), [("en", "red, blue"), ("zh", "red、blue")])
def test_words_are_listed_as_the_language_does(language, words):
    with speaking(language):
        assert listed(["red", "blue"]) == words


def _first(words) -> str:
    """The first of several plural forms."""
    return words if isinstance(words, str) else words[0]


def _places(sentence: str) -> list[str]:
    percent = re.findall(r"%\((\w+)\)[sd]", sentence)
    braces = [] if percent else [name for _, name, *_ in string.Formatter().parse(sentence) if name]
    return sorted(percent + braces)
