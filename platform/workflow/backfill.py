"""Works out, for the records there are, the stored formulas, look-ups and roll-ups that a new version brings.

Batch by batch before the flip, while commands of the old version go on; what they changed meanwhile
is done again during the flip. Roll-ups that the old version keeps itself wait for the flip, and there all
of them are compared with what counts towards them, so that they start exact.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal

import sqlalchemy as sa

from ..access.actor import SYSTEM
from ..db import Workspace
from ..definition import store
from ..definition.model import App
from ..definition.reworked import Stage, stages
from ..records import write
from ..records.batches import ids_after
from ..records.compiled import Compiled, CompiledForm
from ..records.derive import derivation_needs, derive
from ..records.draft import Draft, Linked, Surroundings
from ..records.links import load_links
from ..records.sums import sums_of, wrong_sums

BATCH = 500
CLOCKS_DIFFER = timedelta(minutes=5)  # between machines, and between a command's start and its commit

Sums = Mapping[str, Mapping[int, Decimal | None]]
"""Roll-up key -> record id -> what it is to be."""


class Backfill:
    """What a new version of an app must work out; `run` before the flip, `finish` inside it."""

    def __init__(self, workspace: Workspace, app: App, live: App | None):
        self.workspace = workspace
        self.compiled = Compiled(app, 0)
        self.since = store.now() - CLOCKS_DIFFER
        self.stages = stages(app, live) if live else []

    def run(self) -> None:
        for stage in self.stages:
            last = 0 if stage.paths or stage.fresh else None
            while last is not None:
                with self.workspace.writing() as connection:
                    last = self._batch(connection, stage, last)

    def finish(self, connection: sa.Connection) -> None:
        """Once more for whatever has changed since; the caller holds the app against commands."""
        for stage in self.stages:
            last = 0 if stage.paths else None
            while last is not None:
                last = self._batch(connection, stage, last, changed_since=self.since)
            self._correct(connection, stage)

    def _batch(self, connection, stage: Stage, last: int, changed_since=None) -> int | None:
        """The records after an id; the last of them, None at the end."""
        form = self.compiled.form(stage.form)
        ids = ids_after(connection, form, last, BATCH, changed_since)
        fresh = sorted(stage.fresh) if changed_since is None else ()
        self._work_out(connection, form, stage, ids, lambda held: self._sums(connection, form, fresh, held))
        return ids[-1] if len(ids) == BATCH else None

    def _sums(self, connection, form: CompiledForm, keys: Sequence[str], ids: Sequence[int]) -> Sums:
        return {key: sums_of(connection, self.compiled, form.rollups[key], ids) for key in keys} if ids else {}

    def _correct(self, connection, stage: Stage) -> None:
        """Roll-ups that are not what their sources say, and what stands on them."""
        form, due = self.compiled.form(stage.form), defaultdict(dict)
        for key in stage.sums:
            for wrong in wrong_sums(connection, self.compiled, form.rollups[key]):
                due[key][wrong.id] = wrong.due
        ids = sorted({record_id for sums in due.values() for record_id in sums})
        for start in range(0, len(ids), BATCH):
            self._work_out(connection, form, stage, ids[start : start + BATCH], lambda _held: due)

    def _work_out(self, connection, form: CompiledForm, stage: Stage, ids: Sequence[int], sums) -> None:
        """Records and deleted ones; `sums(ids)` says what their roll-ups are to be, once they are locked."""
        for deleted in (False, True):
            drafts = list(write.lock(connection, form, ids, deleted=deleted).values())
            if drafts:
                due = sums([draft.id for draft in drafts])
                for draft in drafts:
                    draft.values |= {key: amounts[draft.id] for key, amounts in due.items() if draft.id in amounts}
                self._derive(connection, form, drafts, stage.paths)
                self._write(connection, form, drafts, (*stage.paths, *due))

    def _derive(self, connection, form: CompiledForm, drafts: list[Draft], paths: Sequence[str]) -> None:
        if not paths:
            return
        linked: Linked = {}
        load_links(connection, self.compiled, drafts, derivation_needs(form), linked)
        for draft in drafts:
            _take_snapshots(form, draft, paths, linked)
        derive(connection, self.compiled, drafts, Surroundings(SYSTEM, form.app, store.now()), linked)

    def _write(self, connection, form: CompiledForm, drafts: list[Draft], paths: Sequence[str]) -> None:
        headers = [path for path in paths if "." not in path]
        if headers:
            rows = [({"b_id": draft.id, "b_rev": draft.rev}, draft.values) for draft in drafts]
            write.update_records(connection, form, rows, headers)
        for rows in form.form.rows:
            columns = [path.partition(".")[2] for path in paths if path.startswith(f"{rows.key}.")]
            if columns:
                lines = [({"b_id": line["id"]}, line) for draft in drafts for line in draft.values[rows.key]]
                write.update_lines(connection, form, rows.key, lines, columns)


def _take_snapshots(form: CompiledForm, draft: Draft, paths: Sequence[str], linked: Linked) -> None:
    """Let a new look-up start from what its link leads to now, as if it had been taken then."""
    before = dict(draft.before)
    for path in paths:
        field = form.form.field_at(path)
        if field.type == "lookup":
            rows_key, dot, _key = path.rpartition(".")
            holder = form.form.by_key[rows_key] if dot else form.form
            target = holder.by_key[field.settings["via"]].settings["form"]
            for values in before.get(rows_key) or () if dot else (before,):
                found = linked.get((target, values.get(field.settings["via"])), {})
                values[field.key] = found.get(field.settings["field"])
    draft.before = before
