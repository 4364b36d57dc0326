"""Plays the samples of an app: its people, and records that go through their lives as those people's commands.

`samples` of a definition is data: `departments` (key, name, parent, head), `people` (key, name, email,
language, department, roles, admin), and `records` (key, form, by, at, values, acts). A link holds the
key of a sample record, a person field that of a sample person; moments and dates are days from today.
An act is a transition's key, or "edit", with its `input`; `on` ("shipment.order") makes it one of the newest
shipment whose link `order` leads to the record, and so may a link hold {"on": "invoice.order", "of": "first"}.
A line of an act's input that has "#" is that line of the record, counted from 1. All steps run in the order of
their days.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from ..access.actor import SYSTEM
from ..access.members import add_department, add_member, department, departments, load_actor
from ..db import Workspace
from ..definition.model import App, Field, Form, Sort
from ..field_type import DEPARTMENT, PERSON
from ..records.compiled import open_app
from ..records.query import Gate
from ..records.results import Query
from ..registry import fields
from .commands import Commands
from .outbox import now

WORKDAY = time(9)


@dataclass
class Cast:
    """Who and what the samples' keys stand for in this workspace."""

    people: Mapping[str, int]
    records: dict[str, tuple[str, int]] = field(default_factory=dict)
    departments: Mapping[str, int] = field(default_factory=dict)

    def stands_for(self, target: str, key: str) -> int:
        """The id of what a sample names by its key."""
        if target == PERSON:
            return self.people[key]
        return self.departments[key] if target == DEPARTMENT else self.records[key][1]


def add_people(connection: sa.Connection, app: App) -> dict[str, int]:
    """The samples' departments and people as members without an account; key -> member id."""
    made: dict[str, int] = {}
    for one in app.samples.get("departments", ()):
        made[one["key"]] = add_department(connection, one["name"], made.get(one.get("parent")))
    people = {one["key"]: _add_person(connection, app, one, made) for one in app.samples.get("people", ())}
    for one in app.samples.get("departments", ()):
        if one.get("head"):
            headed = department.c.id == made[one["key"]]
            connection.execute(sa.update(department).where(headed).values(head_id=people[one["head"]]))
    return people


def _add_person(connection: sa.Connection, app: App, one: Mapping[str, Any], made: Mapping[str, int]) -> int:
    return add_member(
        connection,
        one["name"],
        one.get("email", ""),
        {app.key: one.get("roles", ())},
        department_id=made.get(one.get("department")),
        language=one.get("language", "en"),
        admin=one.get("admin", False),
    )


def play(
    workspace: Workspace,
    app_key: str,
    people: Mapping[str, int],
    samples: Mapping[str, Any] | None = None,
    until: datetime | None = None,
) -> int:
    """Carry out every step of the samples' records (the app's own), as who does it; returns how many there are.

    Each step happens on its day, in the order in which the days and the samples have them.
    """
    until = until or now()
    with workspace.reading() as connection:
        app = open_app(workspace, connection, app_key).app
        there = {row.name: row.id for row in departments(connection)}
    named = {one["key"]: there[one["name"]] for one in (samples or app.samples).get("departments", ()) if one["name"] in there}
    cast = Cast(people, departments=named)
    for at, record, act in sorted(_steps(samples or app.samples), key=lambda step: step[0]):
        moment = min(until, datetime.combine(until.date() + timedelta(days=at), WORKDAY))
        Step(workspace, app, cast, moment, until.date()).take(record, act)
    for form_key, record_id in cast.records.values():
        Commands(workspace, SYSTEM, app_key, until).advance(form_key, record_id)
    return len(cast.records)


def _steps(samples: Mapping[str, Any]) -> Iterator[tuple[int, Mapping[str, Any], Mapping[str, Any] | None]]:
    for record in samples.get("records", ()):
        yield record["at"], record, None
        yield from ((act["at"], record, act) for act in record.get("acts", ()))


@dataclass(frozen=True)
class Step:
    """One sample command: at a moment, with days counted from today."""

    workspace: Workspace
    app: App
    cast: Cast
    moment: datetime
    today: date

    def take(self, record: Mapping[str, Any], act: Mapping[str, Any] | None) -> None:
        form = self.app.form_by_key[record["form"]]
        if act is None:
            saved = self._as(record["by"]).create(form.key, self._values(form, record["values"]))
            self.cast.records[record["key"]] = (form.key, saved.id)
            return
        form, record_id = self._target(form, self.cast.records[record["key"]][1], act.get("on"))
        Commands(self.workspace, SYSTEM, self.app.key, self.moment).advance(form.key, record_id)
        standing = self._standing(form, record_id, act.get("input", {}))
        given = self._values(form, _numbered(form, act.get("input", {}), standing))
        if act["do"] == "edit":
            self._as(act["by"]).edit(form.key, record_id, given, standing)
        else:
            self._as(act["by"]).perform(form.key, record_id, act["do"], given)

    def _target(self, form: Form, record_id: int, on: str | None) -> tuple[Form, int]:
        """The record an act is done to: the sample itself, or the newest one that links to it."""
        if on is None:
            return form, record_id
        return self._newest(on, record_id)

    def _newest(self, on: str, record_id: int) -> tuple[Form, int]:
        form_key, link = on.split(".")
        with self.workspace.reading() as connection:
            gate = Gate(connection, open_app(self.workspace, connection, self.app.key), SYSTEM)
            here = {"===": [{"var": link}, record_id]}
            found = gate.page(Query(form_key, where=here, sort=(Sort("id", True),), limit=1)).rows
        return self.app.form_by_key[form_key], found[0].id

    def _as(self, person: str) -> Commands:
        with self.workspace.reading() as connection:
            actor = load_actor(connection, self.cast.people[person])
        return Commands(self.workspace, actor, self.app.key, self.moment)

    def _standing(self, form: Form, record_id: int, given: Mapping[str, Any]) -> dict[str, Any]:
        with self.workspace.reading() as connection:
            gate = Gate(connection, open_app(self.workspace, connection, self.app.key), SYSTEM)
            values = gate.record(form.key, record_id).values
        named = {key: {name for line in given[key] for name in ("id", *line)} for key in given if form.by_key[key] in form.rows}
        lines = {key: [{n: line[n] for n in names if n in line} for line in values[key]] for key, names in named.items()}
        return {key: values.get(key) for key in given} | lines

    def _values(self, holder: Form | Field, values: Mapping[str, Any]) -> dict[str, Any]:
        return {key: self._value(holder.by_key.get(key), value) for key, value in values.items()}

    def _value(self, field: Field | None, value: Any) -> Any:
        if field is None:
            return value
        if field.type == "rows":
            return [self._values(field, line) for line in value]
        if field.type == "link" and isinstance(value, Mapping):
            return self._newest(value["on"], self.cast.records[value["of"]][1])[1]
        field_type = fields[field.type]
        target = field_type.points_to(field)
        if target is not None and isinstance(value, str):
            return self.cast.stands_for(target, value)
        if field_type.kind == "date" and isinstance(value, int):
            return self.today + timedelta(days=value)
        return value


def _numbered(form: Form, given: Mapping[str, Any], standing: Mapping[str, Any]) -> dict[str, Any]:
    """What is given, with the ids of the lines that are meant by their numbers."""

    def line(key: str, one: Mapping[str, Any]) -> dict[str, Any]:
        rest = {name: value for name, value in one.items() if name != "#"}
        return {"id": standing[key][one["#"] - 1]["id"], **rest} if "#" in one else rest

    rows = {field.key for field in form.rows}
    return {key: [line(key, one) for one in value] if key in rows else value for key, value in given.items()}
