"""One command's unit of work: the record it is about, what its effects touch, and what all that leaves.

Everything is worked out on drafts under their locks; `Change` writes each draft once, with its event.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from ..access.actor import SYSTEM, Actor
from ..definition.flow import Transition
from ..errors import Refused
from ..records import history
from ..records.compiled import Compiled, CompiledForm
from ..records.derive import derive, look_up_live
from ..records.draft import Draft, Linked, Surroundings, line_data, rule_data
from ..records.links import Needs, load_links
from ..records.visibility import parameters
from ..records.write import lock
from ..registry import actions
from . import timers
from .adjusting import Adjustment, Wanted
from .advancing import advances
from .approvals import Rounds
from .circle import Circle, who_of
from .effects import effect_needs, fitted, fitted_all
from .locking import hold_ahead
from .outbox import Errand, put_all
from .saving import Cause, Saving
from .settling import settle
from .telling import Untold, followers_told, told
from .touching import Touch, show_touched, write_touched

DEEPEST = 3  # transitions that carry out each other


class Change:
    """What actions work with. `draft` is the record whose transition is carried out, under its lock; of a
    transition of lines, `line` is the one at hand.
    """

    def __init__(
        self, connection: sa.Connection, compiled: Compiled, actor: Actor, now: datetime, locking: bool = True
    ):
        self.locking = locking
        self.connection = connection
        self.compiled = compiled
        self.actor = self.person = actor  # who acts now, and whose command it is
        self.now = now
        self.around = Surroundings(actor, compiled.app, now)
        self.linked: Linked = {}
        self.draft: Draft | None = None
        self.saving = Saving(connection, compiled, actor, now)
        self.errands: list[Errand] = []
        self.settled: set[tuple[str, int]] = set()  # records whose automatic transitions were tried
        self.held: dict[tuple[str, int], Draft] = {}
        self._touched: dict[tuple[str, int], Touch] = {}
        self._data: dict[str, Any] | None = None
        self._untold: list[Untold] = []
        self._line: tuple[str, int] | None = None
        self._alone = False  # whether the effect at hand is about that line only
        self._unsettled = False  # whether an effect set what derived values stand on
        self._under_way: list[tuple[Draft, Transition]] = []
        self._circle: Circle | None = None

    # what the commands call

    def hold(self, form_key: str, record_id: int, deleted: bool = False) -> Draft | None:
        """Lock the record that this command is about; None where there is no such record."""
        form = self.compiled.form(form_key)
        bound = parameters(self.actor, self.compiled.app, self.now)
        found = lock(self.connection, form, [record_id], self.actor, bound, deleted, self.locking)
        draft = found.get(record_id)
        if draft is not None:
            look_up_live(self.connection, form, [draft], self.linked)
            self.held[form_key, record_id] = draft
        return draft

    def hold_as_system(self, form_key: str, record_id: int, deleted: bool) -> Draft | None:
        """The same, whoever asks and whatever row scopes say."""
        return lock(self.connection, self.compiled.form(form_key), [record_id], SYSTEM, deleted=deleted).get(record_id)

    def about(self, draft: Draft, line: tuple[str, int] | None = None) -> None:
        """What follows is of this record, or of the line (key of its line items, id) of it."""
        self.draft = draft
        self._line = line
        self._data = None

    def act_as(self, actor: Actor) -> None:
        """Whose doing what follows is: the person's, or the engine's."""
        self.actor = self.saving.actor = actor
        self.around = Surroundings(actor, self.compiled.app, self.now)
        self._data = None

    def know(self, needs: Needs) -> None:
        """Load what rules over the present draft read past its links."""
        load_links(self.connection, self.compiled, [self.draft], needs, self.linked)
        show_touched(self._touched, self.linked)
        self._data = None

    def derive(self, draft: Draft) -> dict[str, Any]:
        """Work out a draft's derived values; returns its rule data as it then is."""
        derive(self.connection, self.compiled, [draft], self.around, self.linked)
        self._data = None
        if draft is self.draft:
            self._unsettled = False
        return rule_data(draft, self.linked, self.around)

    def carry_out(self, transition: Transition) -> None:
        """Run a transition's effects in their order on the present draft; each sees what those before it left."""
        self._under_way.append((self.draft, transition))
        for place, effect in enumerate(transition.effects):
            if self._unsettled:
                self.derive(self.draft)
            self.know(effect_needs(self.form, transition))
            self._alone = transition.rows is not None and not effect.settings.get("each")
            if not place:
                hold_ahead(self, transition)
            actions[effect.type].run(transition.settings_of(effect), self)
            self._data = None
        self._alone = False
        self._under_way.pop()

    @contextmanager
    def within(self, draft: Draft, line: tuple[str, int] | None = None) -> Iterator[None]:
        """Work on another record for a while, as the engine."""
        before = self.actor, self.draft, self._line, self._alone, self._unsettled
        self.act_as(SYSTEM)
        self._unsettled = False
        self.about(draft, line)
        yield
        self.act_as(before[0])
        _actor, self.draft, self._line, self._alone, self._unsettled = before

    def under_way(self, draft: Draft) -> bool:
        """Whether a record is in the middle of a transition of its own, or there are too many at once."""
        return any(draft is other for other, _transition in self._under_way) or len(self._under_way) >= DEEPEST

    @property
    def circle(self) -> Circle:
        """The people around the present draft."""
        if self._circle is None or self._circle.draft is not self.draft:
            self._circle = Circle(self.connection, self.draft, self.linked, self.now)
        return self._circle

    @property
    def rounds(self) -> Rounds:
        """The approvals of the present draft's transitions."""
        return Rounds(self.circle)

    def tell(self, stem: str | None = None) -> None:
        """Word for everybody what effects wanted told of the present draft, as far as each sees what it has become."""
        mine = [untold for untold in self._untold if untold.draft is self.draft]
        if mine:
            self._circle = None  # what a scope says may have changed
            self.errands += told(self, mine, stem)
            self._untold = [untold for untold in self._untold if untold.draft is not self.draft]

    def finish(self) -> None:
        """Write what effects touched, the roll-ups, the events and the outbox; the last thing before the commit."""
        self.settle()
        self.let_advance(settle(self))
        history.append(self.connection, self.saving.events)
        saved = self.saving.saved.items()
        timers.keep(self.connection, [replace(kept, settled=record in self.settled) for record, kept in saved], self.now)
        put_all(self.connection, [*self.errands, *followers_told(self)])

    def settle(self, form_key: str | None = None) -> None:
        """Write the records that effects touched, all of them or those of one form."""
        waiting = {key: touch for key, touch in sorted(self._touched.items()) if form_key in (None, key[0])}
        self.let_advance(write_touched(self.saving, waiting))
        for key in waiting:
            del self._touched[key]

    # what actions call

    @property
    def form(self) -> CompiledForm:
        return self.draft.form

    @property
    def data(self) -> dict[str, Any]:
        """The present draft as rules see it."""
        if self._data is None:
            self._data = rule_data(self.draft, self.linked, self.around)
        return self._data

    @property
    def line(self) -> dict[str, Any] | None:
        """The line that takes a transition by itself."""
        return self.draft.line(*self._line) if self._line else None

    @property
    def cause(self) -> Cause | None:
        """The transition whose effects are being carried out."""
        if not self._under_way:
            return None
        draft, transition = self._under_way[-1]
        return {"form": draft.form.key, "id": draft.id, "transition": transition.key}

    def lines(self, rows_key: str | None, when: Any = None) -> list[dict[str, Any] | None]:
        """The lines an effect works on, those for which `when` holds; one None for the record itself."""
        lines = self.draft.values.get(rows_key) or [] if rows_key else [None]
        if self._alone and rows_key == self._line[0]:
            lines = [self.line]
        return [line for line in lines if self.holds(when, rows_key, line)]

    def holds(self, when: Any, rows_key: str | None, line: Mapping | None) -> bool:
        """Whether an effect's condition is true of a line, or of the record; there may be none."""
        return when is None or self.evaluate(when, rows_key, line) is True

    def evaluate(self, rule: Any, rows_key: str | None = None, line: Mapping | None = None) -> Any:
        """A rule of an effect, on the record and one of its lines."""
        return self.judge(rule, rows_key, None, self.seen(rows_key, line))

    def link(self, path: str, line: Mapping[str, Any] | None = None) -> int | None:
        """The id in a link of the record ("customer") or of its line at hand ("line.product")."""
        first, _dot, column = path.partition(".")
        return line.get(column) if first == "line" and line is not None else self.draft.values.get(path)

    def set(self, path: str, value: Any, line: dict[str, Any] | None = None) -> None:
        """Set a field ("total"), or a column ("lines.price") of one of the lines."""
        values = self.draft.values if line is None else line
        values[path.rpartition(".")[2]] = fitted(self.form, path, value)
        self._data = None
        self._unsettled = True

    def create(self, form_key: str, records: list[Mapping[str, Any]], status: str | None) -> None:
        """Create records of a form with these values, as the engine does: rules apply, rights do not."""
        form = self.compiled.form(form_key)
        drafts = [Draft(form, fitted_all(form, record), status=status or form.start_status) for record in records]
        derive(self.connection, self.compiled, drafts, self.around, self.linked)
        self.saving.insert(drafts, "created", cause=self.cause)
        self.let_advance(drafts)

    def adjust(self, form_key: str, wanted: Wanted, holds: Sequence[Mapping], rows_key: str | None) -> None:
        """Add amounts to fields of records of a form, under their locks; refused if a hold fails."""
        targets = self.targets(form_key, {target for target, _amounts, _line in wanted})
        drafts = Adjustment(self, self.compiled.form(form_key), holds, rows_key).run(targets, wanted)
        self.touch(drafts, "adjusted")

    def touch(self, drafts: Iterable[Draft], kind: str) -> None:
        """Have records written that an effect changed; the present draft is written anyway."""
        for draft in drafts:
            if draft is self.draft:
                self._unsettled = True
                continue
            key = (draft.form.key, draft.id)
            stronger = key in self._touched and self._touched[key].kind == "updated"
            self._touched[key] = Touch(draft, "updated" if stronger else kind, self.cause)

    def targets(self, form_key: str, ids: set[int], there: bool = True) -> dict[int, Draft]:
        """Records to change, locked in the order of their ids; those this command holds as they are. Refused where
        one is gone; without `there` it is left out.
        """
        self.take_hold(form_key, ids)
        if there and any((form_key, record_id) not in self.held for record_id in ids):
            raise Refused(_("A linked record no longer exists."))
        return {record_id: self.held[form_key, record_id] for record_id in ids if (form_key, record_id) in self.held}

    def take_hold(self, form_key: str, ids: Iterable[int], deleted: bool = False) -> None:
        """Lock the records that exist and are not held yet."""
        missing = {record_id for record_id in ids if (form_key, record_id) not in self.held}
        if not missing:
            return
        form = self.compiled.form(form_key)
        bound = parameters(self.person, self.compiled.app, self.now)
        fresh = lock(self.connection, form, missing, self.person, bound, deleted)
        look_up_live(self.connection, form, fresh.values(), self.linked)
        self.held |= {(form_key, record_id): draft for record_id, draft in fresh.items()}

    def seen(self, rows_key: str | None, line: Mapping | None) -> dict[str, Any]:
        """The present draft and one of its lines as rules see them."""
        if line is None:
            return self.data
        return self.data | {"line": line_data(self.form, rows_key, line, self.linked, self.data)}

    def judge(self, rule: Any, rows_key: str | None, target: str | None, data: Mapping) -> Any:
        """A rule of an effect on data that it may be about a `target` too."""
        scope = self.form.effect_scope(rows_key, target)
        return self.form.rule(rule, scope, f"effect {rows_key} {target}")(data)

    def notify(self, to: Mapping[str, Any], message: Mapping[str, str], rows_key: str | None = None) -> None:
        """Tell people, once it stands what the record has become; `rows_key`: it may speak of the `line` at hand."""
        line_id = self.line["id"] if rows_key and self.line else None
        self._untold.append(Untold(self.draft, who_of(to), message, rows_key, line_id))

    # inside

    def let_advance(self, drafts: Iterable[Draft]) -> None:
        """Records that others moved go on by themselves after the commit, each in a command of its own."""
        self.errands += advances(self, drafts)
