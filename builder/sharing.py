"""What of a form people without an account may open by a link, and who makes the links."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import g, render_template, request
from flask_babel import gettext as _

from ..platform.access.policy import admin
from ..platform.definition.checks_sharing import fit_for_strangers
from ..platform.definition.model import App, Form, say
from ..platform.definition.schema_sharing import LONGEST_LIFE, MOST_RECORDS
from ..platform.definition.scope import has_value
from ..platform.definition.sharing import PublicForm, Tracking
from ..platform.errors import Invalid, Problem
from .settings import in_order
from .statuses import text, ticked
from .workshop import Workshop, design_pages, go_on

blueprint = design_pages("sharing_design", "/sharing")


@dataclass(frozen=True)
class Choosable:
    """A field, or a column of line items, that a link can show."""

    path: str
    label: str


@dataclass(frozen=True)
class Group:
    """The form's own fields, or the columns of line items."""

    label: str
    fields: tuple[Choosable, ...]


@blueprint.get("/<form_key>/")
@admin
def show(app_key: str, form_key: str):
    workshop = Workshop(app_key)
    form = workshop.form(form_key)
    return render_template(
        "builder/sharing.html", workshop=workshop, form=form, groups=_groups(form), strangers=_strangers(workshop.app, form),
        longest=LONGEST_LIFE, most=MOST_RECORDS,
    )  # fmt: skip


@blueprint.post("/<form_key>/tracking")
@admin
def track(app_key: str, form_key: str):
    """Whether records are followed by link, and what such a link shows."""
    return _settled(app_key, form_key, "tracking", "on", _tracking, _first)


@blueprint.post("/<form_key>/public")
@admin
def take_in(app_key: str, form_key: str):
    """Whether new records come in by link, and what such a link asks for."""
    return _settled(app_key, form_key, "public", "is", _public, _asks_first)


def _settled(app_key: str, form_key: str, what: str, box: str, sent: Callable, first: Callable):
    """One of the two as its box and the rest of the page say; ticked just now, as it is to begin with."""
    workshop = Workshop(app_key)
    form = workshop.form(form_key)
    value = None
    if ticked(box):
        value = sent(getattr(form, what)) if "days" in request.form else first(workshop.app, form)
    workshop.edit("patch", path=f"forms[{form.key}]", values={what: value})
    return go_on(app_key)


def _tracking(now: Tracking | None) -> dict[str, Any]:
    now = now or Tracking()
    return {
        "fields": in_order(now.fields, request.form.getlist("fields")), "statuses": ticked("statuses"),
        "days": _number("days", LONGEST_LIFE),
        "roles": in_order(now.roles, request.form.getlist("roles")),
    }  # fmt: skip


def _public(now: PublicForm | None) -> dict[str, Any]:
    now = now or PublicForm()
    fields = in_order(now.fields, request.form.getlist("fields"))
    needed = [path for path in in_order(now.required, request.form.getlist("required")) if path in fields]
    return {
        "on": ticked("on"), "fields": fields, "required": needed, "intro": text("intro"), "closing": text("closing"),
        "days": _number("days", LONGEST_LIFE), "a_day": _number("a_day", MOST_RECORDS),
        "in_all": _number("in_all", MOST_RECORDS) if request.form.get("in_all", "").strip() else None,
        "roles": in_order(now.roles, request.form.getlist("roles")),
    }  # fmt: skip


def _number(name: str, most: int) -> int:
    sent = request.form.get(name, "").strip()
    if not sent.isdecimal() or not 1 <= int(sent) <= most:
        raise Invalid([Problem(name, _("This is a whole number from 1 to %(most)s.", most=most))])
    return int(sent)


def _first(app: App, form: Form) -> dict[str, Any]:
    """What a link shows to begin with: where a record stands, and its name."""
    return {"fields": [form.title] if form.title else [], "statuses": form.status_list is not None}


def _asks_first(app: App, form: Form) -> dict[str, Any]:
    return {"fields": [one.path for one in _strangers(app, form)[0].fields[:1]]}


def _strangers(app: App, form: Form) -> list[Group]:
    """What people without an account can be asked for."""
    groups = _groups(form)
    return [Group(one.label, tuple(f for f in one.fields if fit_for_strangers(app, form, f.path))) for one in groups]


def _groups(form: Form) -> list[Group]:
    own = [field for field in form.fields if has_value(field) and field.type != "rows"]
    found = [Group(say(form.label, g.language), tuple(Choosable(field.key, say(field.label, g.language)) for field in own))]
    for rows in form.rows:
        columns = [column for column in rows.fields if has_value(column)]
        shown = tuple(Choosable(f"{rows.key}.{column.key}", say(column.label, g.language)) for column in columns)
        found.append(Group(say(rows.label, g.language), shown))
    return found
