"""What is wrong with a definition before it is published.

What blocks would make a form that cannot run; what warns would run, and probably surprise.
"""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext as _

from .checks_access import access_findings
from .checks_derived import derived_findings
from .checks_fields import field_findings
from .checks_flow import flow_findings, status_findings
from .checks_loops import loop_findings
from .checks_sharing import sharing_findings
from .checks_views import view_findings
from .findings import BLOCK, Finding, known, warning
from .model import App, Form
from .scope import has_value


def problems(app: App) -> list[Finding]:
    """Everything wrong with an app, each with its place."""
    found = list(_app(app))
    if not any(finding.severity == BLOCK for finding in found):  # else what reads what cannot be told
        found += derived_findings(app)
        found += loop_findings(app)
    return found


def _app(app: App) -> Iterator[Finding]:
    if not app.forms:
        yield Finding("forms", _("An app needs a form."))
    for statuses in app.status_lists:
        yield from status_findings(app, statuses)
    for form in app.forms:
        yield from _form(app, form, f"forms[{form.key}]")


def _form(app: App, form: Form, place: str) -> Iterator[Finding]:
    if form.status_list is not None and form.status_list not in app.status_list_by_key:
        yield from known(f"{place}.status_list", form.status_list, app.status_list_by_key)
        return  # nothing about its steps could be said
    if form.status_list is not None and not app.statuses(form).statuses:
        return  # said where the list stands
    if not form.fields:
        yield Finding(f"{place}.fields", _("A form needs a field."))
    yield from _names(form, place)
    yield from field_findings(app, form, place)
    yield from _layout(form, place)
    yield from flow_findings(app, form, place)
    yield from access_findings(app, form, place)
    yield from sharing_findings(app, form, place)
    for view in form.views:
        yield from view_findings(app, form, view, f"{place}.views[{view.key}]")


def _names(form: Form, place: str) -> Iterator[Finding]:
    for name in ("title", "subtitle"):
        key = getattr(form, name)
        if key:
            yield from known(f"{place}.{name}", key, [f.key for f in form.fields if has_value(f)])
    if not form.title:
        yield warning(f"{place}.title", _("Choose the field that names a record; links show it."))


def _layout(form: Form, place: str) -> Iterator[Finding]:
    seen: set[str] = set()
    for section in form.layout:
        if section.tab:
            yield from known(f"{place}.layout[{section.key}].tab", section.tab, [tab.key for tab in form.tabs])
        here = f"{place}.layout[{section.key}].fields"
        for key in section.fields:
            yield from known(here, key, form.by_key)
            if key in seen:
                yield Finding(here, _("“%(name)s” stands in the layout twice.", name=key))
            seen.add(key)
    if form.layout:
        for key in (field.key for field in form.fields if field.key not in seen):
            yield warning(f"{place}.layout", _("“%(name)s” has no place in the layout.", name=key))
