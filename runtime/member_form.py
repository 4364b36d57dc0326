"""The form of one member: name, department, and the roles in each app as boxes to tick."""

from __future__ import annotations

from collections.abc import Mapping

from flask import g
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice as Choice
from wtforms.widgets import CheckboxInput, ListWidget

from ..platform.access import members
from ..platform.access.joining import Person
from ..platform.definition.model import App, say
from .opening import live_apps, reading
from .people_fields import email_field, name_field


class Boxes(SelectMultipleField):
    """Several choices as boxes to tick; iterating gives each."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class MemberForm(FlaskForm):
    """With a field `roles_<app>` for each app of the workspace; make it with `member_form`."""

    name = name_field()
    department = SelectField(_("Department"), coerce=int)
    admin = BooleanField(
        _("Administrator of the workspace"), description=_("May let people in, give them roles and build apps.")
    )

    @property
    def role_fields(self) -> list[tuple[App, Boxes]]:
        return [(app, self[_name(app)]) for app in _apps()]

    @property
    def roles(self) -> dict[str, list[str]]:
        """The chosen role keys by app."""
        return {app.key: boxes.data for app, boxes in self.role_fields}

    @property
    def department_id(self) -> int | None:
        return self.department.data or None


class NewMember(MemberForm):
    email = email_field()

    def person(self) -> Person:
        return Person(
            self.name.data, self.email.data, self.roles, self.department_id, g.language, self.admin.data
        )


def member_form(kind: type[MemberForm], **values) -> MemberForm:
    """A form of this kind for the apps and departments of this moment."""
    boxes = {_name(app): Boxes(say(app.label, g.language), choices=_choices(app)) for app in _apps()}
    form = type(kind.__name__, (kind,), boxes)(**values)
    rows = members.departments(reading())
    form.department.choices = [Choice(0, _("None")), *(Choice(row.id, row.name) for row in rows)]
    return form


def form_of(member_id: int) -> MemberForm:
    """Filled with what is so now."""
    row = members.one_member(reading(), member_id)
    roles = members.all_roles(reading(), member_id)[member_id]
    chosen = {_name(app): sorted(roles[app.key]) for app in _apps()}
    return member_form(MemberForm, name=row.name, department=row.department_id or 0, admin=row.admin, **chosen)


def role_names(roles: Mapping[int, Mapping[str, set[str]]]) -> dict[int, list[tuple[str, list[str]]]]:
    """By member: each app's name with the names of the roles there."""
    return {
        member_id: [
            (say(app.label, g.language), [say(r.label, g.language) for r in app.roles if r.key in mine[app.key]])
            for app in _apps()
            if app.key in mine
        ]
        for member_id, mine in roles.items()
    }


def _apps() -> list[App]:
    return [compiled.app for compiled in live_apps().values()]


def _name(app: App) -> str:
    return f"roles_{app.key}"


def _choices(app: App) -> list[Choice]:
    return [Choice(role.key, say(role.label, g.language)) for role in app.roles]
