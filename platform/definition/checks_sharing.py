"""Checks of what a link opens: its names, and whether it shows more than those see who make it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flask_babel import gettext as _

from .findings import Finding, known, warning
from .model import App, Form
from .scope import has_value

READABLE = ("read", "edit", "required")


def sharing_findings(app: App, form: Form, place: str) -> Iterator[Finding]:
    if form.tracking is not None:
        yield from _tracking(app, form, f"{place}.tracking")


def _tracking(app: App, form: Form, place: str) -> Iterator[Finding]:
    tracking = form.tracking
    yield from _fields(form, tracking.fields, f"{place}.fields")
    for role in tracking.roles:
        yield from known(f"{place}.roles", role, app.role_by_key)
    if not tracking.roles:
        yield warning(f"{place}.roles", _("Nobody may make a link."))
    if not tracking.fields and not tracking.statuses:
        yield warning(f"{place}.fields", _("A link would show nothing."))
    for role in tracking.roles:
        unseen = sorted(path for path in tracking.fields if form.field_at(path) is not None and not _sees(app, form, role, path))
        if unseen:
            names = ", ".join(unseen)
            yield warning(f"{place}.fields", _("“%(role)s” makes links that show what it does not see itself: %(names)s.", role=role, names=names))


def _fields(form: Form, paths: Iterable[str], place: str) -> Iterator[Finding]:
    """A path must be there and have a value; line items are chosen column by column."""
    for path in paths:
        yield from known(place, path, form.paths)
        field = form.field_at(path)
        if field is not None and field.type == "rows":
            if not any(one.startswith(f"{path}.") for one in paths):
                yield Finding(place, _("Choose columns of “%(name)s”.", name=path))
        elif field is not None and not has_value(field):
            yield Finding(place, _("“%(name)s” has no value that could be shown.", name=path))


def _sees(app: App, form: Form, role: str, path: str) -> bool:
    access = form.access_by_role.get(role)
    return access is not None and any(access.mode(path, step) in READABLE for step in app.steps(form)[1:])
