"""Filters of a list as its address carries them: `f=promised~before~2026-12-05`, one for each condition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as __
from marshmallow import ValidationError

from ..platform.definition.flow import Rule
from ..platform.definition.model import say
from ..platform.errors import Invalid, Problem
from ..platform.formats import Formats
from ..platform.records.compiled import CompiledForm
from ..platform.records.results import Titles
from ..platform.registry import fields
from .comparisons import Comparison, as_literal, comparison_of, comparisons_for

BETWEEN, OR = "~", ","
OWN_NAMES: Mapping[str, Any] = {
    "status": __("Status"), "status_since": __("In its status since"), "created_by": __("Created by"), "created_at": __("Created"),
    "updated_by": __("Changed by"), "updated_at": __("Changed"), "id": __("Order of creation"),
}  # fmt: skip
"""What every record has."""


@dataclass(frozen=True)
class Filter:
    """One condition: a field (or "status"), a comparison, and what it compares with as the address says it."""

    field: str
    kind: str
    label: str
    comparison: Comparison
    text: str
    values: tuple[Any, ...]

    @property
    def parameter(self) -> str:
        return BETWEEN.join((self.field, self.comparison.key, self.text))

    @property
    def rule(self) -> Rule:
        literals = [as_literal(value) for value in self.values]
        value = literals if self.comparison.asks == "several" else next(iter(literals), None)
        return self.comparison.rule({"var": self.field}, value)


def kind_of(form: CompiledForm, key: str) -> str:
    """What kind of comparisons a field takes; "" for none."""
    if key == "status":
        return "status" if form.statuses else ""
    kind = form.shown[key][0].compared if key in form.shown else ""
    return kind if comparisons_for(kind) else ""


def label_of(form: CompiledForm, key: str, language: str) -> str:
    return str(OWN_NAMES[key]) if key in OWN_NAMES else say(form.form.by_key[key].label, language)


def read_filter(form: CompiledForm, parameter: str, formats: Formats) -> Filter:
    """The filter that a parameter names; Invalid where it names nothing that can be asked."""
    key, _sep, rest = parameter.partition(BETWEEN)
    name, _sep, text = rest.partition(BETWEEN)
    kind = kind_of(form, key)
    comparison = comparison_of(kind, name) if kind else None
    if comparison is None:
        raise _refused(parameter)
    values = tuple(_value(form, key, kind, part, formats) for part in _parts(comparison, text))
    if comparison.asks != "none" and not values:
        raise _refused(parameter)
    return Filter(key, kind, label_of(form, key, formats.language), comparison, text, values)


def _parts(comparison: Comparison, text: str) -> Sequence[str]:
    if comparison.asks == "none":
        return ()
    parts = text.split(OR) if comparison.asks == "several" else [text]
    return [part for part in parts if part.strip()]


def _value(form: CompiledForm, key: str, kind: str, text: str, formats: Formats) -> Any:
    if kind == "status":
        if text not in form.statuses.by_key:
            raise _refused(text)
        return text
    field_type, shown = form.shown[key]
    try:
        if kind == "moment":
            return datetime.combine(fields["date"].load(text, shown), time())
        return text.strip() if field_type.parts else field_type.parse(text, shown, formats)
    except ValidationError as error:
        raise Invalid([Problem(key, error.messages[0])]) from error


def _refused(parameter: str) -> Invalid:
    return Invalid([Problem("f", _("“%(text)s” is not a filter of this list.", text=parameter))])


def said(form: CompiledForm, chosen: Filter, formats: Formats, titles: Titles) -> str:
    """What a filter compares with, in words."""
    words = [_said(form, chosen, value, formats, titles) for value in chosen.values]
    return _(" or ").join(words)


def _said(form: CompiledForm, chosen: Filter, value: Any, formats: Formats, titles: Titles) -> str:
    if chosen.kind == "status":
        return say(form.statuses.by_key[value].label, formats.language)
    field_type, shown = form.shown[chosen.field]
    if field_type.parts:
        return value
    return field_type.display(value, shown, formats, titles)
