"""One command's unit of work: the record it is about, what its effects touch, and what all that leaves.

Everything is worked out on drafts under their locks; `Change` writes each draft once, with its event.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from marshmallow import ValidationError

from ..access.actor import SYSTEM, Actor
from ..access.members import members_with_role
from ..definition.placeholders import placeholders
from ..errors import Refused
from ..records import history
from ..records.compiled import Compiled, CompiledForm
from ..records.derive import derive, look_up_live
from ..records.draft import Draft, Linked, Surroundings, line_data, rule_data
from ..records.links import load_links, needs_of
from ..records.visibility import parameters
from ..records.write import lock
from ..registry import actions
from .adjusting import Adjustment, Wanted
from .messages import fill_all
from .outbox import Errand, put_all
from .saving import Saving


class Change:
    """What actions work with. `draft` is the record whose transition is carried out, under its lock."""

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
        self._held: dict[tuple[str, int], Draft] = {}
        self._touched: dict[tuple[str, int], Draft] = {}
        self._data: dict[str, Any] | None = None
        self._telling = 0

    # what the commands call

    def hold(self, form_key: str, record_id: int, deleted: bool = False) -> Draft | None:
        """Lock the record that this command is about; None where there is no such record."""
        form = self.compiled.form(form_key)
        bound = parameters(self.actor, self.compiled.app, self.now)
        found = lock(self.connection, form, [record_id], self.actor, bound, deleted, self.locking)
        draft = found.get(record_id)
        if draft is not None:
            look_up_live(self.connection, self.compiled, draft, self.linked)
            self._held[form_key, record_id] = draft
        return draft

    def hold_as_system(self, form_key: str, record_id: int, deleted: bool) -> Draft | None:
        """The same, whoever asks and whatever row scopes say."""
        return lock(self.connection, self.compiled.form(form_key), [record_id], SYSTEM, deleted=deleted).get(record_id)

    def about(self, draft: Draft) -> None:
        self.draft = draft
        self._data = None

    def act_as(self, actor: Actor) -> None:
        """Whose doing what follows is: the person's, or the engine's."""
        self.actor = self.saving.actor = actor
        self.around = Surroundings(actor, self.compiled.app, self.now)
        self._data = None

    def know(self, needs: frozenset[str]) -> None:
        """Load what rules over the present draft read past its links."""
        load_links(self.connection, self.compiled, [self.draft], needs, self.linked)
        self._data = None

    def derive(self, draft: Draft) -> dict[str, Any]:
        """Work out a draft's derived values; returns its rule data as it then is."""
        derive(self.connection, self.compiled, [draft], self.around, self.linked)
        self._data = None
        return rule_data(draft, self.linked, self.around)

    def carry_out(self, effects: Iterable) -> None:
        """Run a transition's effects in their order on the present draft."""
        effects = list(effects)
        for effect in effects:
            self.know(effect_needs(self.form, effects))
            actions[effect.type].run(effect.settings, self)
            self._data = None

    def finish(self) -> None:
        """Write what effects touched, the events and the outbox; the last thing before the commit."""
        for form_key in sorted({key for key, _id in self._touched}):
            drafts = [draft for (key, _id), draft in sorted(self._touched.items()) if key == form_key]
            self.saving.update(drafts, "adjusted", bump=False)
            self._advance(drafts)
        self._touched.clear()
        history.append(self.connection, self.saving.events)
        put_all(self.connection, self.errands)

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

    def lines(self, rows_key: str | None, when: Any = None) -> list[dict[str, Any] | None]:
        """The lines an effect works on, those for which `when` holds; one None for the record itself."""
        lines = self.draft.values.get(rows_key) or [] if rows_key else [None]
        if when is None:
            return list(lines)
        return [line for line in lines if self.evaluate(when, rows_key, line) is True]

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

    def create(self, form_key: str, records: list[Mapping[str, Any]], status: str | None) -> None:
        """Create records of a form with these values, as the engine does: rules apply, rights do not."""
        form = self.compiled.form(form_key)
        drafts = [Draft(form, _values(form, record), status=status or form.start_status) for record in records]
        derive(self.connection, self.compiled, drafts, self.around, self.linked)
        self.saving.insert(drafts, "created")
        self._advance(drafts)

    def adjust(self, form_key: str, wanted: Wanted, holds: Sequence[Mapping], rows_key: str | None) -> None:
        """Add amounts to fields of records of a form, under their locks; refused if a hold fails."""
        targets = self._targets(form_key, {target for target, _amounts, _line in wanted})
        drafts = Adjustment(self, self.compiled.form(form_key), holds, rows_key).run(targets, wanted)
        self._touched |= {(form_key, draft.id): draft for draft in drafts if draft is not self.draft}

    def seen(self, rows_key: str | None, line: Mapping | None) -> dict[str, Any]:
        """The present draft and one of its lines as rules see them."""
        if line is None:
            return self.data
        return self.data | {"line": line_data(self.form, rows_key, line, self.linked, self.data)}

    def judge(self, rule: Any, rows_key: str | None, target: str | None, data: Mapping) -> Any:
        """A rule of an effect on data that it may be about a `target` too."""
        scope = self.form.effect_scope(rows_key, target)
        return self.form.rule(rule, scope, f"effect {rows_key} {target}")(data)

    def notify(self, to: Mapping[str, Any], message: Mapping[str, str]) -> None:
        """Tell people by the outbox: one errand, with the message in every language."""
        people = self._people(to)
        if not people:
            return
        self._telling += 1
        app, form, record_id = self.compiled.app.key, self.form.key, self.draft.id
        key = f"notify:{app}:{form}:{record_id}:{self.draft.seq + 1}:{self._telling}"
        payload = {"member_ids": sorted(people), "message": fill_all(message, self.form, self.data)}
        payload |= {"app": app, "form": form, "record_id": record_id}
        self.errands.append(Errand("notify", key, payload, (app, form, record_id)))

    # inside

    def _targets(self, form_key: str, ids: set[int]) -> dict[int, Draft]:
        """Records to adjust, locked in the order of their ids; those this command holds as they are."""
        held = {i: self._held[form_key, i] for i in ids if (form_key, i) in self._held}
        form = self.compiled.form(form_key)
        fresh = lock(self.connection, form, ids - held.keys(), SYSTEM) if ids - held.keys() else {}
        self._held |= {(form_key, record_id): draft for record_id, draft in fresh.items()}
        found = held | fresh
        if gone := ids - found.keys():
            raise Refused(_("A linked record (%(form)s #%(id)s) no longer exists.", form=form_key, id=min(gone)))
        return found

    def _people(self, to: Mapping[str, Any]) -> set[int]:
        people = {self.draft.values.get(key) for key in to.get("fields", ())}
        if to.get("creator"):
            people.add(self.draft.created_by)
        if to.get("roles"):
            people.update(members_with_role(self.connection, self.compiled.app.key, to["roles"]))
        return people - {None, self.actor.id}

    def _advance(self, drafts: list[Draft]) -> None:
        """Records of other forms go on by themselves after the commit, each in a command of its own."""
        for draft in drafts:
            if any(t.automatic and draft.status in t.sources for t in draft.form.form.transitions):
                record = (self.compiled.app.key, draft.form.key, draft.id)
                payload = {"app": record[0], "form": record[1], "id": record[2]}
                key = "advance:" + ":".join(map(str, (*record, draft.seq)))
                self.errands.append(Errand("advance", key, payload, record))


def fitted(form: CompiledForm, path: str, value: Any) -> Any:
    """A rule's result as the field at a path holds it; empty where it does not fit."""
    if value is None:
        return None
    field_type, field = form.shown[path]
    try:
        return field_type.load(value, field)
    except ValidationError:
        return None


def _values(form: CompiledForm, record: Mapping[str, Any]) -> dict[str, Any]:
    values = {}
    for key, value in record.items():
        if key in form.rows:
            values[key] = [{name: fitted(form, f"{key}.{name}", cell) for name, cell in line.items()} for line in value]
        else:
            values[key] = fitted(form, key, value)
    return values


def effect_needs(form: CompiledForm, effects: list) -> frozenset[str]:
    """What the rules and messages of effects read past links."""
    key = ("effects", tuple(id(effect) for effect in effects))
    if key not in form.statements:
        found: set[str] = set()
        for effect in effects:
            for rule, rows_key, target in actions[effect.type].rules(effect.settings, form.form):
                found |= needs_of(form, [(rule, form.effect_scope(rows_key, target), rows_key or "")], at="record")
            found |= _message_needs(form, effect)
        form.statements[key] = frozenset(found)
    return form.statements[key]


def _message_needs(form: CompiledForm, effect) -> frozenset[str]:
    rows_key = effect.settings.get("each")
    messages = [effect.settings.get("message") or {}]
    messages += [hold["message"] for hold in effect.settings.get("holds", ())]
    paths = {path for message in messages for path in placeholders(message) if not path.startswith("target.")}
    scope = form.effect_scope(rows_key, None)
    return needs_of(form, [({"var": path}, scope, rows_key or "") for path in paths], at="record")
