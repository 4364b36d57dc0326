"""Edits of a form's layout: where its fields stand, its sections, its tabs; and columns of line items.

Like every edit they change the document that they are given; `edits.py` has them by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _

from ..errors import Invalid, Problem
from .places import END, Document, index_of, list_at, mapping_at, nothing_at, position


def place(document: Document, form: str, fields: Sequence[str], section: str, after: str | None = END) -> None:
    """Put fields into a section, in this order, after one of its fields (None: first)."""
    here = mapping_at(document, ("forms", form, "layout", section))
    known = {field["key"] for field in list_at(document, ("forms", form, "fields"))}
    for key in fields:
        if key not in known:
            raise nothing_at(("forms", form, "fields", key))
    if after in fields:
        after = _before(here.get("fields", ()), after, fields)
    for other in list_at(document, ("forms", form, "layout")):
        other["fields"] = [key for key in other.get("fields", ()) if key not in fields]
    rest = here["fields"]
    at = len(rest) if after == END else 0 if after is None else _index(rest, after, form, section) + 1
    here["fields"] = [*rest[:at], *fields, *rest[at:]]


def _before(order: Sequence[str], key: str, moving: Sequence[str]) -> str | None:
    """The last field before one that moves itself, which stays."""
    ahead = order[: order.index(key)] if key in order else ()
    return next((other for other in reversed(ahead) if other not in moving), None)


def _index(order: Sequence[str], key: str, form: str, section: str) -> int:
    if key not in order:
        raise nothing_at(("forms", form, "layout", section, "fields", key))
    return order.index(key)


def remove_section(document: Document, form: str, section: str, into: str | None = None) -> None:
    """Take a section away; its fields go to the end of another, or are left without a place."""
    sections = list_at(document, ("forms", form, "layout"))
    at = index_of(sections, ("forms", form, "layout", section))
    if at is None or into == section:
        raise nothing_at(("forms", form, "layout", into if at is not None else section))
    gone = sections.pop(at)
    if into is not None:
        here = mapping_at(document, ("forms", form, "layout", into))
        here["fields"] = [*here.get("fields", ()), *gone.get("fields", ())]


def move_section(document: Document, form: str, section: str, after: str | None = END, tab: str = "") -> None:
    """Put a section after another (None: first), on a tab ("": on none)."""
    sections = list_at(document, ("forms", form, "layout"))
    at = index_of(sections, ("forms", form, "layout", section))
    if at is None:
        raise nothing_at(("forms", form, "layout", section))
    moved = sections.pop(at)
    sections.insert(position(sections, ("forms", form, "layout"), after), moved)
    moved.pop("tab", None)
    if tab:
        moved["tab"] = tab


def remove_tab(document: Document, form: str, tab: str) -> None:
    """Take a tab away; its sections stand above the others then."""
    tabs = list_at(document, ("forms", form, "tabs"))
    at = index_of(tabs, ("forms", form, "tabs", tab))
    if at is None:
        raise nothing_at(("forms", form, "tabs", tab))
    del tabs[at]
    for section in list_at(document, ("forms", form, "layout")):
        if section.get("tab") == tab:
            del section["tab"]


def remove_column(document: Document, form: str, rows: str, column: str) -> None:
    """Take a column of line items away, from their table and the matrix too."""
    columns = list_at(document, ("forms", form, "fields", rows, "fields"))
    at = index_of(columns, ("forms", form, "fields", rows, "fields", column))
    if at is None:
        raise nothing_at(("forms", form, "fields", rows, "fields", column))
    del columns[at]
    settings = mapping_at(document, ("forms", form, "fields", rows)).get("settings", {})
    if column in settings.get("columns", ()):
        settings["columns"] = [key for key in settings["columns"] if key != column]
    for access in list_at(document, ("forms", form, "access")):
        if f"{rows}.{column}" in access.get("cells", {}):
            del access["cells"][f"{rows}.{column}"]
    unshare(mapping_at(document, ("forms", form)), f"{rows}.{column}")


def unshare(form: Document, path: str) -> None:
    """No link shows a field, or a column of line items, that is taken away."""
    for shared in (form.get("tracking") or {}, form.get("public") or {}):
        for name in ("fields", "required"):
            if shared.get(name):
                shared[name] = [one for one in shared[name] if one != path and not one.startswith(f"{path}.")]


def remove_form(document: Document, form: str) -> None:
    """Take a form away; the checks name what still speaks of it."""
    forms = list_at(document, ("forms",))
    at = index_of(forms, ("forms", form))
    if at is None:
        raise nothing_at(("forms", form))
    if len(forms) == 1:
        raise Invalid([Problem(f"forms[{form}]", _("An app needs a form."))])
    del forms[at]
    samples: dict[str, Any] = document.get("samples", {})
    if "records" in samples:
        samples["records"] = [one for one in samples["records"] if one.get("form") != form]
