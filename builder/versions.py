"""The versions of an app: what each changed, two compared, one put back into the draft; fields that were removed."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from ..platform.access import members
from ..platform.access.policy import admin
from ..platform.definition import store
from ..platform.definition.diff import changes
from ..platform.definition.model import say
from ..platform.definition.schema import load
from ..platform.errors import NotFound
from ..platform.formats import formats_for
from .publication import in_groups
from .workshop import Workshop, design_pages, go_on

blueprint = design_pages("versions", "/versions")


@dataclass(frozen=True)
class Removed:
    """A field that an earlier version had and the draft has not."""

    form: str
    field: str
    label: str
    version: int


@blueprint.get("")
@admin
def show(app_key: str):
    workshop = Workshop(app_key)
    with g.workspace.reading() as connection:
        rows = store.versions(connection, workshop.row.id)
        names = members.names(connection, {row.author for row in rows} - {None})
    return render_template(
        "builder/versions.html", workshop=workshop, rows=rows, names=names, removed=_removed(workshop, rows),
        formats=formats_for(g.language, workshop.app.zone), compared=_compared(workshop, rows),
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
    form_key, field_key = request.form.get("form", ""), request.form.get("field", "")
    with g.workspace.reading() as connection:
        rows = store.versions(connection, workshop.row.id)
    found = next((one for one in _removed(workshop, rows) if (one.form, one.field) == (form_key, field_key)), None)
    if found is None:
        raise NotFound
    old = _document(workshop, found.version)
    before = next(form for form in old["forms"] if form["key"] == form_key)
    field = next(one for one in before["fields"] if one["key"] == field_key)
    section = next((s["key"] for s in before.get("layout", ()) if field_key in s.get("fields", ())), None)
    known = {one.key for one in workshop.form(form_key).layout}
    workshop.edit("add_field", form=form_key, field=field, section=section if section in known else next(iter(known), None))
    flash(_("“%(field)s” is back in the draft; its values are there again once it is published.", field=found.label), "good")
    return go_on(app_key)


def _document(workshop: Workshop, number: int) -> dict:
    with g.workspace.reading() as connection:
        row = next((one for one in store.versions(connection, workshop.row.id) if one.number == number), None)
        if row is None:
            raise NotFound
        return store.document(connection, row.id)


def _removed(workshop: Workshop, rows) -> list[Removed]:
    """Fields of earlier versions that the draft lacks, each as the last version had it."""
    found: dict[tuple[str, str], Removed] = {}
    with g.workspace.reading() as connection:
        for row in rows:
            app = load(store.document(connection, row.id), lenient=True)
            for form in app.forms:
                now = workshop.app.form_by_key.get(form.key)
                for field in form.fields if now is not None else ():
                    if field.key not in now.by_key:
                        label = f"{say(form.label, g.language)} › {say(field.label, g.language)}"
                        found.setdefault((form.key, field.key), Removed(form.key, field.key, label, row.number))
    return list(found.values())


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
