"""What the parts of a definition are called, for people: kinds of elements, attributes, modes, choices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g
from flask_babel import lazy_gettext as __

from ..platform import registry
from ..platform.definition.model import Field, say

KINDS: Mapping[str, Any] = {
    "roles": __("Role"), "status_lists": __("Status list"), "forms": __("Form"), "statuses": __("Status"),
    "fields": __("Field"), "layout": __("Section"), "transitions": __("Transition"), "views": __("View"),
    "checks": __("Check"), "guards": __("Condition"), "effects": __("Effect"), "access": __("Rights"),
    "ask": __("Question"), "sort": __("Sort order"), "options": __("Choice"), "holds": __("Condition"),
    "reminders": __("Reminder"), "tabs": __("Tab"),
}  # fmt: skip

GROUP_NAMES: Mapping[str, Any] = {
    "text": __("Text"), "numbers": __("Numbers and dates"), "choice": __("Choice and people"), "connected": __("Connected"),
    "files": __("Files"),
}  # fmt: skip

OWN_NAMES: Mapping[str, Any] = {
    "status": __("Status"), "status_since": __("In its status since"), "created_by": __("Created by"), "created_at": __("Created"),
    "updated_by": __("Changed by"), "updated_at": __("Changed"),
}  # fmt: skip

MODE_NAMES: Mapping[str, Any] = {
    "hidden": __("hidden"), "masked": __("masked"), "read": __("read"), "edit": __("edit"), "required": __("required"),
}

SCOPE_NAMES: Mapping[str, Any] = {
    "all": __("all records"), "own": __("what they made themselves"), "in_charge": __("what they are in charge of"),
    "department": __("what their department made"), "department_below": __("what their department and those below made"),
    "none": __("nothing"),
}  # fmt: skip

STATUS_KIND_NAMES: Mapping[str, Any] = {
    "start": __("beginning"), "active": __("on the way"), "done": __("done"), "cancelled": __("cancelled"), "exception": __("exception"),
}

COLOUR_NAMES: Mapping[str, Any] = {
    "grey": __("grey"), "amber": __("amber"), "orange": __("orange"), "blue": __("blue"), "violet": __("violet"), "teal": __("teal"),
    "green": __("green"), "red": __("red"), "pink": __("pink"), "indigo": __("indigo"), "lime": __("lime"), "slate": __("slate"),
}  # fmt: skip

CHOICES: Mapping[str, Mapping[str, Any]] = {
    "scope": SCOPE_NAMES,
    "colour": COLOUR_NAMES,
    "kind": STATUS_KIND_NAMES | {
        "list": __("list"), "board": __("board"), "calendar": __("calendar"), "timeline": __("timeline"),
        "one": __("one of them"), "all": __("all of them"), "some": __("so many of them"), "in_turn": __("one after the other"),
    },
    "tone": {"main": __("the main thing"), "normal": __("usual"), "danger": __("dangerous")},
    "opinion": {"none": __("not asked"), "optional": __("if they like"), "required": __("needed")},
    "target": {"*": __("stays where it is")},
}  # fmt: skip

ATTRIBUTES: Mapping[str, Any] = {
    "label": __("label"), "plural": __("label of several"), "help": __("help"), "description": __("description"), "message": __("sentence"),
    "confirm": __("confirmation"), "type": __("type"), "required": __("required"), "show": __("shown"), "lock": __("locked"), "default": __("start value"),
    "rule": __("rule"), "when": __("when"), "where": __("filter"), "scope": __("which records"), "columns": __("columns"),
    "fields": __("fields"), "icon": __("icon"), "group": __("group"), "title": __("field that names a record"),
    "subtitle": __("field beside the name"), "comments": __("people may comment"), "status_list": __("status list"), "kind": __("kind"), "colour": __("colour"),
    "in_charge": __("in charge"), "hours_allowed": __("hours allowed"), "clock_stands": __("clock stands still"),
    "sources": __("from"), "target": __("to"), "who": __("who"), "roles": __("roles"), "creator": __("who made the record"),
    "head": __("head of department"), "lift": __("who can help"), "automatic": __("by itself"), "tone": __("tone"),
    "rows": __("line items"), "approval": __("approval"), "count": __("how many"), "not_self": __("not by oneself"),
    "opinion": __("opinion"), "signature": __("signature"), "wait": __("time"), "field": __("field"), "days": __("days"), "hours": __("hours"),
    "working": __("working time"), "preview": __("effect shown first"), "bulk": __("several at once"), "to": __("whom"),
    "statuses": __("statuses"), "create": __("may create"), "delete": __("may delete"), "load": __("may bring in history"),
    "cells": __("rights"), "descending": __("largest first"), "currency": __("currency"), "zone": __("time zone"),
    "calendar": __("calendar"), "weekdays": __("working days"), "opens": __("opens"), "closes": __("closes"),
    "holidays": __("holidays"), "workdays": __("worked days"), "samples": __("sample data"), "settings": __("settings"),
    "x": __("place in the diagram"), "y": __("place in the diagram"), "forms": __("forms"), "status_lists": __("status lists"), "key": __("key"),
    "layout": __("sections"), "transitions": __("transitions"), "views": __("views"), "checks": __("checks"),
    "guards": __("conditions"), "effects": __("effects"), "access": __("rights"), "ask": __("questions"), "sort": __("sort order"),
    "by": __("columns or groups by"), "total": __("summed up"), "start": __("begins at"), "end": __("ends at"),
    "reminders": __("reminders"), "tracking": __("tracking link"), "public": __("form by link"), "on": __("open"), "intro": __("what is said before"),
    "closing": __("what is said afterwards"), "a_day": __("at most a day"), "in_all": __("at most in all"), "tab": __("tab"), "tabs": __("tabs"), "en": "English", "zh": "中文",
}  # fmt: skip


def attribute_name(path: tuple[str, ...], holder: Any) -> str:
    """An attribute's name in words, outer ones first."""
    return " › ".join(attribute_names(path, holder))


def attribute_names(path: tuple[str, ...], holder: Any) -> list[str]:
    """The same in its parts: settings are called as their type calls them."""
    if path[:1] == ("settings",) and len(path) > 1:
        return [setting_name(holder, path[1]), *(_name(one) for one in path[2:])]
    return [_name(one) for one in path]


def setting_name(holder: Any, name: str) -> str:
    """What a field type or an action calls one of its settings."""
    members = registry.fields if isinstance(holder, Field) else registry.actions
    kind = getattr(holder, "type", "")
    field = members[kind].Options._declared_fields.get(name) if kind in members else None
    label = field.metadata.get("label") if field is not None else None
    return say(label, g.language) if label else _name(name)


def choice_name(path: tuple[str, ...], value: str) -> str:
    """What a word among few means, as in `kind` "done"; "" where it is none of those."""
    return str(CHOICES.get(path[-1], {}).get(value, "")) if path else ""


def type_name(path: tuple[str, ...], value: str) -> str:
    """What people call a field type or an action; "" where a value is none."""
    if path[-1:] != ("type",):
        return ""
    found = registry.actions if "effects" in path else registry.fields
    return say(found[value].label, g.language) if value in found else ""


def _name(one: str) -> str:
    return str(ATTRIBUTES.get(one, one))
