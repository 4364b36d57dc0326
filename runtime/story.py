"""A record's history as it is told: who did what, and what it changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from marshmallow import ValidationError

from ..platform.definition.flow import Status
from ..platform.definition.model import say
from ..platform.formats import Formats
from ..platform.language import listed
from ..platform.records.compiled import CompiledForm
from ..platform.records.query import Gate
from ..platform.records.results import Event, Record, Told
from ..platform.records.story import told
from ..platform.records.titles import PERSON, read_titles
from .approval_panel import Signature, signature, standing_in
from .navigation import list_path

SHOWN = 4  # changes that are told at once; the rest unfolds
NOT_TOLD = "#"  # a line's place among the others


@dataclass(frozen=True)
class Change:
    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Chapter:
    """One event. `who` is empty where the engine acted by itself."""

    who: str
    number: int
    what: str
    from_status: Status | None
    to_status: Status | None
    when: str
    moment: str
    iso: str
    changes: Sequence[Change]
    cause: str = ""
    cause_path: str = ""
    opinion: str = ""
    stands_in: str = ""
    voided: int = 0  # of how many people a yes counts no more
    acts_for: str = ""  # whose yes it was
    copies: str = ""  # who hears of the outcome
    signed: Signature | None = None

    @property
    def first(self) -> Sequence[Change]:
        return self.changes[:SHOWN]

    @property
    def rest(self) -> Sequence[Change]:
        return self.changes[SHOWN:]


class Story:
    """The chapters of one record, newest first."""

    def __init__(self, gate: Gate, form: CompiledForm, record: Record, formats: Formats):
        self.gate = gate
        self.form = form
        self.record = record
        self.formats = formats
        self.events: list[Event] = told(gate, record)

    @property
    def visited(self) -> set[str]:
        """The statuses that the record has been in."""
        return {event.to_status for event in self.events}

    @property
    def chapters(self) -> list[Chapter]:
        known = self.record.titles
        fresh = {target: {i for i in ids if (target, i) not in known} for target, ids in self._named().items()}
        self.titles = {**known, **read_titles(self.gate, fresh)}
        return [self._chapter(event) for event in self.events]

    def _chapter(self, event: Event) -> Chapter:
        statuses = self.form.statuses.by_key if self.form.statuses else {}
        moved = event.from_status not in (None, event.to_status)
        who = self.titles.get((PERSON, event.actor_id), "") if event.actor_id else ""
        cause, cause_path = self._cause(event)
        return Chapter(
            who=who,
            number=event.actor_id or 0,
            what=self._what(event),
            from_status=statuses.get(event.from_status) if moved else None,
            to_status=statuses.get(event.to_status) if moved else None,
            when=self.formats.relative(event.at),
            moment=self.formats.moment(event.at),
            iso=event.at.isoformat(timespec="seconds") + "Z",
            changes=[change for t in event.changes if (change := self._change(t)) is not None] if event.kind != "created" else [],
            cause=cause,
            cause_path=cause_path,
            opinion=event.opinion,
            stands_in=standing_in(event.stands_in),
            voided=event.voided,
            acts_for=self._people(event.acts_for),
            copies=self._people(event.asked) if event.kind in ("voted", "performed") else "",
            signed=signature(event.signed, f"{list_path(self.form.app.key, self.form.key)}{self.record.id}"),
        )

    def _what(self, event: Event) -> str:
        transition = self.form.form.transition_by_key.get(event.transition)
        label = say(transition.label, self.formats.language) if transition else _("Moved on")
        if event.kind == "performed":
            return f"{self._lines_moved(event, transition.rows)}: {label}" if transition and transition.rows else label
        words = {
            "created": _("Created"),
            "edited": _("Changed"),
            "deleted": _("Deleted"),
            "restored": _("Restored"),
            "loaded": _("Brought in"),
            "adjusted": _("Adjusted by another record"),
            "updated": _("Changed by another record"),
            "advanced": _("Moved on by itself"),
            "moved": _("Moved by a new version of the app"),
            "voted": _("Yes to “%(transition)s”", transition=label),
            "withdrawn": _("Took back the yes to “%(transition)s”", transition=label),
            "erased": _("Personal values erased"),
            "handed_on": _("Handed “%(transition)s” on to %(people)s", transition=label, people=self._people(event.asked)),
            "signer_added": _("Asked %(people)s to sign “%(transition)s” too", transition=label, people=self._people(event.asked)),
        }
        return words.get(event.kind, event.kind)

    def _people(self, ids: Iterable[int]) -> str:
        return listed(self.titles.get((PERSON, one), f"#{one}") for one in ids)

    def _change(self, change: Told) -> Change | None:
        parts = change.path.split(".")
        field = self.form.form.by_key.get(parts[0])
        if field is None or parts[-1] == NOT_TOLD:
            return None
        label = say(field.label, self.formats.language)
        if len(parts) == 1:
            return self._told(label, parts[0], change)
        if len(parts) == 2:
            return Change(label, self._line(field.key, change.old), self._line(field.key, change.new))
        if parts[2] == "status" and field.key in self.form.line_statuses:
            return self._line_moved(field.key, parts[1], change)
        column = field.by_key.get(parts[2])
        if column is None:
            return None
        path = f"{field.key}.{column.key}"
        label = f"{self._line_name(field.key, parts[1])} · {say(column.label, self.formats.language)}"
        return self._told(label, path, change)

    def _told(self, label: str, path: str, change: Told) -> Change:
        if change.erased:
            return Change(label, _("erased"), "")
        return Change(label, self._said(path, change.old), self._said(path, change.new))

    def _line_moved(self, rows: str, line_id: str, change: Told) -> Change:
        known, language = self.form.line_statuses[rows].by_key, self.formats.language
        old, new = (say(known[key].label, language) if key in known else key or "" for key in (change.old, change.new))
        return Change(f"{self._line_name(rows, line_id)} · {_('Status')}", old, new)

    def _lines_moved(self, event: Event, rows: str) -> str:
        """The lines that took a transition, by number."""
        moved = [told.path.split(".")[1] for told in event.changes if told.path.startswith(f"{rows}.") and told.path.endswith(".status")]
        return listed(self._line_name(rows, line_id) for line_id in moved) or _("Line")

    def _cause(self, event: Event) -> tuple[str, str]:
        """The transition of another record that this came from, in words, and where that record is."""
        if event.cause is None:
            return "", ""
        form = self.gate.compiled.form(event.cause["form"])
        transition = form.form.transition_by_key.get(event.cause["transition"])
        label = say(transition.label, self.formats.language) if transition else ""
        named = f"{say(form.form.label, self.formats.language)} {event.cause['title']}"
        return f"{named}: {label}", f"{list_path(form.app.key, form.key)}{event.cause['id']}"

    def _said(self, path: str, raw: Any) -> str:
        """A value in JSON form, as a person reads it; as it stands where its field has changed since."""
        field_type, shown = self.form.shown[path]
        try:
            value = None if raw is None else field_type.revive(raw, shown)
        except ValidationError:
            return str(raw)
        return field_type.display(value, shown, self.formats, self.titles) if value is not None else ""

    def _line(self, rows: str, line: Mapping[str, Any] | None) -> str:
        """The first filled columns of a line that came or went."""
        if line is None:
            return ""
        columns = [c.key for c in self.form.form.by_key[rows].fields if line.get(c.key) is not None]
        return ", ".join(self._said(f"{rows}.{key}", line[key]) for key in columns[:3])

    def _line_name(self, rows: str, line_id: str) -> str:
        for index, line in enumerate(self.record.values.get(rows) or [], 1):
            if str(line.get("id")) == line_id:
                return _("Line %(number)s", number=index)
        return _("Line")

    def _named(self) -> dict[str, set[int]]:
        """Everyone and everything that the changes mention: one statement for each form."""
        wanted: dict[str, set[int]] = {PERSON: {event.actor_id for event in self.events if event.actor_id}}
        for event in self.events:
            wanted[PERSON].update(event.acts_for, event.asked)
            for change in event.changes:
                for path, value in _values(change):
                    target = self._target(path)
                    if target and isinstance(value, int):
                        wanted.setdefault(target, set()).add(value)
        return wanted

    def _target(self, path: str) -> str | None:
        field_type, shown = self.form.shown.get(path, (None, None))
        return None if field_type is None else field_type.points_to(shown)


def _values(change: Told) -> Iterable[tuple[str, Any]]:
    """(field path, value) of a change, whole lines taken apart."""
    parts = change.path.split(".")
    path = parts[0] if len(parts) < 3 else f"{parts[0]}.{parts[2]}"
    for side in (change.old, change.new):
        if isinstance(side, Mapping):
            yield from ((f"{parts[0]}.{key}", value) for key, value in side.items())
        else:
            yield path, side
