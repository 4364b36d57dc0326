"""Checks of fields: their rules, and what their types refer to."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext as _

from .. import registry
from ..rules.typing import Type
from .findings import Finding, given, inside, spoken, typed, warning
from .model import App, Field, Form
from .scope import line_scope, record_scope


def field_findings(app: App, form: Form, place: str) -> Iterator[Finding]:
    scope = record_scope(app, form)
    for field in form.fields:
        here = f"{place}.fields[{field.key}]"
        yield from _field(app, form, field, scope, here)
        lines = line_scope(app, form, field)
        for column in field.fields:
            if not registry.fields[column.type].columnar:
                yield Finding(f"{here}.fields[{column.key}].type", _("Line items cannot hold this."))
                continue
            yield from _field(app, form, column, lines, f"{here}.fields[{column.key}]")
        if field.type == "rows" and not field.fields:
            yield Finding(f"{here}.fields", _("Line items need a column."))


def _field(app: App, form: Form, field: Field, scope: Type, place: str) -> Iterator[Finding]:
    field_type = registry.fields[field.type]
    yield from typed(f"{place}.required", field.required, scope)
    yield from typed(f"{place}.show", field.show, scope)
    yield from typed(f"{place}.lock", field.lock, scope)
    for check in field.checks:
        yield from typed(f"{place}.checks[{check.key}].rule", check.rule, scope)
        yield from spoken(f"{place}.checks[{check.key}].message", check.message, scope)
    if field.default is not None and (field_type.computed or field.type == "rows"):
        yield Finding(f"{place}.default", _("Nothing is entered here, so it has no default."))
    elif field.default is not None:
        yield from given(f"{place}.default", field.default, scope, field, app)
    if field_type.computed and field.required is not False:
        yield warning(f"{place}.required", _("Nothing is entered here, so it cannot be required."))
    if field_type.computed and field.lock is not False:
        yield warning(f"{place}.lock", _("Nothing is entered here, so there is nothing to lock."))
    for problem in field_type.problems(field, form, app):
        yield inside(place, problem)
