"""The settings of a field as controls, made from the schema of its type: nothing here knows a type by name.

    controls(setting)                  what a page shows, each with its value
    taken(setting, posted)             the settings as they were sent, for the schema to judge
    beginnings(setting)                the settings that a new field needs, with the first thing that fits

Metadata of a schema's field: "label", "names" (of its choices), "refers" (what it names), "rule", "start".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from marshmallow import Schema, fields, validate

from ..platform import registry
from ..platform.definition.model import say
from .attributes import ATTRIBUTES, COLOUR_NAMES
from .keys import fresh_key
from .references import Setting, choices

PREFIX = "settings"


@dataclass(frozen=True)
class Control:
    """One setting. kind: text, pair, number, amount, flag, choice, several, list or rule.

    items: of a list, the controls of each of its elements, and after them those of one to add.
    """

    name: str
    key: str
    label: str
    kind: str
    value: Any = None
    required: bool = False
    options: Sequence[tuple[str, str]] = ()
    least: int | None = None
    most: int | None = None
    items: Sequence[Sequence[Control]] = ()

    @property
    def id(self) -> str:
        return self.name.replace(".", "-")


def controls(setting: Setting) -> list[Control]:
    """Every setting of the field's type."""
    return _controls(_schema(setting), setting, setting.settings, PREFIX)


def _schema(setting: Setting) -> Schema:
    return registry.fields[setting.field.type].Options() if setting.field.type in registry.fields else Schema()


def _controls(schema: Schema, setting: Setting, values: Mapping[str, Any], prefix: str) -> list[Control]:
    return [_control(f"{prefix}.{key}", key, field, setting, values.get(key)) for key, field in schema.fields.items()]


def _control(name: str, key: str, field: fields.Field, setting: Setting, value: Any) -> Control:
    kind = kind_of(field)
    known = {"name": name, "key": key, "label": label_of(key, field, setting.language), "kind": kind, "required": field.required}
    if kind in ("choice", "several"):
        offered = options_of(field, setting)
        there = value if isinstance(value, list) else [value] if value else []
        known["options"] = [*offered, *((one, one) for one in there if one not in dict(offered))]
    if kind == "number":
        bounds = next((one for one in field.validators if isinstance(one, validate.Range)), None)
        known |= {"least": bounds.min, "most": bounds.max} if bounds else {}
    if kind == "list":
        known["items"] = _items(name, field, setting, value or [])
    return Control(value=value, **known)


def _items(name: str, field: fields.List, setting: Setting, values: list[Mapping[str, Any]]) -> list[list[Control]]:
    schema = field.inner.schema
    return [_controls(schema, setting, one, f"{name}.{place}") for place, one in enumerate([*values, {}])]


def kind_of(field: fields.Field) -> str:
    """How a setting is asked for, by what its schema says."""
    if "rule" in field.metadata:
        return "rule"
    if isinstance(field, fields.List):
        return "list" if isinstance(field.inner, fields.Nested) else "several"
    if "refers" in field.metadata or _named(field):
        return "choice"
    for made, kind in ((fields.Boolean, "flag"), (fields.Integer, "number"), (fields.Dict, "pair"), (fields.String, "text")):
        if isinstance(field, made):
            return kind
    return "amount"


def _named(field: fields.Field) -> Sequence[str]:
    """The words that a setting is one of."""
    inner = field.inner if isinstance(field, fields.List) else field
    return next((tuple(one.choices) for one in inner.validators if isinstance(one, validate.OneOf)), ())


def label_of(key: str, field: fields.Field, language: str) -> str:
    label = field.metadata.get("label")
    return say(label, language) if label else str(ATTRIBUTES.get(key, key))


def options_of(field: fields.Field, setting: Setting) -> list[tuple[str, str]]:
    if "refers" in field.metadata:
        return choices(field.metadata["refers"], setting)
    names = field.metadata.get("names", {})
    return [(one, _called(one, names, setting.language)) for one in _named(field)]


def _called(word: str, names: Mapping[str, Mapping[str, str]], language: str) -> str:
    if word in names:
        return say(names[word], language)
    if word in COLOUR_NAMES:
        return str(COLOUR_NAMES[word])
    return say(registry.fields[word].label, language) if word in registry.fields else word


def beginnings(setting: Setting) -> dict[str, Any]:
    """What a new field needs to be one: each required setting, in turn, since one may hang on another."""
    settings: dict[str, Any] = {}
    for key, field in _schema(setting).fields.items():
        if field.required:
            settings[key] = _beginning(key, field, _with(setting, settings))
    return settings


def _with(setting: Setting, settings: Mapping[str, Any]) -> Setting:
    return replace(setting, field=replace(setting.field, settings=dict(settings)))


def _beginning(key: str, field: fields.Field, setting: Setting) -> Any:
    if "start" in field.metadata:
        return field.metadata["start"]
    offered = [one for one, _label in options_of(field, setting)] if kind_of(field) == "choice" else []
    others = [one for one in offered if one != setting.form.key] or offered
    return next(iter(others), key)


def taken(setting: Setting, posted) -> dict[str, Any]:
    """The settings as they were sent; rules, which a page only shows, as they are."""
    return dict(_taken(_schema(setting), posted, setting.settings, PREFIX))


def _taken(schema: Schema, posted, present: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for key, field in schema.fields.items():
        value = _value(field, posted, present.get(key), f"{prefix}.{key}")
        if value is not None:
            yield key, value


def _value(field: fields.Field, posted, present: Any, name: str) -> Any:
    kind = kind_of(field)
    if kind == "rule":
        return present
    if kind == "list":
        return _listed(field, posted, present or [], name)
    if kind == "pair":
        return {code: text for code in ("en", "zh") if (text := posted.get(f"{name}-{code}", "").strip())} or None
    if kind == "several":
        return in_order(present or (), [one for one in posted.getlist(name) if one]) or None
    text = posted.get(name, "").strip()
    if kind == "flag":
        return True if posted.getlist(name)[-1:] == ["true"] else None
    if text and text == str(present):  # a number may stand there as one, or as text
        return present
    if kind == "number" and text.lstrip("-").isdecimal():
        return int(text)
    return text or None


def in_order(before: Sequence[str], chosen: Sequence[str]) -> list[str]:
    """What boxes chose, in the order in which it stood before; what is new at the end."""
    return [*(one for one in before if one in chosen), *(one for one in chosen if one not in before)]


def _listed(field: fields.List, posted, present: Sequence[Mapping[str, Any]], name: str) -> list[dict[str, Any]] | None:
    """The elements in the order of the page; those into which nothing was typed are none."""
    schema = field.inner.schema
    found = []
    for place in range(len(present) + 1):
        before = present[place] if place < len(present) else {}
        found.append(dict(_taken(schema, posted, before, f"{name}.{place}")))
    act, _dot, place = posted.get(f"{name}.act", "").partition(".")
    found = _rearranged(found, act, int(place)) if place.isdecimal() and int(place) < len(present) else found
    return _keyed([one for one in found if any(value not in (None, True) for value in one.values())], schema) or None


def _rearranged(found: list[dict[str, Any]], act: str, place: int) -> list[dict[str, Any]]:
    """After a press on the buttons of an element: "up", "down" or "remove"."""
    one = found.pop(place)
    if act != "remove":
        found.insert(max(0, min(len(found) - 1, place + (1 if act == "down" else -1))), one)
    return found


def _keyed(found: list[dict[str, Any]], schema: Schema) -> list[dict[str, Any]]:
    """New elements get the key that their label suggests."""
    if "key" not in schema.fields:
        return found
    known = {one["key"] for one in found if one.get("key")}
    for one in found:
        if not one.get("key"):
            one["key"] = fresh_key(one.get("label") or {}, known, "option")
            known.add(one["key"])
    return [{"key": one["key"], **one} for one in found]
