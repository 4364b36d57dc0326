"""What the actions of `actions/` ask about their own settings; paths are relative to the settings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flask_babel import gettext as _

from .. import registry
from .findings import Finding, given, known, spoken, typed
from .model import App, Field, Form
from .scope import effect_scope


def lines_findings(settings: Mapping[str, Any], form: Form, app: App) -> Iterator[Finding]:
    """`each` names line items of the form, and `when` is a condition on the record and the line."""
    each = settings.get("each")
    if each is not None and rows_of(form, each) is None:
        yield Finding("each", _("“%(name)s” is not line items of this form.", name=each))
    elif settings.get("when") is not None:
        yield from typed("when", settings["when"], effect_scope(app, form, rows_of(form, each)))


def values_findings(
    path: str,
    values: Mapping[str, Any],
    into: Form | Field,
    form: Form,
    rows: Field | None,
    app: App,
    prefix: str = "",
    target: tuple[Form | None, Field | None] = (None, None),
) -> Iterator[Finding]:
    """Every value goes into a field that takes one, of a form or of line items. target: the form, and the line
    items there, that the values see.
    """
    scope = effect_scope(app, form, rows, *target)
    for key, rule in values.items():
        here = f"{path}[{prefix}{key}]"
        field = into.by_key.get(key)
        if field is None:
            yield from known(here, key, ())
        elif registry.fields[field.type].computed or field.type == "rows":
            yield Finding(here, _("“%(name)s” takes no value from here.", name=key))
        else:
            yield from given(here, rule, scope, field, app)


def balance_findings(changes: Iterable[str], target: Form) -> Iterator[Finding]:
    """What is added to must be numbers of the target that are entered."""
    for key in changes:
        yield from number_findings(f"changes[{key}]", key, target)


def number_findings(path: str, key: str, into: Form | Field | None) -> Iterator[Finding]:
    """A key must name a number of a form, or of line items, that takes a value."""
    field = into.by_key.get(key) if into is not None else None
    if field is None:
        yield from known(path, key, ())
    elif registry.fields[field.type].kind != "number":
        yield Finding(path, _("“%(name)s” is not a number.", name=key))
    elif registry.fields[field.type].computed:
        yield Finding(path, _("“%(name)s” takes no value from here.", name=key))


def holds_findings(settings: Mapping[str, Any], target: Form, form: Form, app: App) -> Iterator[Finding]:
    """`holds` are conditions on the target as it stands afterwards."""
    scope = effect_scope(app, form, rows_of(form, settings.get("each")), target)
    for hold in settings.get("holds", ()):
        here = f"holds[{hold['key']}]"
        yield from typed(f"{here}.rule", hold["rule"], scope)
        yield from spoken(f"{here}.message", hold["message"], scope)
        yield from roles_findings(f"{here}.lift", hold.get("lift", ()), app)


def link_target(settings: Mapping[str, Any], form: Form) -> str | None:
    """The key of the form that the link in `target` ("customer", "line.product") leads to; None where it is none."""
    path = settings.get("target") or ""
    link = form.field_at(path.replace("line.", f"{settings.get('each')}.", 1) if path.startswith("line.") else path)
    return link.settings.get("form") if link is not None and link.type == "link" else None


def roles_findings(path: str, roles: Iterable[str], app: App) -> Iterator[Finding]:
    for role in roles:
        yield from known(path, role, app.role_by_key)


def rows_of(form: Form, key: str | None) -> Field | None:
    """The line items with a key; None where there are none."""
    found = form.by_key.get(key) if key else None
    return found if found is not None and found.type == "rows" else None
