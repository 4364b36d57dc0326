"""Many records more for measuring: copies of those that were loaded, each with lines, a number and a history of its own.

Test data alone: through `load` a million orders would take most of an hour. The checker finds nothing wrong with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

import sqlalchemy as sa
from formloom.platform.db import Workspace
from formloom.platform.records import history
from formloom.platform.records.compiled import CompiledForm
from formloom.platform.records.history import event
from formloom.platform.records.sums import wrong_sums
from formloom.platform.records.tables import column_name
from formloom.platform.workflow.filling import refill
from formloom.platform.workflow.timers import timer

BATCH = 5_000


class Copies:
    """Of the records of one form, that were loaded and never changed since."""

    def __init__(self, workspace: Workspace, form: CompiledForm):
        self.workspace = workspace
        self.form = form
        self.numbers = [field.key for field in form.form.fields if field.type == "serial"]
        self.tables = [form.table, *form.rows.values()]
        with workspace.reading() as connection:
            self.last = {table.name: connection.scalar(sa.select(sa.func.max(table.c.id))) or 0 for table in self.tables}
            mine = sa.and_(event.c.form_key == form.key, event.c.seq == 1)
            self.events = [dict(row._mapping) for row in connection.execute(sa.select(event).where(mine))]
        for row in self.events:
            del row["id"]

    def make(self, times: int) -> None:
        """So many copies of each."""
        for turn in range(1, times + 1):
            with self.workspace.writing() as connection:
                rows = (self._event(row, turn) for row in self.events)
                while batch := list(islice(rows, BATCH)):
                    history.append(connection, batch)
                connection.execute(self._records(turn))
                for table in self.form.rows.values():
                    connection.execute(self._lines(table, turn))
                connection.execute(self._timers(turn))
            print(f"  {(turn + 1) * len(self.events)} orders", flush=True)
        self._settle()
        if times:
            refill(self.workspace)

    def _event(self, row: Mapping[str, Any], turn: int) -> dict[str, Any]:
        """The first event of a copy, the head of a chain of its own."""
        row = row | {"record_id": row["record_id"] + turn * self.last[self.form.table.name]}
        row["changes"], row["digests"] = dict(row["changes"]), dict(row["digests"])
        for key in self.numbers:
            change = row["changes"][key] = row["changes"][key] | {"new": f"{row['changes'][key]['new']}-{turn}"}
            row["digests"][key] = history.digest(change["salt"], change["old"], change["new"])
        for told in ("changes", "digests"):
            row[told] = {self._path(path, turn): value for path, value in row[told].items()}
        return row | {"hash": history.chain_hash(row)}

    def _path(self, path: str, turn: int) -> str:
        """ "lines.7" -> "lines.3000007"."""
        key, dot, line = path.partition(".")
        return f"{key}.{int(line) + turn * self.last[self.form.rows[key].name]}" if dot else path

    def _records(self, turn: int) -> sa.Insert:
        table, shift = self.form.table, turn * self.last[self.form.table.name]
        numbers = {column_name(key) for key in self.numbers}
        values = {c.name: c + f"-{turn}" if c.name in numbers else c for c in table.c}
        values |= {"id": table.c.id + shift, "head": event.c.hash}
        copied = sa.and_(event.c.app_key == self.form.app.key, event.c.form_key == self.form.key, event.c.seq == 1)
        joined = table.join(event, sa.and_(copied, event.c.record_id == table.c.id + shift))
        originals = table.c.id <= self.last[table.name]
        return sa.insert(table).from_select(list(values), sa.select(*values.values()).select_from(joined).where(originals))

    def _lines(self, table: sa.Table, turn: int) -> sa.Insert:
        values = {c.name: c for c in table.c} | {
            "id": table.c.id + turn * self.last[table.name],
            "record_id": table.c.record_id + turn * self.last[self.form.table.name],
        }
        originals = table.c.id <= self.last[table.name]
        return sa.insert(table).from_select(list(values), sa.select(*values.values()).where(originals))

    def _timers(self, turn: int) -> sa.Insert:
        last = self.last[self.form.table.name]
        values = {c.name: c for c in timer.c if c.name != "id"} | {"record_id": timer.c.record_id + turn * last}
        mine = (timer.c.app_key == self.form.app.key, timer.c.form_key == self.form.key, timer.c.record_id <= last)
        return sa.insert(timer).from_select(list(values), sa.select(*values.values()).where(*mine))

    def _settle(self) -> None:
        """What counts the copies knows of them, and the next id comes after theirs."""
        with self.workspace.writing() as connection:
            for form in self.form.compiled.forms.values():
                for rollup in form.rollups.values():
                    for wrong in wrong_sums(connection, self.form.compiled, rollup):
                        here = sa.update(form.table).where(form.table.c.id == wrong.id)
                        connection.execute(here.values({column_name(rollup.key): wrong.due}))
            if self.workspace.dialect == "postgresql":
                for table in self.tables:
                    sequence = sa.func.pg_get_serial_sequence(table.name, "id")
                    connection.execute(sa.select(sa.func.setval(sequence, sa.select(sa.func.max(table.c.id)).scalar_subquery())))
                connection.exec_driver_sql("ANALYZE")  # as autovacuum does soon


def shares(size: int, most: int) -> tuple[int, int]:
    """(how many to load, how many copies of each) for so many records in all."""
    times = -(-size // most)
    return size // times, times - 1
