"""What a setting may refer to, as choices: forms, links beside a field, fields beyond one, transitions, status lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..platform import registry
from ..platform.definition.model import App, Field, Form, say
from ..platform.definition.scope import has_value
from ..platform.fields.lookup import LINKING
from ..platform.fields.rollup import is_number

Choices = list[tuple[str, str]]


@dataclass(frozen=True)
class Setting:
    """Where a field with settings stands: in a form, or among the columns of line items."""

    app: App
    form: Form
    holder: Form | Field
    field: Field
    language: str

    @property
    def settings(self) -> Mapping[str, Any]:
        return self.field.settings

    @property
    def chosen_form(self) -> Form | None:
        """The form that the settings name."""
        return self.app.form_by_key.get(str(self.settings.get("form") or ""))


def choices(refers: str, setting: Setting) -> Choices:
    """Key and label of everything that a setting may name, in the order of the app."""
    return [(key, say(label, setting.language)) for key, label in REFERS[refers](setting)]


def _forms(setting: Setting) -> Iterable[tuple[str, Any]]:
    return ((form.key, form.label) for form in setting.app.forms)


def _links(setting: Setting) -> Iterable[tuple[str, Any]]:
    """The links beside the field."""
    return ((one.key, one.label) for one in setting.holder.fields if one.type in LINKING and one is not setting.field)


def _beyond(setting: Setting) -> Iterable[tuple[str, Any]]:
    """The values of the form that the link of a look-up leads to."""
    link = setting.holder.by_key.get(str(setting.settings.get("via") or ""))
    target = setting.app.form_by_key.get(link.settings.get("form", "")) if link is not None else None
    fields = target.fields if target is not None else ()
    return ((one.key, one.label) for one in fields if has_value(one) and one.type != "rows")


def _back(setting: Setting) -> Iterable[tuple[str, Any]]:
    """The links of another form, or of its line items, that lead to this one."""
    other = setting.chosen_form
    for path in other.paths if other is not None else ():
        link = other.field_at(path)
        if link.type == "link" and link.settings.get("form") == setting.form.key:
            yield path, _outer(other, path, setting.language)


def _numbers(setting: Setting) -> Iterable[tuple[str, Any]]:
    """The numbers that stand beside that link."""
    other = setting.chosen_form
    rows = str(setting.settings.get("via") or "").rpartition(".")[0]
    holder = other.by_key.get(rows) if other is not None and rows else other
    fields = holder.fields if holder is not None else ()
    return ((one.key, one.label) for one in fields if one.type in registry.fields and has_value(one) and is_number(one, setting.app))


def _stored(setting: Setting) -> Iterable[tuple[str, Any]]:
    """What the records of another form can be sorted by."""
    fields = setting.chosen_form.fields if setting.chosen_form is not None else ()
    return ((one.key, one.label) for one in fields if one.type in registry.fields and registry.fields[one.type].stored(one))


def _transitions(setting: Setting) -> Iterable[tuple[str, Any]]:
    return ((one.key, one.label) for one in setting.form.transitions)


def _status_lists(setting: Setting) -> Iterable[tuple[str, Any]]:
    return ((one.key, one.label) for one in setting.app.status_lists)


def _columns(setting: Setting) -> Iterable[tuple[str, Any]]:
    return ((one.key, one.label) for one in setting.field.fields)


def _outer(form: Form, path: str, language: str) -> dict[str, str]:
    """A path's label, with that of its line items before it."""
    first, _dot, column = path.partition(".")
    names = [form.by_key[first].label, *([form.by_key[first].by_key[column].label] if column else [])]
    return {language: " › ".join(say(label, language) for label in names)}


REFERS: dict[str, Callable[[Setting], Iterable[tuple[str, Any]]]] = {
    "form": _forms, "link": _links, "target": _beyond, "back": _back, "source": _numbers, "stored": _stored,
    "transition": _transitions, "status_list": _status_lists, "columns": _columns,
}  # fmt: skip
