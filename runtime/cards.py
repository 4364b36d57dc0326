"""Cards: a record in a few lines, as boards and calendars show it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup, escape

from ..platform.formats import Formats
from ..platform.records.compiled import CompiledForm
from ..platform.records.results import Row, Titles
from .cells import Column, columns_of, masked
from .naming import said


@dataclass(frozen=True)
class Fact:
    """One value of a card, drawn; a label where the value does not speak for itself."""

    label: str
    drawn: Markup
    plain: bool


@dataclass(frozen=True)
class Card:
    """base: what it stands on in JSON, against which moving it is measured.  note: what is late about it."""

    id: int
    rev: int
    status: str
    title: str
    subtitle: str
    facts: Sequence[Fact]
    base: str = ""
    note: str = ""


class Cards:
    """Makes cards of rows. `keys` are the fields told below the title; `title` names a record, if not the form's own;
    `bases` are fields that moving it changes.
    """

    def __init__(self, form: CompiledForm, keys: Sequence[str], formats: Formats, title: str = "", bases: Sequence[str] = ()):
        self.form = form
        self.formats = formats
        self.title = title or form.form.title
        self.subtitle = form.form.subtitle if form.form.subtitle in keys else ""
        self.bases = bases
        shown = [key for key in keys if key not in (self.title, self.subtitle)]
        self.columns = columns_of(form, shown, formats)
        self.hidden = str(escape(_("Not shown to you")))

    def card(self, row: Row, titles: Titles, address: str, note: str = "") -> Card:
        facts = [fact for column in self.columns if (fact := self._fact(column, row, titles, address))]
        title, subtitle = (said(self.form, key, row.values, self.formats, titles) if key else "" for key in (self.title, self.subtitle))
        return Card(row.id, row.rev, row.status, title or f"#{row.id}", subtitle, facts, self._base(row), note)

    def _fact(self, column: Column, row: Row, titles: Titles, address: str) -> Fact | None:
        if column.key in row.masked:
            drawn = masked(row.masks[column.key], self.hidden) if column.key in row.masks else ""
        else:
            value: Any = row if column.key == "status" else row.values.get(column.key)
            drawn = column.leading(value, titles, f"{address}{row.id}")
        return Fact(column.label, Markup(drawn), not drawn.startswith("<")) if drawn else None

    def _base(self, row: Row) -> str:
        if not self.bases:
            return ""
        found = {}
        for key in self.bases:
            field_type, field = self.form.shown[key]
            value = row.values.get(key)
            found[key] = None if value is None else field_type.dump(value, field)
        return json.dumps(found, ensure_ascii=False)


