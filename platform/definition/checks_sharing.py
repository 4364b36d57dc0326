"""Checks of what a link opens: its names, whether it shows more than those see who make it, and what strangers fill in."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext as _

from ..registry import fields, source
from .findings import Finding, known, warning
from .model import NEW, App, Form
from .scope import has_value

READABLE = ("read", "edit", "required")


def sharing_findings(app: App, form: Form, place: str) -> Iterator[Finding]:
    for name in ("tracking", "public"):
        shared = getattr(form, name)
        if shared is not None:
            yield from _shared(app, form, shared, f"{place}.{name}")
    if form.tracking is not None:
        yield from _tracking(app, form, f"{place}.tracking")
    if form.public is not None:
        yield from _public(app, form, f"{place}.public")


def _shared(app: App, form: Form, shared, place: str) -> Iterator[Finding]:
    """Names must be known; a path must have a value; line items are chosen column by column."""
    for path in shared.fields:
        yield from known(f"{place}.fields", path, form.paths)
        field = form.field_at(path)
        if field is not None and field.type == "rows":
            if not any(one.startswith(f"{path}.") for one in shared.fields):
                yield Finding(f"{place}.fields", _("Choose columns of “%(name)s”.", name=path))
        elif field is not None and not has_value(field):
            yield Finding(f"{place}.fields", _("“%(name)s” has no value that could be shown.", name=path))
    for role in shared.roles:
        yield from known(f"{place}.roles", role, app.role_by_key)
    if not shared.roles:
        yield warning(f"{place}.roles", _("Nobody may make a link."))


def _tracking(app: App, form: Form, place: str) -> Iterator[Finding]:
    tracking = form.tracking
    if not tracking.fields and not tracking.statuses:
        yield warning(f"{place}.fields", _("A link would show nothing."))
    for role in tracking.roles:
        unseen = sorted(path for path in tracking.fields if form.field_at(path) is not None and not _sees(app, form, role, path))
        if unseen:
            names = ", ".join(unseen)
            yield warning(f"{place}.fields", _("“%(role)s” makes links that show what it does not see itself: %(names)s.", role=role, names=names))


def _public(app: App, form: Form, place: str) -> Iterator[Finding]:
    public = form.public
    if not public.fields:
        yield Finding(f"{place}.fields", _("Choose what the form asks for."))
    for path in public.required:
        yield from known(f"{place}.required", path, public.fields)
    for path in public.fields:
        if form.field_at(path) is not None and not fit_for_strangers(app, form, path):
            yield Finding(f"{place}.fields", _("“%(name)s” cannot be filled in by strangers.", name=path))


def fit_for_strangers(app: App, form: Form, path: str) -> bool:
    """Whether a field can be asked for by a link: entered by itself, not chosen from records or people, no file."""
    field = form.field_at(path)
    if field is None or not has_value(field) or fields[field.type].computed:
        return False
    field_type, shown = source(field, app)
    return field_type.asks != "files" and field_type.points_to(shown) is None


def _sees(app: App, form: Form, role: str, path: str) -> bool:
    access = form.access_by_role.get(role)
    return access is not None and any(access.mode(path, step) in READABLE for step in app.steps(form) if step != NEW)
