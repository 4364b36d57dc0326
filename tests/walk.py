"""A bounded walk through a running app by the real engine: what can be read, begun and done, by its sample people.

Nothing stays: each step is tried in a transaction of its own that leaves nothing behind, so that every try starts
from the same records.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from formloom.platform.access.actor import SYSTEM, Actor
from formloom.platform.access.members import load_actor
from formloom.platform.definition.model import NEW, Field, Form
from formloom.platform.errors import FormloomError
from formloom.platform.field_type import DEPARTMENT, PERSON
from formloom.platform.records.compiled import CompiledForm, open_app
from formloom.platform.records.query import Gate
from formloom.platform.records.results import Query
from formloom.platform.registry import fields
from formloom.platform.workflow.commands import Commands
from formloom.platform.workflow.editing import create

PER_STATUS = 2  # records that are tried of each status


@dataclass
class Seen:
    """What worked: forms read and begun, transitions taken from where; and what broke in a way that no refusal is."""

    read: set[str] = field(default_factory=set)
    begun: set[str] = field(default_factory=set)
    taken: set[tuple[str, str, str]] = field(default_factory=set)
    reached: set[tuple[str, str]] = field(default_factory=set)
    crashed: list[str] = field(default_factory=list)

    def lacks(self, before: Seen, app) -> list[str]:
        """What worked before, is still said to be there, and works no longer."""
        forms = app.form_by_key
        ways = {(form.key, t.key, s) for form in app.forms for t in form.transitions for s in t.sources}
        there = {(form.key, status.key) for form in app.forms if app.statuses(form) for status in app.statuses(form).statuses}
        left = [f"{key} cannot be read" for key in sorted(before.read - self.read) if key in forms]
        left += [f"{key} cannot be begun" for key in sorted(before.begun - self.begun) if key in forms]
        left += [f"{one} is not taken" for one in sorted(before.taken - self.taken) if one in ways]
        left += [f"{one} is not reached" for one in sorted(before.reached - self.reached) if one in there]
        return [*self.crashed, *left, *self._stuck(before, app)]

    def _stuck(self, before: Seen, app) -> Iterator[str]:
        """Statuses that could be left, and that nothing leaves any more."""
        for form in app.forms:
            statuses = app.statuses(form)
            for status in statuses.statuses if statuses else ():
                place = (form.key, status.key)
                left = {one for one in self.taken if (one[0], one[2]) == place}
                if status.kind not in ("done", "cancelled") and not left and any((one[0], one[2]) == place for one in before.taken):
                    yield f"{place} is not left"


class Walk:
    """people: member ids of the sample people."""

    def __init__(self, workspace, app_key: str, people: dict[str, int]):
        self.workspace, self.key = workspace, app_key
        with workspace.reading() as connection:
            self.compiled = open_app(workspace, connection, app_key)
            self.actors = [load_actor(connection, number) for number in people.values()]
        self.people = list(people.values())
        self.seen = Seen()

    def go(self) -> Seen:
        for form in self.compiled.app.forms:
            for step in (self._reads, self._begins, self._moves):
                try:
                    step(form)
                except FormloomError:
                    continue
                except Exception as error:  # whatever a person would see as "something went wrong"
                    self.seen.crashed.append(f"{form.key}: {step.__name__} {type(error).__name__} {error}"[:200])
        return self.seen

    def _reads(self, form: Form) -> None:
        with self.workspace.reading() as connection:
            for actor in self.actors:
                gate = Gate(connection, self.compiled, actor)
                if form not in gate.forms():
                    continue
                rows = gate.page(Query(form.key, limit=5)).rows
                if rows:
                    gate.record(form.key, rows[0].id)
                    self.seen.read.add(form.key)
                for view in form.views:
                    gate.page(Query(form.key, where=view.where, sort=view.sort, limit=5))

    def _begins(self, form: Form) -> None:
        compiled = self.compiled.form(form.key)
        for actor in self.actors:
            granted = compiled.actor_grants(actor)
            if any(grant.create for grant in granted) and self._tries(actor, lambda change, f=form, g=granted: create(change, f.key, self.filled(f, g))):
                self.seen.begun.add(form.key)
                return

    def filled(self, form: Form, granted) -> dict[str, Any]:
        open_here = {path for grant in granted for path, mode in grant.modes[NEW].items() if mode in ("edit", "required")}
        values = {one.key: self._value(one) for one in form.fields if one.key in open_here and one.type != "rows"}
        for rows in form.rows:
            if rows.key in open_here:
                values[rows.key] = [{c.key: self._value(c) for c in rows.fields if f"{rows.key}.{c.key}" in open_here}]
        return values

    def _value(self, one: Field) -> Any:
        """Something that fits."""
        target = fields[one.type].points_to(one)
        if target == PERSON:
            return self.people[0]
        if target == DEPARTMENT:
            return None
        if target is not None:
            return next(iter(self._ids(target, None)), None)
        good = fields[one.type].examples_good
        alike = next((raw for options, raw in good if dict(options) == dict(one.settings)), None)
        if alike is not None and one.type not in ("file", "image"):
            return alike
        options = one.settings.get("options")
        if options:
            return [options[0]["key"]] if one.type == "choices" else options[0]["key"]
        plain = {"number": 1, "money": 1, "percent": "0.1", "text": "x", "long_text": "x", "flag": True, "date": "2026-12-01", "moment": "2026-12-01T08:00:00Z", "file": None, "image": None}
        return plain[one.type] if one.type in plain else (good[0][1] if good and not good[0][0] else None)

    def _ids(self, form_key: str, status: str | None) -> list[int]:
        with self.workspace.reading() as connection:
            where = True if status is None else {"===": [{"var": "status"}, status]}
            return [row.id for row in Gate(connection, self.compiled, SYSTEM).page(Query(form_key, where=where, limit=PER_STATUS)).rows]

    def _moves(self, form: Form) -> None:
        statuses = self.compiled.app.statuses(form)
        compiled = self.compiled.form(form.key)
        for status in statuses.statuses if statuses else ():
            ids = self._ids(form.key, status.key)
            for one in form.flow():
                if status.key in one.sources and not one.automatic and any(self._takes(compiled, one, record) for record in ids):
                    self.seen.taken.add((form.key, one.key, status.key))
                    self.seen.reached.add((form.key, one.target))

    def _takes(self, form: CompiledForm, one, record: int) -> bool:
        asked = {ask.field: self._value(form.form.by_key[ask.field]) for ask in one.ask if ask.field in form.form.by_key and form.form.by_key[ask.field].type != "rows"}
        likely = sorted(self.actors, key=lambda actor: not actor.roles_in(self.key) & set(one.who.roles))
        for actor in likely:
            try:
                Commands(self.workspace, actor, self.key).effects(form.key, record, one.key, asked)
                return True
            except FormloomError:
                continue
        return False

    def _tries(self, actor: Actor, work) -> bool:
        commands = Commands(self.workspace, actor, self.key)

        def tried(connection):
            change = commands._change(connection)
            work(change)
            change.finish()
            return True

        try:
            return commands._transact(tried, keep=False)
        except FormloomError:
            return False
