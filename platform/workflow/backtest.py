"""Backtest: the flow that is being built, asked about the past.

Each transition that records of a form took is judged once more, on the record as it stood then: by the flow that
ran, and by the draft's. Where the two differ, it would have gone another way; where the flow that ran does not give
what happened, as history alone cannot tell all it saw, it says nothing. Records are looked at newest first.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from ..access.actor import SYSTEM, Actor
from ..access.members import load_actor
from ..db import Workspace
from ..definition import store
from ..definition.flow import Transition
from ..definition.model import say
from ..definition.placeholders import PLACEHOLDER
from ..definition.schema import load
from ..records.batches import how_many, ids_before
from ..records.compiled import Compiled, CompiledForm, version
from .approvals import named
from .judge import unmet
from .messages import HIDDEN
from .moment import Moment, asked_by
from .past import AFTER, Past, When

BATCH = 50
REFUSED, GONE, TARGET, PEOPLE, BY_ITSELF, STAYS = "refused", "gone", "target", "people", "by_itself", "stays"


@dataclass(frozen=True)
class Other:
    """One past transition that would have gone another way: why, in words."""

    kind: str
    record_id: int
    seq: int
    at: Any
    why: str


@dataclass
class Tally:
    """What was found of one transition."""

    key: str
    label: Mapping[str, str]
    judged: int = 0
    unclear: int = 0
    others: list[Other] = field(default_factory=list)


@dataclass(frozen=True)
class Report:
    """records: looked at, of `total`; oldest: the last of them, where there are older ones."""

    records: int
    total: int
    oldest: int | None
    tallies: list[Tally]

    @property
    def others(self) -> int:
        return sum(len(tally.others) for tally in self.tallies)


def backtest(
    workspace: Workspace, app_key: str, form_key: str, most: int = 200, before: int | None = None, seconds: float = 15, language: str = "en"
) -> Report:
    """The draft of an app on the past of a form: of its `most` newest records, or of those before one, as far as
    the time goes.
    """
    with workspace.reading() as connection:
        row = store.app_row(connection, app_key)
        app = load(store.draft(connection, row.id).document)
        live = version(workspace, connection, store.live(connection, app_key).version_id)
        return Backtest(workspace, connection, live, Compiled(app, 0), form_key, language).run(most, before, seconds)


class Backtest:
    def __init__(self, workspace: Workspace, connection: sa.Connection, live: Compiled, new: Compiled, form_key: str, language: str):
        self.connection = connection
        self.live = live
        self.new = new
        self.key = form_key
        self.language = language
        self.versions = lambda version_id: version(workspace, connection, version_id)
        self.past: Past
        self.tallies: dict[str, Tally] = {}
        self._actors: dict[int, Actor | None] = {}

    def run(self, most: int, before: int | None, seconds: float) -> Report:
        form, until = self.live.form(self.key), time.monotonic() + seconds
        total = how_many(self.connection, form)
        looked, oldest = 0, before
        while looked < most and (not looked or time.monotonic() < until):
            ids = ids_before(self.connection, form, oldest, min(BATCH, most - looked))
            if not ids:
                break
            if self.key in self.new.forms:
                self._look_at(ids)
            looked, oldest = looked + len(ids), ids[-1]
        tallies = [tally for tally in self.tallies.values() if tally.judged or tally.unclear]
        more = looked and ids_before(self.connection, form, oldest, 1)
        return Report(looked, total, oldest if more else None, tallies)

    def _look_at(self, ids: list[int]) -> None:
        """The transitions of records in the order in which they happened, each judged by both flows."""
        self.past = Past(self.connection, self.live, self.versions)
        histories = self.past.read(self.key, ids)
        questions = [question for rows in histories.values() for question in self._questions(rows)]
        for _place, ask in sorted(questions, key=lambda question: question[0]):
            ask()

    def _questions(self, rows: list[sa.Row]) -> Iterator[tuple[float, Callable[[], None]]]:
        """(place, what is asked there) of a record's events."""
        for event, following in zip(rows, [*rows[1:], None], strict=True):
            place = self.past.place(event)
            yield place, partial(self._judge, event, place)
            came = self._automatic(following)
            later = place + AFTER if came is None else self.past.place(following)
            yield later, partial(self._by_itself, event, came, event if came is None else following, later)

    # one transition

    def _judge(self, event: sa.Row, place: float) -> None:
        """What a person, or an effect, did then."""
        then = self.versions(event.version_id)
        old = then.form(self.key).form.transition_by_key.get(event.transition) if event.kind == "performed" else None
        if old is None or old.rows is not None or event.from_status is None or (old.automatic and event.actor_id is None):
            return
        was, now = self._moments(then, event, When(place, event.version_id, event.at))
        tally = self._tally(old)
        if was is None or now is None or not was.allows(old):
            tally.unclear += 1
            return
        tally.judged += 1
        if (other := self._other(event, was, now, old)) is not None:
            tally.others.append(Other(other[0], event.record_id, event.seq, event.at, other[1]))

    def _other(self, event: sa.Row, was: Moment, now: Moment, old: Transition) -> tuple[str, str] | None:
        new = now.form.form.transition_by_key.get(old.key)
        if new is None or new.rows is not None or event.from_status not in new.sources:
            return GONE, _("It could not be done from “%(status)s”.", status=self._status(was.form, event.from_status))
        failed = unmet(now.draft, new, now.data)
        if failed:
            return REFUSED, " ".join(PLACEHOLDER.sub(HIDDEN, say(guard.message, self.language)) for guard in failed)
        if new.leads(event.from_status) != old.leads(event.from_status):
            return TARGET, self._leads(now.form, new, event.from_status)
        people = None if event.actor_id is None else self._other_people(was, now, old, new)
        return (PEOPLE, people) if people else None

    def _other_people(self, was: Moment, now: Moment, old: Transition, new: Transition) -> str:
        """Whom it would have been up to instead, in words; "" where it would have been the same."""
        if (old.who, old.approval, was.form.form.access) == (new.who, new.approval, now.form.form.access):
            return ""
        names = [named(one.who, side.form, self.language) for one, side in ((old, was), (new, now))]
        if (old.approval is None) != (new.approval is None):
            return _("It would have needed the approval of %(people)s.", people=names[1]) if new.approval else _("It would have needed no approval.")
        if new.approval is not None:
            same = was.asked(old) == now.asked(new)
            return "" if same else _("Asked would have been %(new)s, not %(old)s.", new=names[1], old=names[0])
        if was.may(old) and not now.may(new):
            return _("Only %(people)s could have done it.", people=names[1])
        return ""

    # what happens by itself

    def _by_itself(self, event: sa.Row, came: Transition | None, about: sa.Row, place: float) -> None:
        """What happened by itself after an event, or could have; `about` is the event that tells of it, else that event."""
        then = self.versions(event.version_id)
        leaving = [[t for t in side.form.flow() if t.automatic and event.to_status in t.sources] for side in (then.form(self.key), self.new.form(self.key))]
        if not any(leaving) or (leaving[0] == leaving[1] and came is None):
            return
        was, now = self._moments(then, event, When(place, about.version_id, about.at))
        expected, instead = (side.due(ones) if side else None for side, ones in zip((was, now), leaving, strict=True))
        told = came or instead or expected
        if told is None or was is None or now is None:
            return
        tally = self._tally(told)
        if expected != came:
            tally.unclear += 1
            return
        tally.judged += 1
        to = [None if one is None else one.leads(was.draft.status) for one in (came, instead)]
        if to[0] != to[1]:
            kind, why = (STAYS, self._stays(now)) if instead is None else (BY_ITSELF, self._leads(now.form, instead, now.draft.status))
            tally.others.append(Other(kind, about.record_id, about.seq, about.at, why))

    def _stays(self, now: Moment) -> str:
        return _("It would have stayed at “%(status)s”.", status=self._status(now.form, now.draft.status))

    def _automatic(self, event: sa.Row | None) -> Transition | None:
        """The automatic transition that an event tells of."""
        if event is None or event.kind != "performed" or event.actor_id is not None or event.cause:
            return None
        found = self.versions(event.version_id).form(self.key).form.transition_by_key.get(event.transition)
        return found if found is not None and found.automatic and found.rows is None else None

    # words and sides

    def _moments(self, then: Compiled, event: sa.Row, when: When) -> Iterator[Moment | None]:
        """A record as the version that ran saw it, and as the draft would have."""
        for compiled in (then, self.new):
            form = compiled.form(self.key)
            draft = self.past.draft(compiled, (self.key, event.record_id), when, asked_by(form))
            yield Moment(self.connection, self.past, form, draft, when, self._actor(event)) if draft is not None else None

    def _actor(self, event: sa.Row) -> Actor:
        """Whoever acted, with the roles of today; the engine where nobody did, or they are gone."""
        if event.actor_id is None:
            return SYSTEM
        if event.actor_id not in self._actors:
            self._actors[event.actor_id] = load_actor(self.connection, event.actor_id)
        return self._actors[event.actor_id] or SYSTEM

    def _tally(self, transition: Transition) -> Tally:
        return self.tallies.setdefault(transition.key, Tally(transition.key, transition.label))

    def _leads(self, form: CompiledForm, transition: Transition, status: str) -> str:
        told = {"to": self._status(form, transition.leads(status)), "by": say(transition.label, self.language)}
        return _("It would have gone to “%(to)s” by “%(by)s”.", **told)

    def _status(self, form: CompiledForm, key: str) -> str:
        found = form.statuses.by_key.get(key) if form.statuses else None
        return say(found.label, self.language) if found else key
