"""The edits of a definition: named functions, draft -> draft, that never change what they are given.

Places are paths as text (`forms[order].fields[total].label.en`). What an edit did is recorded as a
diff, so none of them has to know how to take itself back.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _

from ..errors import Invalid, Problem
from . import layouts
from .bounds import within_bounds
from .model import NEW, SAVED, VIEW_FIELDS
from .paths import LISTS, kinds, parsed, written
from .places import END, Document, changeable, index_of, list_at, mapping_at, nothing_at, position, with_key
from .renaming import change_key

EDITS: dict[str, Callable[..., None]] = {}


def edited(document: Document, name: str, arguments: dict[str, Any]) -> Document:
    """The document after an edit; Invalid where there is no such edit, place or argument."""
    if name not in EDITS:
        raise Invalid([Problem("", _("There is no edit “%(name)s”.", name=name))])
    within_bounds(arguments)
    result = pickle.loads(pickle.dumps(document))  # a deep copy in a quarter of the time
    try:
        EDITS[name](result, **pickle.loads(pickle.dumps(arguments)))
    except (TypeError, AttributeError, LookupError, ValueError) as error:
        raise Invalid([Problem("", _("This edit cannot be made like that: %(why)s.", why=error))]) from error
    return result


def _edit(function: Callable[..., None]) -> Callable[..., None]:
    EDITS[function.__name__] = function
    return function


@_edit
def put(document: Document, path: str, value: Any) -> None:
    """Set an attribute, or replace an element, or add one at the end of its list."""
    place = parsed(path)
    kind = kinds(place)[-1] if place else ""
    if kind == "key":
        holder = list_at(document, place[:-1])
        with_key(place, value)
        at = index_of(holder, place)
        holder[len(holder) if at is None else at : len(holder) if at is None else at + 1] = [value]
        return
    changeable(place)
    mapping_at(document, place[:-1])[place[-1]] = value


@_edit
def patch(document: Document, path: str, values: Mapping[str, Any]) -> None:
    """Set several attributes of what stands at a path; None takes one away."""
    place = parsed(path)
    holder = mapping_at(document, place)
    for name, value in values.items():
        changeable((*place, name))
        if value is None:
            holder.pop(name, None)
        else:
            holder[name] = value


@_edit
def add(document: Document, path: str, element: dict[str, Any], after: str | None = END) -> None:
    """Add an element to the list at a path, after another (None: first)."""
    place = parsed(path)
    holder = list_at(document, place)
    name = element.get(LISTS[place[-1]]) if isinstance(element, dict) else None
    if name is not None and index_of(holder, (*place, name)) is not None:
        raise Invalid([Problem(written((*place, name)), _("This is there already."))])
    holder.insert(position(holder, place, after), element)


@_edit
def remove(document: Document, path: str) -> None:
    """Take away an element, or let an attribute have its default again."""
    place = parsed(path)
    if place and kinds(place)[-1] == "key":
        holder = list_at(document, place[:-1])
        at = index_of(holder, place)
        if at is None:
            raise nothing_at(place)
        del holder[at]
        return
    changeable(place)
    holder = mapping_at(document, place[:-1])
    if place[-1] not in holder:
        raise nothing_at(place)
    del holder[place[-1]]


@_edit
def move(document: Document, path: str, after: str | None = END) -> None:
    """Put an element after another of its list (None: first)."""
    place = parsed(path)
    if not place or kinds(place)[-1] != "key":
        raise nothing_at(place)
    holder = list_at(document, place[:-1])
    at = index_of(holder, place)
    if at is None:
        raise nothing_at(place)
    element = holder.pop(at)
    holder.insert(position(holder, place[:-1], after), element)


@_edit
def several(document: Document, edits: list[Mapping[str, Any]]) -> None:
    """Several edits as one, each as {"name", "arguments"}, that are taken back together."""
    for one in edits:
        EDITS[one["name"]](document, **one["arguments"])


@_edit
def rename(document: Document, path: str, label: Mapping[str, str]) -> None:
    """Change the label of an element, in the languages given; its key stays."""
    element = mapping_at(document, parsed(path))
    element["label"] = {**element.get("label", {}), **label}


@_edit
def set_cells(document: Document, form: str, role: str, cells: Mapping[str, Mapping[str, str | None]]) -> None:
    """Set cells of the access matrix: field path -> step -> mode; None as mode clears a cell."""
    access = list_at(document, ("forms", form, "access"))
    row = next((a for a in access if a.get("role") == role), None)
    if row is None:
        row = {"role": role}
        access.append(row)
    matrix = row.setdefault("cells", {})
    for path, steps in cells.items():
        line = {**matrix.get(path, {}), **steps}
        matrix[path] = {step: mode for step, mode in line.items() if mode is not None}
        if not matrix[path]:
            del matrix[path]


for _function in (
    change_key, layouts.place, layouts.remove_section, layouts.move_section, layouts.remove_tab, layouts.remove_column,
    layouts.remove_form,
):  # fmt: skip
    _edit(_function)


@_edit
def follow(document: Document, form: str, status_list: str) -> None:
    """Let a form follow a status list; what was allowed where it had none is allowed at the first status."""
    holder = mapping_at(document, ("forms", form))
    had_none, holder["status_list"] = not holder.get("status_list"), status_list
    statuses = list_at(document, ("status_lists", status_list, "statuses"))
    first = next((one["key"] for one in statuses if one.get("kind") == "start"), statuses[0]["key"] if statuses else NEW)
    for access in holder.get("access", ()) if had_none else ():
        access["delete"] = [first if key == SAVED else key for key in access.get("delete", ())]
        cells = access.get("cells", {}).items()
        access["cells"] = {path: {first if step == SAVED else step: mode for step, mode in row.items()} for path, row in cells}


@_edit
def add_form(document: Document, form: dict[str, Any], after: str | None = END) -> None:
    add(document, "forms", form, after)


@_edit
def add_field(
    document: Document, form: str, field: dict[str, Any], after: str | None = END, section: str | None = None
) -> None:
    """Add a field to a form, and to the end of a section of its layout."""
    add(document, f"forms[{form}].fields", field, after)
    if section is not None:
        mapping_at(document, ("forms", form, "layout", section)).setdefault("fields", []).append(field.get("key"))


@_edit
def add_column(document: Document, form: str, rows: str, column: dict[str, Any], after: str | None = END) -> None:
    add(document, f"forms[{form}].fields[{rows}].fields", column, after)


@_edit
def add_status(document: Document, status_list: str, status: dict[str, Any], after: str | None = END) -> None:
    add(document, f"status_lists[{status_list}].statuses", status, after)


@_edit
def add_transition(document: Document, form: str, transition: dict[str, Any], after: str | None = END) -> None:
    add(document, f"forms[{form}].transitions", transition, after)


@_edit
def add_role(document: Document, role: dict[str, Any], after: str | None = END) -> None:
    add(document, "roles", role, after)


@_edit
def remove_field(document: Document, form: str, field: str) -> None:
    """Take a field away, from the layout, the views and the matrix too; the checks name rules that read it."""
    remove(document, f"forms[{form}].fields[{field}]")
    holder = mapping_at(document, ("forms", form))
    for section in holder.get("layout", ()):
        section["fields"] = [key for key in section.get("fields", ()) if key != field]
    for view in holder.get("views", ()):
        view["columns"] = [key for key in view.get("columns", ()) if key != field]
        view["sort"] = [sort for sort in view.get("sort", ()) if sort["field"] != field]
        for name in VIEW_FIELDS:
            if view.get(name) == field:
                del view[name]
    for access in holder.get("access", ()):
        cells = access.get("cells", {})
        access["cells"] = {path: row for path, row in cells.items() if path.partition(".")[0] != field}
    layouts.unshare(holder, field)


@_edit
def remove_status(document: Document, status_list: str, status: str) -> None:
    """Take a status away, from the matrix too; the checks name transitions that lead to it or from it."""
    if status == NEW:
        raise nothing_at(("status_lists", status_list, "statuses", status))
    remove(document, f"status_lists[{status_list}].statuses[{status}]")
    for form in document.get("forms", ()):
        if form.get("status_list") != status_list:
            continue
        for access in form.get("access", ()):
            access["delete"] = [key for key in access.get("delete", ()) if key != status]
            cells = access.get("cells", {}).items()
            kept = {path: {step: mode for step, mode in row.items() if step != status} for path, row in cells}
            access["cells"] = {path: row for path, row in kept.items() if row}


@_edit
def replace(document: Document, by: dict[str, Any]) -> None:
    """Put another document in place of the whole draft; the app keeps its key."""
    key = document["key"]
    document.clear()
    document.update(by, key=key)


@_edit
def upgrade(document: Document, by: dict[str, Any], template: dict[str, Any]) -> None:
    """The same for a document that has taken a newer template, on which the app stands from now on."""
    replace(document, by)
