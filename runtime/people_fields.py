"""The fields that pages about people share."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Regexp

from ..platform.access.passwords import LONGEST, SHORTEST


def name_field() -> StringField:
    return StringField(_("Full name"), [DataRequired(_("Enter a name.")), Length(max=100)], filters=[stripped])


def email_field() -> StringField:
    looks_right = Regexp(r"[^@\s]+@[^@\s]+\Z", message=_("A mail address looks like name@company.com."))
    checks = [DataRequired(_("Enter a mail address.")), Length(max=254), looks_right]
    return StringField(_("Mail address"), checks, filters=[stripped])


def new_password_field(label: str | None = None) -> PasswordField:
    sentence = _("Use at least %(count)s characters.", count=SHORTEST)
    checks = [InputRequired(sentence), Length(min=SHORTEST, message=sentence), Length(max=LONGEST)]
    return PasswordField(label or _("Password"), checks, description=_("At least %(count)s characters.", count=SHORTEST))


def stripped(value: str | None) -> str | None:
    return value.strip() if value else value
