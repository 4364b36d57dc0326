"""What people call a place in a definition, and what stands there, in few words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from unicodedata import east_asian_width

from flask import Blueprint, g
from flask_babel import gettext as _

from ..platform import registry
from ..platform.definition.flow import Ask, Effect
from ..platform.definition.model import App, Form, Sort, say
from ..platform.definition.paths import LISTS, kinds, parsed
from ..platform.rules.sentence import sentence
from ..platform.rules.types import RuleError
from .attributes import SCOPE_NAMES
from .scopes import scope_for

blueprint = Blueprint("design_names", __name__)

LONGEST = 80


@blueprint.app_template_filter("place_name")
def place_name(path: str | tuple[str, ...], app: App, short: bool = False) -> str:
    """`forms[order].transitions[ship].when` -> "Order › Ship"; `short`: without the form."""
    names, holder, form = [], app, None
    for segment, element in _elements(path, app):
        form = element if isinstance(element, Form) else form
        names.append(_called(element, app, segment, form))
        holder = element
    named = names[1:] if short else names
    return " › ".join(named) or say(getattr(holder, "label", app.label), g.language)


def holder_at(path: str | tuple[str, ...], app: App) -> Any:
    """The innermost element on the way to a path; the app where there is none."""
    found = [element for _key, element in _elements(path, app)]
    return found[-1] if found else app


@blueprint.app_template_filter("rule_words")
def rule_words(rule: Any, path: str, app: App) -> str:
    """A rule of any place in words: "always", a start value, the sentence, else the formula."""
    place = parsed(path)
    if place[-1] == "scope" and isinstance(rule, str):
        return str(SCOPE_NAMES.get(rule, rule))
    if rule is None or rule is True or rule is False:
        return {None: _("nothing"), True: _("always"), False: _("never")}[rule]
    scope = scope_for(rule, place, app)
    if not isinstance(rule, dict) or scope is None:
        return brief(rule)
    try:
        return sentence(rule, scope, g.language)
    except RuleError:
        return _("a rule that no longer fits")


@blueprint.app_template_filter("fitting")
def fitting(text: str, room: int) -> str:
    """A text cut to so many Latin letters' room in one line of a drawing; a Chinese character takes that of two."""
    kept = ""
    for letter in text:
        room -= 2 if east_asian_width(letter) in "WF" else 1
        if room < 0:
            return kept[:-1].rstrip() + "…"
        kept += letter
    return kept


@blueprint.app_template_filter("brief")
def brief(value: Any) -> str:
    """A piece of a definition in one line."""
    if isinstance(value, dict):
        value = say(value["label"], g.language) if isinstance(value.get("label"), dict) else value
        value = say(value, g.language) if isinstance(value, dict) and value and set(value) <= {"en", "zh"} else value
    if value is None or value == "":
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _elements(path: str | tuple[str, ...], app: App) -> Iterator[tuple[str, Any]]:
    """(key, element) of every element on the way to a path, as far as they are there."""
    place, holder = parsed(path) if isinstance(path, str) else path, app
    elements: dict[str, Any] = {}
    for segment, kind in zip(place, kinds(place), strict=True):
        if kind == "name" and segment in LISTS and isinstance(found := getattr(holder, segment, None), tuple):
            elements = {getattr(one, LISTS[segment]): one for one in found if not isinstance(one, str)}
        elif kind == "key" and segment in elements:
            holder = elements[segment]
            yield segment, holder
        else:
            return


def _called(element: Any, app: App, key: str, form: Form | None) -> str:
    if hasattr(element, "label"):
        return say(element.label, g.language) or key
    if isinstance(element, Effect):
        return say(registry.actions[element.type].label, g.language) if element.type in registry.actions else key
    if getattr(element, "message", None):
        return brief(element.message)
    if isinstance(element, (Ask, Sort)) and form is not None:
        asked = form.field_at(key) or next((rows.by_key[key] for rows in form.rows if key in rows.by_key), None)
        return say(asked.label, g.language) if asked else key
    role = app.role_by_key.get(key)  # a role's access goes by the role
    return say(role.label, g.language) if role else key
