"""The matrix of one form: what each role may do with each field at each step, and what it has from a default."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from flask import g, request
from flask_babel import gettext as _
from markupsafe import Markup, escape

from ..platform.definition.model import ANY, App, Form, Role, RoleAccess, say
from ..platform.errors import NotFound
from .attributes import MODE_NAMES
from .change_words import step_name
from .workshop import Workshop

EVERYBODY = "*"
LETTERS = {"hidden": "h", "masked": "m", "read": "r", "edit": "e", "required": "q"}


@dataclass(frozen=True)
class Column:
    """One role at one step."""

    access: RoleAccess
    step: str
    label: str
    colour: str


@dataclass(frozen=True)
class Row:
    """One field, a column of line items below its own; the default of all stands first."""

    path: str
    label: str
    inner: bool


class Matrix:
    """The roles in the address (one, or all) at every step."""

    def __init__(self, workshop: Workshop, form_key: str):
        self.workshop = workshop
        self.app: App = workshop.app
        self.form: Form = workshop.form(form_key)
        roles = self.app.roles
        wanted = request.values.get("role") or (roles[0].key if roles else "")
        if wanted != EVERYBODY and wanted not in self.app.role_by_key:
            raise NotFound
        self.wanted = wanted

    @property
    def role(self) -> Role | None:
        """The one role that is shown; None where all are."""
        return self.app.role_by_key.get(self.wanted)

    def access(self, role: str) -> RoleAccess:
        return self.form.access_by_role.get(role) or RoleAccess(role)

    @cached_property
    def steps(self) -> tuple[str, ...]:
        return (ANY, *self.app.steps(self.form))

    @cached_property
    def columns(self) -> list[Column]:
        statuses = self.app.statuses(self.form)
        colours = {status.key: status.colour for status in statuses.statuses} if statuses else {}
        shown = [self.role] if self.role else self.app.roles
        names = {step: step_name(self.app, self.form.key, step) for step in self.steps}
        return [Column(self.access(role.key), step, names[step], colours.get(step, "")) for role in shown for step in self.steps]

    @cached_property
    def rows(self) -> list[Row]:
        found = [Row(ANY, _("Every field"), False)]
        for field in self.form.fields:
            if field.type == "heading":
                continue
            found.append(Row(field.key, say(field.label, g.language), False))
            found += [Row(f"{field.key}.{column.key}", say(column.label, g.language), True) for column in field.fields]
        return found

    @property
    def body(self) -> Markup:
        """The rows of the table, joined in Python: there may be thousands of cells."""
        words = {mode: str(escape(short(mode))) for mode in MODE_NAMES}
        parts: list[str] = []
        for row in self.rows:
            parts.append(f'<tr data-path="{escape(row.path)}"><th scope="row"{" class=inner" if row.inner else ""}>{escape(row.label)}</th>')
            for column in self.columns:
                mode = column.access.mode(row.path, column.step)
                own = " o" if _own(column.access, row.path, column.step) else ""
                parts.append(f'<td class="{LETTERS[mode]}{own}" tabindex=-1>{words[mode]}</td>')
            parts.append("</tr>\n")
        return Markup("".join(parts))

    @property
    def heads(self) -> Sequence[tuple[str, int]]:
        """(role, how many steps) over the columns, where all roles are shown."""
        return [(say(role.label, g.language), len(self.steps)) for role in self.app.roles] if self.role is None else ()


def _own(access: RoleAccess, path: str, step: str) -> bool:
    """Whether the very cell is set, rather than having what a default says."""
    return step in access.cells.get(path, {})


def short(mode: str) -> str:
    """A mode in a cell, in few letters."""
    return {"hidden": _("hid"), "masked": _("mask"), "read": _("see"), "edit": _("edit"), "required": _("must")}[mode]
