"""What effects read past links, and how the values they work out become values of fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError

from ..definition.flow import Transition
from ..definition.placeholders import placeholders
from ..records.compiled import CompiledForm
from ..records.links import Needs, needs_of
from ..registry import actions


def effect_needs(form: CompiledForm, transition: Transition) -> Needs:
    """What the rules and messages of a transition's effects read past links of the record."""

    def find() -> Needs:
        found: set[str] = set()
        for effect in transition.effects:
            settings = transition.settings_of(effect)
            for rule, rows_key, target in actions[effect.type].rules(settings, form.form):
                found |= needs_of(form, [(rule, form.effect_scope(rows_key, target), rows_key or "")], at="record")
            found |= _message_needs(form, settings)
        return frozenset(found)

    return form.statement(("effects", id(transition)), find)


def _message_needs(form: CompiledForm, settings: Mapping[str, Any]) -> Needs:
    rows_key = settings.get("each")
    messages = [settings.get("message") or {}, (settings.get("lines") or {}).get("refuse") or {}]
    messages += [hold["message"] for hold in settings.get("holds", ())]
    paths = {path for message in messages for path in placeholders(message) if not path.startswith("target.")}
    scope = form.effect_scope(rows_key, None)
    return needs_of(form, [({"var": path}, scope, rows_key or "") for path in paths], at="record")


def fitted(form: CompiledForm, path: str, value: Any) -> Any:
    """A rule's result as the field at a path holds it; empty where it does not fit."""
    if value is None:
        return None
    field_type, field = form.shown[path]
    try:
        return field_type.load(value, field)
    except ValidationError:
        return None


def fitted_all(form: CompiledForm, record: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a new record, with its lines."""
    values = {}
    for key, value in record.items():
        if key in form.rows:
            values[key] = [{name: fitted(form, f"{key}.{name}", cell) for name, cell in line.items()} for line in value]
        else:
            values[key] = fitted(form, key, value)
    return values
