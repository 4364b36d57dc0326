"""What the form designer shows of one form: its sheets, sections and fields, and which of them are selected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import g, request, url_for

from ..platform import registry
from ..platform.definition.model import Field, Form, Section, Tab
from ..platform.definition.paths import parsed
from ..platform.field_type import FieldType
from .references import Setting
from .workshop import Workshop

PARTS = ("fields", "layout", "tabs", "views")


@dataclass(frozen=True)
class Chosen:
    """Something selected: `path` from its form on ("fields.lines.fields.price"), and what stands there."""

    path: tuple[str, ...]
    element: Any

    @property
    def kind(self) -> str:
        """fields, columns, layout, tabs or views."""
        return "columns" if len(self.path) == 4 else self.path[0]

    @property
    def key(self) -> str:
        return self.path[-1]

    @property
    def name(self) -> str:
        return ".".join(self.path)


@dataclass(frozen=True)
class Sheet:
    """The sections of one tab; without a tab, those that always show."""

    tab: Tab | None
    sections: list[Section]


class Canvas:
    """One form being designed; what is selected stands in the address."""

    def __init__(self, workshop: Workshop, form_key: str, names: Iterable[str] | None = None):
        self.workshop = workshop
        self.form: Form = workshop.form(form_key)
        given = request.values.getlist("select") if names is None else names
        found = (chosen(self.form, name) for name in dict.fromkeys(given))
        self.chosen = [one for one in found if one is not None]

    @property
    def selected(self) -> list[str]:
        return [one.name for one in self.chosen]

    @property
    def one(self) -> Chosen | None:
        """What is selected, if it is one thing."""
        return self.chosen[0] if len(self.chosen) == 1 else None

    @property
    def fields(self) -> list[Chosen]:
        """The selected fields and columns."""
        return [one for one in self.chosen if one.kind in ("fields", "columns")]

    @cached_property
    def sheets(self) -> list[Sheet]:
        above = [section for section in self.form.layout if not self.tab_of(section)]
        sheets = [Sheet(tab, [one for one in self.form.layout if one.tab == tab.key]) for tab in self.form.tabs]
        return [Sheet(None, above), *sheets] if above or not sheets else sheets

    def tab_of(self, section: Section) -> str:
        """The key of the tab that a section stands on; "" where it always shows."""
        return section.tab if any(tab.key == section.tab for tab in self.form.tabs) else ""

    @cached_property
    def loose(self) -> list[Field]:
        """The fields that have no place in the layout."""
        placed = {key for section in self.form.layout for key in section.fields}
        return [field for field in self.form.fields if field.key not in placed]

    def type_of(self, field: Field) -> FieldType:
        return registry.own(field)

    def keys_beside(self, one: Chosen) -> set[str]:
        """The keys in the list in which something stands."""
        holder = self.form.by_key[one.path[1]] if one.kind == "columns" else self.form
        return {other.key for other in getattr(holder, one.path[-2])}

    def section_of(self, key: str) -> Section | None:
        """The section in which a field stands."""
        return next((section for section in self.form.layout if key in section.fields), None)

    def setting(self, one: Chosen) -> Setting:
        """The selected field with where it stands."""
        holder = self.form.by_key[one.path[1]] if one.kind == "columns" else self.form
        return Setting(self.workshop.app, self.form, holder, one.element, g.language)

    def written(self, one: Chosen) -> dict[str, Any]:
        """What the document says of something selected."""
        holder = next(form for form in self.workshop.document["forms"] if form["key"] == self.form.key)
        for part, key in zip(one.path[::2], one.path[1::2], strict=True):
            holder = next(element for element in holder[part] if element["key"] == key)
        return holder

    @property
    def copied(self) -> list[dict[str, Any]]:
        """The selected fields as they can be put in elsewhere; of sections, those that stand there."""
        inside = [key for one in self.chosen if one.kind == "layout" for key in one.element.fields]
        more = [chosen(self.form, f"fields.{key}") for key in inside]
        found = {one.name: one for one in [*self.fields, *more] if one is not None}
        return [self.written(one) for one in found.values()]

    def at(self, *names: str) -> str:
        """The address at which these are selected."""
        return url_for("forms.show", app_key=self.workshop.key, form_key=self.form.key, select=list(names) or None)

    def full(self, one: Chosen) -> str:
        """Its path in the whole definition, as edits take it."""
        return written_path(self.form.key, *one.path)


def written_path(form: str, *path: str) -> str:
    steps = [f"{name}[{key}]" for name, key in zip(path[::2], path[1::2], strict=True)]
    return ".".join([f"forms[{form}]", *steps])


def chosen(form: Form, name: str) -> Chosen | None:
    """What a name like "fields.total" means in a form; None where there is nothing (any more)."""
    path = parsed(name)
    if len(path) not in (2, 4) or path[0] not in PARTS or (len(path) == 4 and (path[0], path[2]) != ("fields", "fields")):
        return None
    holder: Any = form
    for part, key in zip(path[::2], path[1::2], strict=True):
        holder = next((one for one in getattr(holder, part) if one.key == key), None)
        if holder is None:
            return None
    return Chosen(path, holder)


@dataclass(frozen=True)
class Group:
    """Field types that belong together, in the palette."""

    key: str
    types: list[FieldType]


def palette() -> list[Group]:
    """Every type of field there is, by group, in the language of the reader."""
    groups: dict[str, list[FieldType]] = {name: [] for name in ("text", "numbers", "choice", "connected", "files")}
    for one in registry.fields:
        groups.setdefault(one.group, []).append(one)
    return [Group(name, sorted(types, key=lambda one: (one.name not in name, one.name))) for name, types in groups.items() if types]

