"""Random apps under random commands: after each, every derived value is what plain Python makes of the records.

`FORMLOOM_SOAK=1` goes on for longer; `FORMLOOM_SEED` makes others.
"""

from __future__ import annotations

import os
import random

import pytest
from formloom.platform.errors import FormloomError
from formloom.platform.records.query import Query
from formloom.platform.workflow.commands import Loaded
from formloom.platform.workflow.soundness import check
from rollup_maker import FORMS, Made, Oracle, document, made
from small_world import World

SOAK = os.environ.get("FORMLOOM_SOAK") == "1"
SEED = int(os.environ.get("FORMLOOM_SEED", "0"))
APPS, STEPS = (40, 120) if SOAK else (4, 30)


class Play:
    """One app, and somebody who does anything to its records."""

    def __init__(self, workspace, app: Made, chance: random.Random):
        self.app = app
        self.chance = chance
        self.world = World(workspace, document(app))
        self.do = self.world.do("staff")
        self.known: dict[str, list[int]] = {form: [] for form in FORMS}
        self.gone: list[tuple[str, int]] = []

    def step(self) -> str:
        """One command; what it was. A refusal is an answer too."""
        names = ("create", "edit", "edit", "move", "lines", "perform", "delete", "restore", "load", "amend")
        name = self.chance.choice(names) if all(self.known.values()) else "create"
        form = min(self.known, key=lambda key: len(self.known[key])) if name == "create" else self.chance.choice(FORMS)
        record_id = self.chance.choice(self.known[form] or [0])
        try:
            getattr(self, name)(form, record_id)
        except FormloomError as error:
            return f"{name} {form} {record_id}: {error}"
        return f"{name} {form} {record_id}"

    def create(self, form: str, _record_id: int) -> None:
        self.known[form].append(self.do.create(form, self._values(form)).id)

    def edit(self, form: str, record_id: int) -> None:
        self._edit(form, record_id, {key: self._entered(key) for key in self.chance.sample(("n", "m", "ok"), 2)})

    def move(self, form: str, record_id: int) -> None:
        self._edit(form, record_id, self._links(form, rows=False))

    def lines(self, form: str, record_id: int) -> None:
        lines = self._seen(form, record_id)["lines"]
        kept = [line for line in lines if self.chance.random() < 0.7]
        changed = [{**line, **(self._line(form) if self.chance.random() < 0.5 else {})} for line in kept]
        self._edit(form, record_id, {"lines": [*changed, *(self._line(form) for _ in range(self.chance.randint(0, 2)))]})

    def perform(self, form: str, record_id: int) -> None:
        self.do.perform(form, record_id, self.chance.choice(("finish", "drop", "reopen")))

    def delete(self, form: str, record_id: int) -> None:
        self.do.delete(form, record_id)
        self.known[form].remove(record_id)
        self.gone.append((form, record_id))

    def restore(self, _form: str, _record_id: int) -> None:
        if self.gone:
            form, record_id = self.chance.choice(self.gone)
            self.do.restore(form, record_id)
            self.gone.remove((form, record_id))
            self.known[form].append(record_id)

    def load(self, form: str, _record_id: int) -> None:
        states = [self.chance.choice(("open", "done", "dropped")) for _ in range(3)]
        loaded = self.do.load(form, [Loaded(status, self._values(form)) for status in states])
        self.known[form] += [saved.id for saved in loaded]

    def amend(self, form: str, record_id: int) -> None:
        seen = self._seen(form, record_id)
        changes = {"n": self._entered("n")} | self._links(form, rows=False)
        self.do.amend(form, record_id, changes, {key: seen[key] for key in changes})

    def standing(self) -> tuple[dict, dict]:
        """(entered values by form and id, derived values by form, id and path) as the gate shows them."""
        entered, derived = {}, {}
        with self.world.gate() as gate:
            for form in FORMS:
                for row in gate.page(Query(form, limit=500)).rows:
                    record = gate.record(form, row.id)
                    entered[form, row.id] = {"status": record.status, **record.values}
                    keys = ["total", *(one.key for one in self.app.derived if one.form == form)]
                    derived |= {(form, row.id, key): record.values[key] for key in keys}
        return entered, derived

    def _edit(self, form: str, record_id: int, changes: dict) -> None:
        seen = self._seen(form, record_id)
        self.do.edit(form, record_id, changes, {key: seen[key] for key in changes})

    def _seen(self, form: str, record_id: int) -> dict:
        with self.world.gate() as gate:
            values = gate.record(form, record_id).values
        values["lines"] = [{key: value for key, value in line.items() if key != "times"} for line in values["lines"]]
        return values

    def _values(self, form: str) -> dict:
        lines = [self._line(form) for _ in range(self.chance.randint(0, 3))]
        return {key: self._entered(key) for key in ("n", "m", "ok")} | self._links(form, rows=False) | {"lines": lines}

    def _line(self, form: str) -> dict:
        return {key: self._entered(key) for key in ("n", "m", "ok")} | self._links(form, rows=True)

    def _links(self, form: str, rows: bool) -> dict:
        ways = [(key, target) for source, within, key, target in self.app.links if (source, within) == (form, rows)]
        return {key: self.chance.choice([*self.known[target], None]) for key, target in ways}

    def _entered(self, key: str):
        return self.chance.choice((True, False, None)) if key == "ok" else self.chance.choice((None, "0", "2", "-3", "4.25", "7"))


@pytest.mark.long
@pytest.mark.parametrize("number", range(APPS))
def test_every_derived_value_is_what_the_records_say(workspace, number):
    seed = SEED + number
    play = Play(workspace, made(seed), random.Random(seed))
    told = []
    for _step in range(STEPS):
        told.append(play.step())
        entered, derived = play.standing()
        oracle = Oracle(play.app, entered)
        wrong = {place: (value, due) for place, value in derived.items() if value != (due := oracle.value(*place))}
        assert not wrong, f"seed {seed}, {play.app.derived}, after {told[-5:]}: {wrong}"
    assert check(workspace) == []
