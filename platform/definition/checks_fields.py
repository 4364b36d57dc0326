"""Checks of fields: their rules, what their types refer to, and values that stand on each other in a circle."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext as _

from .. import registry
from ..rules.typing import Type
from .dependencies import standing_on
from .findings import Finding, given, inside, spoken, typed, warning
from .model import App, Field, Form
from .scope import line_scope, record_scope


def field_findings(app: App, form: Form, place: str) -> Iterator[Finding]:
    found: list[Finding] = []
    scope = record_scope(app, form)
    for field in form.fields:
        here = f"{place}.fields[{field.key}]"
        found += _field(app, form, field, scope, here)
        lines = line_scope(app, form, field)
        for column in field.fields:
            if not registry.fields[column.type].columnar:
                found.append(Finding(f"{here}.fields[{column.key}].type", _("Line items cannot hold this.")))
                continue
            found += _field(app, form, column, lines, f"{here}.fields[{column.key}]")
        if field.type == "rows" and not field.fields:
            found.append(Finding(f"{here}.fields", _("Line items need a column.")))
    yield from found
    if not any(finding.severity == "block" for finding in found):  # else what reads what cannot be told
        yield from _circles(app, form, place)


def _field(app: App, form: Form, field: Field, scope: Type, place: str) -> Iterator[Finding]:
    field_type = registry.fields[field.type]
    yield from typed(f"{place}.required", field.required, scope)
    yield from typed(f"{place}.show", field.show, scope)
    for check in field.checks:
        yield from typed(f"{place}.checks[{check.key}].rule", check.rule, scope)
        yield from spoken(f"{place}.checks[{check.key}].message", check.message, scope)
    if field.default is not None and (field_type.computed or field.type == "rows"):
        yield Finding(f"{place}.default", _("Nothing is entered here, so it has no default."))
    elif field.default is not None:
        yield from given(f"{place}.default", field.default, scope, field, app)
    if field_type.computed and field.required is not False:
        yield warning(f"{place}.required", _("Nothing is entered here, so it cannot be required."))
    for problem in field_type.problems(field, form, app):
        yield inside(place, problem)


def _circles(app: App, form: Form, place: str) -> Iterator[Finding]:
    """Each circle of values once, told from its first field on."""
    edges = {path: sorted(standing_on(app, form, path)) for path in form.paths}
    done: set[str] = set()
    for start in form.paths:
        circle = _circle(edges, start, done)
        if circle:
            rows, dot, column = circle[0].rpartition(".")
            field = f"{place}.fields[{rows}].fields[{column}]" if dot else f"{place}.fields[{column}]"
            around = " → ".join([*circle, circle[0]])
            yield Finding(field, _("This stands on itself: %(around)s.", around=around))


def _circle(edges: dict[str, list[str]], start: str, done: set[str]) -> list[str]:
    """The first circle reached from a path that was not looked at yet; walks without recursion."""
    trail, waiting = [], [(start, 0)]
    while waiting:
        path, depth = waiting.pop()
        done.update(trail[depth:])
        del trail[depth:]
        if path in trail:
            done.update(trail)
            return trail[trail.index(path) :]
        if path in done:
            continue
        trail.append(path)
        waiting += [(following, depth + 1) for following in edges.get(path, ())]
    done.update(trail)
    return []
