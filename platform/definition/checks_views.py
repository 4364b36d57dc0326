"""What is wrong with the views of a form: columns, order and filter, and what a board, a calendar or a timeline goes by."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext as _

from ..registry import source
from .findings import Finding, known, typed
from .model import STATUS, VIEW_FIELDS, App, Form, View
from .scope import has_value, record_scope

CREATED = "created_at"
OWN = frozenset(("id", STATUS, "created_by", CREATED, "updated_by", "updated_at", "status_since"))
"""What a view may show and sort by beside the form's fields."""

NEEDED = {"board": ("by",), "calendar": ("start",), "timeline": ("start", "end")}
KINDS = {
    "by": {"board": ("choice",), "timeline": ("choice", "link", "person")},
    "total": {"board": ("number",)},
    "start": dict.fromkeys(("calendar", "timeline"), ("date", "moment")),
    "end": dict.fromkeys(("calendar", "timeline"), ("date", "moment")),
}
"""Of which kinds the field must be that a setting names; a setting that the view's own kind lacks is of no account."""


def view_findings(app: App, form: Form, view: View, place: str) -> Iterator[Finding]:
    for key in view.columns:
        yield from known(f"{place}.columns", key, form.by_key.keys() | OWN)
        if key in form.by_key and not has_value(form.by_key[key]):
            yield Finding(f"{place}.columns", _("“%(name)s” has no value that a list could show.", name=key))
    for sort in view.sort:
        yield from known(f"{place}.sort[{sort.field}]", sort.field, form.by_key.keys() | OWN)
    for role in view.roles:
        yield from known(f"{place}.roles", role, app.role_by_key)
    yield from typed(f"{place}.where", view.where, record_scope(app, form))
    for name in NEEDED.get(view.kind, ()):
        if not getattr(view, name):
            yield Finding(f"{place}.{name}", _missing(view.kind, name))
    for name in VIEW_FIELDS:
        yield from _setting(app, form, view, name, f"{place}.{name}")


def view_choices(app: App, form: Form, kind: str, name: str) -> list[str]:
    """What a setting of a view of a kind may name: the status, then fields in the order of the form, then the creation."""
    if name == "title":
        return [field.key for field in form.fields if has_value(field)]
    kinds = KINDS[name].get(kind, ())
    first = [STATUS] if kind == "board" and name == "by" and form.status_list else []
    last = [CREATED] if "moment" in kinds else []
    return [*first, *(field.key for field in form.fields if has_value(field) and source(field, app)[0].kind in kinds), *last]


def _setting(app: App, form: Form, view: View, name: str, place: str) -> Iterator[Finding]:
    """The field that a setting names is there, and of a kind that suits."""
    key = getattr(view, name)
    if not key or (name != "title" and view.kind not in KINDS[name]):
        return
    if key in view_choices(app, form, view.kind, name):
        return
    if key not in form.by_key:
        yield from known(place, key, form.by_key)
    else:
        yield Finding(place, _unfit(name, key))


def _missing(kind: str, name: str) -> str:
    if kind == "board":
        return _("Choose what the board has a column for: the status or a choice.")
    return _("Choose the date that it begins at.") if name == "start" else _("Choose the date that it ends at.")


def _unfit(name: str, key: str) -> str:
    if name == "by":
        return _("“%(name)s” can't make the columns or groups of this.", name=key)
    if name == "total":
        return _("“%(name)s” is no number that could be summed up.", name=key)
    if name == "title":
        return _("“%(name)s” has no value that could name a record.", name=key)
    return _("“%(name)s” is no date.", name=key)
