"""Every difference between two definitions is said in words, in both languages."""

from __future__ import annotations

import copy
import random
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import g
from formloom.builder.change_words import Said, in_words
from formloom.platform.definition.diff import changes
from formloom.platform.definition.schema import load, normal
from formloom.platform.errors import Invalid
from formloom.platform.gallery import template

TURNS = 160
RAW = re.compile(r'[\[{]"|\[\[|"[\]}]|": |\bNone\b|\bTrue\b|\bFalse\b|[{][}]|^[a-z]+(_[a-z0-9]+)+$')
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@contextmanager
def reading(house, language: str):
    with house.app.test_request_context("/"):
        g.language = language
        yield


def places(value, path=()) -> Iterator[tuple]:
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, child in inside:
        yield from places(child, (*path, name))


def other(value, chance: random.Random):
    """Something of the same kind that is not the same."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return chance.choice([value + " again", ""])
    if isinstance(value, dict):
        return dict(list(value.items())[: len(value) // 2])
    if isinstance(value, list):
        return chance.choice([value[::-1], value[1:]])
    return "something"


def changed(document: dict, chance: random.Random) -> dict:
    """A copy that differs at a random place: gone, other, twice, or elsewhere in its list."""
    made = copy.deepcopy(document)
    *way, last = chance.choice([path for path in places(document) if path and path[0] not in ("format", "key")])
    holder = made
    for name in way:
        holder = holder[name]
    what = chance.choice(["gone", "other", "twice"])
    if what == "twice" and isinstance(holder, list) and isinstance(holder[last], dict) and "key" in holder[last]:
        holder.insert(0, copy.deepcopy(holder[last]) | {"key": f"{holder[last]['key'][:17]}_2"})
    elif what == "gone":
        del holder[last]
    else:
        holder[last] = other(holder[last], chance)
    return made


def faults(said: Said) -> list[str]:
    """What is wrong with how a change is said."""
    wrong = [name for name in ("group", "place", "what") if not getattr(said, name)]
    wrong += ["nothing"] if said.kind == "changed" and said.old == said.new and said.old else []
    return wrong + [text for text in (said.group, said.place, said.what, said.old, said.new) if RAW.search(text)]


@pytest.mark.parametrize("seed", range(2))
def test_a_difference_anywhere_is_said_and_never_as_code(house, seed):
    chance, told = random.Random(seed), 0
    document = normal(template("orders"))
    before = load(document)
    while told < TURNS / 2:
        made = changed(document, chance)
        try:
            after = load(made, lenient=True)
        except Invalid:
            continue
        found = changes(document, made)
        for language in ("en", "zh"):
            with reading(house, language):
                said = in_words(found, before, after)
            assert len(said) == len(found)
            for one, change in zip(said, found, strict=True):
                assert not faults(one), (change, one)
                assert language == "en" or CHINESE.search(one.what), (change, one)
        told += bool(found)
    assert told




EXAMPLES = [
    (("Sale", "label › English", "Order", "Sale"), lambda d: d["forms"][0]["label"].update(en="Sale")),
    (("Order › Customer", "type", "Link", "Text"), lambda d: field(d, "customer").update(type="text")),
    (("Order › Cancel the order › Reason", "required", "yes", "no"), lambda d: transition(d, "cancel")["ask"][0].pop("required")),
    (
        ("Order › Ship › Move and record", "Balances: 1 adds, -1 takes away › On hand", "-1", "-2"),
        lambda d: effect(d, "ship", "stock")["settings"]["changes"].update(on_hand=-2),
    ),
    (
        ("Order › Approve", "who › roles", "Sales, Sales manager", ""),
        lambda d: transition(d, "approve")["who"].update(roles=["finance"]),
    ),
]


def keyed(elements: list, key: str) -> dict:
    return next(one for one in elements if one["key"] == key)


def field(document: dict, key: str) -> dict:
    return keyed(document["forms"][0]["fields"], key)


def transition(document: dict, key: str) -> dict:
    return keyed(document["forms"][0]["transitions"], key)


def effect(document: dict, key: str, name: str) -> dict:
    return keyed(transition(document, key)["effects"], name)


def test_changes_read_as_people_speak(house):
    document = normal(template("orders"))
    with reading(house, "en"):
        for expected, change in EXAMPLES:
            made = copy.deepcopy(document)
            change(made)
            (said,) = in_words(changes(document, made), load(document), load(made, lenient=True))
            assert (said.place, said.what, said.old, said.new) == expected
