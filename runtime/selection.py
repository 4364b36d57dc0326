"""Several records of a list, and what can be done with them at once: each by its own rights."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from flask_babel import gettext as _

from ..platform.access.rights import WRITABLE
from ..platform.definition.flow import Transition
from ..platform.definition.model import Field, say
from ..platform.errors import Invalid, NotFound, Problem
from ..platform.formats import Formats
from ..platform.records.compiled import CompiledForm
from ..platform.records.query import Gate
from ..platform.records.results import Record
from ..platform.workflow.judge import Option
from .naming import said
from .opening import commands_of

MOST = 200  # at once: more would keep the person waiting
SEEN_AS = re.compile(r"([0-9]{1,18})(?:\.([0-9]{1,9}))?", re.ASCII)


@dataclass(frozen=True)
class Choice:
    """A transition: how many of the records can take it, and why the others can't."""

    transition: Transition
    able: int
    reasons: Sequence[str]


class Selection:
    """Records by id, or by `id.rev` where the page that sent them had shown them so."""

    def __init__(self, gate: Gate, form_key: str, sent: Sequence[str], formats: Formats):
        self.gate = gate
        self.form = gate.compiled.form(form_key)
        self.formats = formats
        self.seen = dict(_read(text) for text in sent)
        if len(self.seen) > MOST:
            raise Invalid([Problem("record", _("At most %(most)s records at once.", most=MOST))])

    @cached_property
    def records(self) -> list[Record]:
        """Those that are there and shown to this person, in the order they were picked."""
        return [record for number in self.seen if (record := self._record(number)) is not None]

    @property
    def gone(self) -> int:
        """How many are no longer there."""
        return len(self.seen) - len(self.records)

    def title(self, record: Record) -> str:
        return said(self.form, self.form.form.title, record.values, self.formats, record.titles) or f"#{record.id}"

    def rev(self, record: Record) -> int:
        """The record as the person saw it."""
        return self.seen[record.id] if self.seen[record.id] is not None else record.rev

    @cached_property
    def _options(self) -> dict[int, list[Option]]:
        commands = commands_of(self.gate.compiled.app.key)
        return {record.id: commands.available(self.form.key, record.id, self.gate) for record in self.records}

    @property
    def choices(self) -> list[Choice]:
        """The transitions that some of them can take now, what most can first."""
        offered = {o.transition.key: o.transition for options in self._options.values() for o in options if in_bulk(self.form, o.transition)}
        found = [Choice(one, len(self.able(one.key)), self._reasons(one.key)) for one in offered.values()]
        return sorted((choice for choice in found if choice.able), key=lambda choice: -choice.able)

    def able(self, key: str) -> list[Record]:
        """The records that can take a transition now."""
        return [r for r in self.records if any(o.allowed and o.transition.key == key for o in self._options[r.id])]

    def _reasons(self, key: str) -> list[str]:
        refused = (o for options in self._options.values() for o in options if o.transition.key == key and not o.allowed)
        return list(dict.fromkeys(option.reasons[0].text for option in refused))

    def transition(self, key: str) -> Transition:
        found = self.form.form.transition_by_key.get(key)
        if found is None or not in_bulk(self.form, found):
            raise NotFound
        return found

    @cached_property
    def fields(self) -> list[Field]:
        """The single fields that can be changed in some of them."""
        open_somewhere = {key for record in self.records for key, mode in record.modes.items() if mode in WRITABLE}
        alone = {*self.form.rows, *self.form.file_paths}
        return [one for one in self.form.form.fields if one.key in open_somewhere - alone]

    def field(self, key: str) -> Field:
        for found in self.fields:
            if found.key == key:
                return found
        raise NotFound

    @property
    def may_delete(self) -> bool:
        return any(record.deletable for record in self.records)

    @property
    def said(self) -> str:
        """What they are, in words: "12 Orders"."""
        return f"{self.formats.number(len(self.records))} {say(self.form.form.plural, self.formats.language)}"

    def _record(self, number: int) -> Record | None:
        try:
            return self.gate.record(self.form.key, number)
        except NotFound:
            return None


def in_bulk(form: CompiledForm, transition: Transition) -> bool:
    """Whether several may take a transition together: not where each is to be looked at by itself."""
    asked = {ask.field.partition(".")[0] for ask in transition.ask}
    alone = asked & {*form.rows, *form.file_paths}
    return transition.bulk and not (alone or transition.automatic or transition.rows or transition.preview)


def _read(text: str) -> tuple[int, int | None]:
    found = SEEN_AS.fullmatch(text)
    if not found:
        raise NotFound
    return int(found[1]), int(found[2]) if found[2] else None
