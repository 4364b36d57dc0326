"""The difference between two definitions in words: what is new, gone or other, with the labels that people know."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from flask import g
from flask_babel import gettext as _

from ..platform import registry
from ..platform.definition.diff import ABSENT, Change
from ..platform.definition.model import ANY, NEW, App, say
from ..platform.definition.paths import LISTS, kinds
from ..platform.language import listed
from ..platform.rules.sentence import sentence
from ..platform.rules.typing import RuleError
from .attributes import KINDS, MODE_NAMES, attribute_name, attribute_names, choice_name, type_name
from .naming import holder_at, place_name
from .scopes import effect_scopes, effect_settings, effect_target, scope_at


@dataclass(frozen=True)
class Said:
    """One change: where (in words), what of it, from what to what. kind: "added", "removed", "moved" or "changed"."""

    group: str
    place: str
    what: str
    old: str
    new: str
    kind: str


def in_words(changes: Iterable[Change], before: App | None, after: App) -> list[Said]:
    """Every change of `diff.changes`, in the language of the reader; by what it belongs to, in the order of the app."""
    found, drawn = [], set()
    for change in changes:
        if change.path == ("format",) or (_is_position(change.path) and change.path[:2] in drawn):
            continue
        found.append(_said(change, before or after, after))
        if _is_position(change.path):
            drawn.add(change.path[:2])
    return found


def _is_position(path: tuple[str, ...]) -> bool:
    """Whether a path is a coordinate of a status; however many were carried, that is one line a status list."""
    return len(path) == 5 and path[2] == "statuses" and path[4] in ("x", "y")


def _said(change: Change, before: App, after: App) -> Said:
    app = after if change.new is not ABSENT or change.moves else before
    path, kind = change.path, kinds(change.path)
    group = _group(path, app)
    if kind[-1] == "key":
        rule = change.new.get("rule") if isinstance(change.new, dict) else None
        said = _value(rule, (*path, "rule"), app) if is_rule(rule) else ""
        return Said(group, place_name(path, app), _element(path), "", said, _kind(change))
    if _is_position(path):
        return Said(group, place_name(path[:2], app), _("places in the diagram"), "", "", "changed")
    if "cells" in path:
        return _cell(change, before, after, group)
    cut = max(at + 1 for at, one in enumerate(kind) if one == "key") if "key" in kind else 0
    place = place_name(path[:cut], app) if cut else say(app.label, g.language)
    if path[0] == "samples":
        return Said(group, place, attribute_name(path[:1], app), "", "", "changed")
    what = _what(path, cut, app)
    values = _shorter(change.old, change.new)
    old, new = (_value(value, change.path, seen) for value, seen in zip(values, (before, after), strict=True))
    if old == new:  # in the language of the reader
        old, new = ("/".join(filter(None, value.values())) if is_text(value) else "" for value in values)
    return Said(group, place, what, old, new, "changed")


def _group(path: tuple[str, ...], app: App) -> str:
    """A form, or what is no form with its kind before it; the app."""
    if path[0] not in LISTS:
        return say(app.label, g.language)
    name = place_name(path[:2], app)
    return name if path[0] == "forms" else f"{KINDS[path[0]]} › {name}"


def _what(path: tuple[str, ...], cut: int, app: App) -> str:
    """The attribute of an element, and in it the field that a value is given to."""
    *way, last = attribute_names(path[cut:], holder_at(path[:cut], app))
    if kinds(path)[-1] == "free":
        last = named(path[-1], path, app) or last
    return " › ".join([*way, last])


def _shorter(old: Any, new: Any) -> tuple[Any, Any]:
    """Of two lists of names, what is gone and what has come; all of it where they are merely in another order. A flag
    that a document leaves out is the other way round.
    """
    if ABSENT in (old, new) and any(isinstance(one, bool) for one in (old, new)):
        return (not new if old is ABSENT else old), (not old if new is ABSENT else new)
    if not all(isinstance(one, list) and all(isinstance(name, str) for name in one) for one in (old, new)):
        return old, new
    gone, come = ([name for name in one if name not in other] for one, other in ((old, new), (new, old)))
    return (gone or ABSENT, come or ABSENT) if gone or come else (old, new)


def _kind(change: Change) -> str:
    if change.moves:
        return "moved"
    return "added" if change.old is ABSENT else "removed"


def _element(path: tuple[str, ...]) -> str:
    return str(KINDS.get(path[-2], ""))


def _cell(change: Change, before: App, after: App, group: str) -> Said:
    """Rights: of a role, on a field, at a step."""
    app = after if change.new is not ABSENT else before
    form, role = app.form_by_key[change.path[1]], change.path[3]
    inner = change.path[5:]
    about = [place_name(("roles", role), app)]
    if inner:
        about.append(_("every field") if inner[0] == ANY else place_name(("forms", form.key, *_field_path(inner[0])), app, short=True))
    if len(inner) > 1:
        about.append(step_name(app, form.key, inner[1]))
    old, new = (_modes(value, app, form.key) for value in (change.old, change.new))
    return Said(group, " › ".join(about), _("Rights"), old, new, "changed")


def _field_path(path: str) -> tuple[str, ...]:
    key, _dot, column = path.partition(".")
    return ("fields", key, "fields", column) if column else ("fields", key)


def _modes(value: Any, app: App, form_key: str) -> str:
    if value is ABSENT:
        return _("as elsewhere")
    if isinstance(value, dict):
        return listed(f"{step_name(app, form_key, step)}: {_modes(mode, app, form_key)}" for step, mode in value.items())
    return str(MODE_NAMES.get(value, value))


def step_name(app: App, form_key: str, step: str) -> str:
    """The name of a step of a form."""
    statuses = app.statuses(app.form_by_key[form_key])
    if step in (ANY, NEW, "saved"):
        return {ANY: _("at every step"), NEW: _("new"), "saved": _("saved")}[step]
    found = statuses.by_key.get(step) if statuses else None
    return say(found.label, g.language) if found else step


def _value(value: Any, path: tuple[str, ...], app: App) -> str:
    """A value for people: rules as sentences, names by their labels; "" for what is empty."""
    if value is ABSENT or value is None or value in ("", [], {}):
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, str):
        return choice_name(path, value) or type_name(path, value) or named(value, path, app) or value
    if isinstance(value, list):
        return listed(filter(None, (_value(one, path, app) for one in value)))
    if not isinstance(value, dict):
        return str(value)
    if is_rule(value):
        return rule_words(value, path, app) or _("a rule that does not fit what is there")
    if is_text(value):
        return say(value, g.language)
    if isinstance(value.get("label"), dict):
        return say(value["label"], g.language)
    return "; ".join(_part(name, one, path, app) for name, one in value.items())


def _part(name: str, value: Any, path: tuple[str, ...], app: App) -> str:
    called = named(name, path, app) or attribute_name((name,), None)
    return f"{called}: {_value(value, (*path, name), app) or _('nothing')}"


def is_text(value: Any) -> bool:
    """Whether a value is a text in one language or both."""
    return isinstance(value, dict) and set(value) <= {"en", "zh"}


def is_rule(value: Any) -> bool:
    """Whether a value is a rule that asks something, not a plain value."""
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)) in registry.operators


def rule_words(value: Any, path: tuple[str, ...], app: App) -> str:
    """A rule as a sentence; "" where it does not fit what is there (any more)."""
    for scope in (scope_at(path, app),) if effect_settings(path, app) is None else effect_scopes(path, app):
        with suppress(RuleError, LookupError):
            if scope is not None:
                return sentence(value, scope, g.language)
    return ""


def named(key: str, path: tuple[str, ...], app: App) -> str:
    """The label of what a key refers to at a path: a role, a status, a field, a form; "" where it is none."""
    form = app.form_by_key.get(path[1]) if path[:1] == ("forms",) and len(path) > 1 else None
    candidates: list[Any] = []
    last = next((name for name in reversed(path) if not name.isdigit()), "")
    if last in ("roles", "in_charge", "lift"):
        candidates = [app.role_by_key.get(key)]
    elif last in ("sources", "target", "statuses", "delete", "status") and form is not None:
        statuses = [app.statuses(form), *(app.line_statuses(rows) for rows in form.rows)]
        candidates = [one.by_key.get(key) for one in statuses if one]
    elif last == "status_list":
        candidates = [app.status_list_by_key.get(key)]
    elif last in ("form", "source"):
        candidates = [app.form_by_key.get(key)]
    elif form is not None:
        settings = effect_settings(path, app)
        target = effect_target(app, form, settings) if settings else None
        into = [form, *form.rows] if target is None else [target, *target.rows, form, *form.rows]
        candidates = [form.field_at(key), *(holder.by_key.get(key.removeprefix("line.")) for holder in into)]
    found = next((one for one in candidates if one is not None), None)
    return say(found.label, g.language) if found is not None else ""
