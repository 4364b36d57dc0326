"""Filters of a list as its address carries them.

`f=promised~before~2026-12-05` is one condition. Conditions of one `f`, a line each, are alternatives: one of them
must hold, and every `f`. With `join=or` it is the other way round.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as __
from flask_babel import ngettext
from marshmallow import ValidationError

from ..platform.condition_form import JOINS
from ..platform.definition.flow import Rule
from ..platform.definition.model import say
from ..platform.errors import Invalid, Problem
from ..platform.formats import Formats
from ..platform.records.compiled import CompiledForm
from ..platform.records.results import Titles
from ..platform.registry import fields
from .comparisons import Comparison, as_literal, comparison_of, comparisons_for
from .spans import start_of

BETWEEN, OR, LINE = "~", ",", "\n"
FURTHEST = 3_660  # days from today
OWN_NAMES: Mapping[str, Any] = {
    "status": __("Status"), "status_since": __("In its status since"), "created_by": __("Created by"), "created_at": __("Created"),
    "updated_by": __("Changed by"), "updated_at": __("Changed"), "id": __("Order of creation"),
}  # fmt: skip
"""What every record has."""
OWN_KINDS = {"created_by": "creator", "created_at": "moment"}


@dataclass(frozen=True)
class Filter:
    """One condition: a field (or what every record has), a comparison, and what it compares with as the address says it."""

    field: str
    kind: str
    label: str
    comparison: Comparison
    text: str
    values: tuple[Any, ...]

    @property
    def parameter(self) -> str:
        return BETWEEN.join((self.field, self.comparison.key, self.text))

    def rule(self, formats: Formats, colleagues: Sequence[int]) -> Rule:
        """As it is meant today."""
        variable, value = {"var": self.field}, next(iter(self.values), None)
        if self.comparison.span is not None:
            return self._within(variable, self.comparison.span(formats.today(), value), formats)
        if self.comparison.colleagues:
            return self.comparison.rule(variable, list(colleagues))
        literals = [as_literal(value) for value in self.values]
        return self.comparison.rule(variable, literals if self.comparison.asks == "several" else next(iter(literals), None))

    def _within(self, variable: Rule, span: tuple[date | None, date | None], formats: Formats) -> Rule:
        first, last = span
        if self.kind == "moment":
            parts = [{">=": [variable, start_of(first, formats)]}] if first else []
            parts += [{"<": [variable, start_of(date.fromordinal(min(last.toordinal() + 1, date.max.toordinal())), formats)]}] if last else []
        else:
            parts = [{sign: [variable, day.isoformat()]} for sign, day in ((">=", first), ("<=", last)) if day]
        return parts[0] if len(parts) == 1 else {"and": parts}


@dataclass(frozen=True)
class Sentence:
    """The conditions of one chip, between which `join` stands."""

    join: str
    filters: tuple[Filter, ...]

    @property
    def parameter(self) -> str:
        return LINE.join(one.parameter for one in self.filters)

    def rule(self, formats: Formats, colleagues: Sequence[int]) -> Rule:
        parts = [one.rule(formats, colleagues) for one in self.filters]
        return parts[0] if len(parts) == 1 else {self.join: parts}


def kind_of(form: CompiledForm, key: str) -> str:
    """What kind of comparisons a field takes; "" for none."""
    if key == "status":
        return "status" if form.statuses else ""
    kind = form.shown[key][0].compared if key in form.shown else OWN_KINDS.get(key, "")
    return kind if comparisons_for(kind) else ""


def label_of(form: CompiledForm, key: str, language: str) -> str:
    return str(OWN_NAMES[key]) if key in OWN_NAMES else say(form.form.by_key[key].label, language)


def other(join: str) -> str:
    return JOINS[1 - JOINS.index(join)]


def read_sentence(form: CompiledForm, parameter: str, join: str, formats: Formats) -> Sentence:
    """join: between sentences."""
    return Sentence(other(join), tuple(read_filter(form, text, formats) for text in parameter.split(LINE)))


def read_filter(form: CompiledForm, parameter: str, formats: Formats) -> Filter:
    """The filter that a parameter names; Invalid where it names nothing that can be asked."""
    key, _sep, rest = parameter.partition(BETWEEN)
    name, _sep, text = rest.partition(BETWEEN)
    kind = kind_of(form, key)
    comparison = comparison_of(kind, name) if kind else None
    if comparison is None:
        raise _refused(parameter)
    values = tuple(_value(form, key, kind, comparison, part, formats) for part in _parts(comparison, text))
    if comparison.asks != "none" and not values:
        raise Invalid([Problem(key, _("Say what to compare with."))])
    return Filter(key, kind, label_of(form, key, formats.language), comparison, text, values)


def _parts(comparison: Comparison, text: str) -> Sequence[str]:
    if comparison.asks == "none":
        return ()
    parts = text.split(OR) if comparison.asks == "several" else [text]
    return [part for part in parts if part.strip()]


def _value(form: CompiledForm, key: str, kind: str, comparison: Comparison, text: str, formats: Formats) -> Any:
    if kind == "status":
        if text not in form.statuses.by_key:
            raise _refused(text)
        return text
    if comparison.asks == "days":
        return _days(key, text)
    try:
        if kind in ("date", "moment"):
            return fields["date"].load(text.strip(), form.shown.get(key, (None, None))[1])
        field_type, shown = form.shown[key]
        return text.strip() if field_type.parts else field_type.parse(text, shown, formats)
    except ValidationError as error:
        raise Invalid([Problem(key, error.messages[0])]) from error


def _days(key: str, text: str) -> int:
    if not (text.isdecimal() and text.isascii() and 0 < int(text) <= FURTHEST):
        raise Invalid([Problem(key, _("A whole number of days, at most %(most)s.", most=FURTHEST))])
    return int(text)


def _refused(parameter: str) -> Invalid:
    return Invalid([Problem("f", _("“%(text)s” is not a filter of this list.", text=parameter))])


def said(form: CompiledForm, chosen: Filter, formats: Formats, titles: Titles) -> str:
    """What a filter compares with, in words."""
    words = [_said(form, chosen, value, formats, titles) for value in chosen.values]
    return _(" or ").join(words)


def _said(form: CompiledForm, chosen: Filter, value: Any, formats: Formats, titles: Titles) -> str:
    if chosen.kind == "status":
        return say(form.statuses.by_key[value].label, formats.language)
    if chosen.comparison.asks == "days":
        return ngettext("%(num)s day", "%(num)s days", value)
    if isinstance(value, date):
        return formats.date(value)
    field_type, shown = form.shown[chosen.field]
    if field_type.parts:
        return value
    return field_type.display(value, shown, formats, titles)
