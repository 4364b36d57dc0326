"""What a link shows of a record: where it stands and when it came there, and the chosen fields."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup

from ..platform.access.rights import READABLE
from ..platform.definition.flow import Status
from ..platform.definition.model import Field, say
from ..platform.formats import Formats
from ..platform.records.query import Gate
from .cells import words
from .record_page import RecordPage


@dataclass(frozen=True)
class Reached:
    """One status on the way: "past", "now" or "ahead", and when the record came there."""

    status: Status
    place: str
    when: str
    iso: str


@dataclass(frozen=True)
class Fact:
    label: str
    text: Markup
    figures: bool


@dataclass(frozen=True)
class Lines:
    """Line items as a table. statuses: of each line, where they have one that is shown."""

    label: str
    heads: Sequence[tuple[str, bool]]
    rows: Sequence[Sequence[Fact]]
    statuses: Sequence[Status | None]


@dataclass(frozen=True)
class Part:
    """A section of the form's layout, as far as the link shows any of it."""

    label: str
    facts: Sequence[Fact]
    lines: Sequence[Lines]


class Tracked:
    """A record, read through the gate of a link."""

    def __init__(self, gate: Gate, form_key: str, record_id: int, formats: Formats):
        self.page = RecordPage(gate, form_key, gate.record(form_key, record_id), formats)
        self.form = self.page.compiled.form
        self.values = self.page.record.values
        self.formats = formats

    @property
    def title(self) -> str:
        """The form, and the name of the record where that is shown."""
        label = say(self.form.label, self.formats.language)
        shown = self._fact(self.form.title) if self.values.get(self.form.title) is not None else None
        return f"{label} {shown.text.unescape()}" if shown else label

    @property
    def status(self) -> Status | None:
        return self.page.status if self.form.tracking.statuses else None

    @cached_property
    def steps(self) -> list[Reached]:
        if self.status is None:
            return []
        came: dict[str, datetime] = {}
        for event in self.page.story.events:  # the newest first
            if event.to_status != event.from_status:
                came.setdefault(event.to_status, event.at)
        here = [step.place for step in self.page.steps].index("now")
        taken = [step for at, step in enumerate(self.page.steps) if at >= here or step.place == "past"]  # the rest was left out
        return [self._reached(step.status, step.place, came.get(step.status.key)) for step in taken]

    @property
    def since(self) -> str:
        return self.formats.relative(self.page.record.status_since)

    @property
    def parts(self) -> list[Part]:
        placed = {key for section in self.form.layout for key in section.fields}
        rest = [field.key for field in self.form.fields if field.key not in placed]
        sections = [(say(section.label, self.formats.language), section.fields) for section in self.form.layout] + [("", rest)]
        found = (self._part(label, keys) for label, keys in sections)
        return [part for part in found if part.facts or part.lines]

    def _part(self, label: str, keys: Iterable[str]) -> Part:
        shown = [self.form.by_key[key] for key in keys if key in self.form.by_key and self._shown(key)]
        plain = [field for field in shown if field.type != "rows" and field.key != self.form.title]
        facts = [self._fact(field.key) for field in plain if field.show is True or self.values.get(field.key) is not None]
        return Part(label, facts, [self._lines(field) for field in shown if field.type == "rows"])

    def _shown(self, path: str) -> bool:
        return path in self.values or ("." in path and self.page.record.modes.get(path) in READABLE)

    def _fact(self, key: str) -> Fact:
        return self._cell(key, self.values.get(key))

    def _cell(self, path: str, value: Any) -> Fact:
        field_type, shown = self.page.compiled.shown[path]
        text = Markup(words(field_type, shown, self.formats)(value, self.page.record.titles, ""))
        return Fact(say(self.form.field_at(path).label, self.formats.language), text, field_type.figures)

    def _lines(self, rows: Field) -> Lines:
        known = {column.key for column in self.page.compiled.shown_columns[rows.key]}
        paths = [f"{rows.key}.{child.key}" for child in rows.fields if child.key in known and self._shown(f"{rows.key}.{child.key}")]
        lines = self.values[rows.key]
        statuses = self.page.compiled.line_statuses.get(rows.key) if self.form.tracking.statuses else None
        return Lines(
            label=say(rows.label, self.formats.language),
            heads=[(say(self.form.field_at(path).label, self.formats.language), self.page.compiled.shown[path][0].figures) for path in paths],
            rows=[[self._cell(path, line.get(path.partition(".")[2])) for path in paths] for line in lines],
            statuses=[statuses.by_key.get(line["status"]) for line in lines] if statuses else [],
        )

    def _reached(self, status: Status, place: str, came: datetime | None) -> Reached:
        passed = came is not None and place != "ahead"
        when = self.formats.moment(came) if passed else _("still to come") if place == "ahead" else ""
        return Reached(status, place, when, came.isoformat(timespec="seconds") + "Z" if passed else "")
