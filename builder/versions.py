"""The versions of an app: what each changed, two compared, one put back into the draft; fields that were removed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from ..platform.access import members
from ..platform.access.policy import admin
from ..platform.definition import store
from ..platform.definition.diff import changes
from ..platform.definition.model import App, Form, say
from ..platform.definition.schema import load
from ..platform.errors import Invalid, NotFound, Problem
from ..platform.formats import formats_for
from ..platform.records.purge import Piece
from ..platform.workflow.purging import purge_app, purgeable
from .publication import in_groups
from .upgrade import newer
from .workshop import Workshop, design_pages, go_on

blueprint = design_pages("versions", "/versions")

LOOKED_AT = 100  # versions, the newest, in which removed fields are looked for


@dataclass(frozen=True)
class Removed:
    """A field (or a column of line items) that an earlier version had and the draft has not; `values`: how many there
    are still, None while the live version has it.
    """

    form: str
    path: str
    label: str
    version: int
    values: int | None


@blueprint.get("")
@admin
def show(app_key: str):
    workshop = Workshop(app_key)
    with g.workspace.reading() as connection:
        rows = store.versions(connection, workshop.row.id)
        names = members.names(connection, {row.author for row in rows} - {None})
    return render_template(
        "builder/versions.html", workshop=workshop, rows=rows, names=names, removed=_removed(workshop, rows), left=_left(workshop),
        formats=formats_for(g.language, workshop.app.zone), compared=_compared(workshop, rows), newer=newer(workshop),
    )  # fmt: skip


@blueprint.post("/<int:number>/rollback")
@admin
def roll_back(app_key: str, number: int):
    """The draft as a version was; publishing it is a step of its own."""
    workshop = Workshop(app_key)
    workshop.edit("replace", by=_document(workshop, number))
    flash(_("The draft is as version %(number)s was. Look at it, and publish it.", number=number), "good")
    return redirect(url_for("publication.show", app_key=app_key), 303)


@blueprint.post("/restoration")
@admin
def restore_field(app_key: str):
    """A removed field back into the draft, with the column that still holds its values."""
    workshop = Workshop(app_key)
    form_key, path = request.form.get("form", ""), request.form.get("field", "")
    with g.workspace.reading() as connection:
        rows = store.versions(connection, workshop.row.id)
    found = next((one for one in _removed(workshop, rows) if (one.form, one.path) == (form_key, path)), None)
    if found is None:
        raise NotFound
    before = next(form for form in _document(workshop, found.version)["forms"] if form["key"] == form_key)
    workshop.edit_all(*_restoring(before, workshop.form(form_key), path))
    flash(_("“%(field)s” is back in the draft; its values are there again once it is published.", field=found.label), "good")
    return go_on(app_key)


@blueprint.post("/purge")
@admin
def purge(app_key: str):
    """What removed fields and forms left behind goes for good."""
    if request.form.get("sure") != "yes":
        raise Invalid([Problem("sure", _("Say that you are sure: this cannot be undone."))])
    gone = purge_app(g.workspace, app_key, g.actor, forgetting=request.form.get("forget") == "yes")
    flash(ngettext("%(num)s thing is gone for good.", "%(num)s things are gone for good.", len(gone)), "good")
    return redirect(url_for("versions.show", app_key=app_key), 303)


def _restoring(before: dict[str, Any], form: Form, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The edit that puts a field, or a column, of an earlier version back."""
    key, _dot, column = path.partition(".")
    field = next(one for one in before["fields"] if one["key"] == key)
    if column:
        found = next(one for one in field["fields"] if one["key"] == column)
        yield "add_column", {"form": form.key, "rows": key, "column": found}
        return
    section = next((s["key"] for s in before.get("layout", ()) if key in s.get("fields", ())), None)
    known = [one.key for one in form.layout]
    yield "add_field", {"form": form.key, "field": field, "section": section if section in known else next(iter(known), None)}


def _document(workshop: Workshop, number: int) -> dict:
    with g.workspace.reading() as connection:
        row = next((one for one in store.versions(connection, workshop.row.id) if one.number == number), None)
        if row is None:
            raise NotFound
        return store.document(connection, row.id)


def _left(workshop: Workshop) -> list[Piece]:
    """What could be purged."""
    return purgeable(g.workspace, workshop.key, g.actor) if workshop.row.live_version else []


def _removed(workshop: Workshop, rows) -> list[Removed]:
    """Fields of earlier versions that the draft lacks and whose values still stand, each as the last version had it."""
    values = {(piece.form, piece.path): piece.count for piece in _left(workshop)}
    found: dict[tuple[str, str], Removed] = {}
    with g.workspace.reading() as connection:
        for row in rows[:LOOKED_AT]:
            for place, label in _lacking(store.document(connection, row.id), workshop.app):
                if place in values or row.id == workshop.row.live_version:
                    found.setdefault(place, Removed(*place, label, row.number, values.get(place)))
    return list(found.values())


def _lacking(before: dict[str, Any], now: App) -> Iterator[tuple[tuple[str, str], str]]:
    """((form, path), label) of fields that an earlier document has and an app lacks; of line items that are gone no
    columns.
    """
    for form in before.get("forms", ()):
        present = now.form_by_key.get(form["key"])
        for field in form.get("fields", ()) if present is not None else ():
            there = present.by_key.get(field["key"])
            if there is None:
                yield (form["key"], field["key"]), _called(form, field)
            for column in field.get("fields", ()) if there is not None else ():
                if column["key"] not in there.by_key:
                    yield (form["key"], f"{field['key']}.{column['key']}"), _called(form, field, column)


def _called(*elements: dict[str, Any]) -> str:
    return " › ".join(say(one["label"], g.language) for one in elements)


def _compared(workshop: Workshop, rows) -> tuple[int, int, list] | None:
    """(from, to, changes in words) where two versions are to be compared; 0 is the draft."""
    numbers = {row.number for row in rows} | {0}
    one, other = (request.args.get(name, type=int) for name in ("from", "to"))
    if one is None and other is None:
        return None
    if one not in numbers or other not in numbers:
        raise NotFound
    old, new = (workshop.document if number == 0 else _document(workshop, number) for number in (one, other))
    return one, other, in_groups(changes(old, new), load(old, lenient=True), load(new, lenient=True))
