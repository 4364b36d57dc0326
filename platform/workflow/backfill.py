"""Works out, for the records there are, what a new version brings: stored formulas, look-ups and roll-ups, and
values of a new type.

Batch by batch before the flip, while commands of the old version go on; what they changed meanwhile
is done again during the flip. Roll-ups that the old version keeps itself wait for the flip, and there all
of them are compared with what counts towards them, so that they start exact.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from ..access.actor import SYSTEM
from ..db import Workspace
from ..definition import store
from ..definition.reworked import Stage, stages
from ..records import write
from ..records.batches import how_many, ids_after
from ..records.compiled import CompiledForm
from ..records.derive import derivation_needs, derive
from ..records.draft import Draft, Linked, Surroundings
from ..records.links import load_links
from ..records.replay import taken_over
from ..records.sums import sums_of, wrong_sums
from ..records.switches import Switch
from ..records.values import revived, to_json
from .prospect import Prospect
from .publication_log import BACKFILL, Publication

BATCH = 500
CLOCKS_DIFFER = timedelta(minutes=5)  # between machines, and between a command's start and its commit

Sums = Mapping[str, Mapping[int, Decimal | None]]
"""Roll-up key -> record id -> what it is to be."""


class Backfill:
    """What a new version of an app must work out; `run` before the flip, `finish` inside it."""

    def __init__(self, workspace: Workspace, prospect: Prospect, publication: Publication):
        self.workspace = workspace
        self.publication = publication
        self.compiled, self.live = prospect.followed, prospect.live
        self.since = publication.started_at - CLOCKS_DIFFER
        found = {key: [s for s in changed if s.converting] for key, changed in prospect.switches.items()}
        self.converting = {key: changed for key, changed in found.items() if changed}
        self.stages = self._stages(prospect) if self.live else []

    def _stages(self, prospect: Prospect) -> list[Stage]:
        """A form whose values only change their type is a stage of its own, before those that stand on it."""
        switched = {(key, switch.path) for key, changed in self.converting.items() for switch in changed}
        found = stages(prospect.app, self.live.app, switched)
        alone = sorted(self.converting.keys() - {stage.form for stage in found})
        return [*(Stage(key, (), (), frozenset()) for key in alone), *found]

    def run(self) -> None:
        """From where an earlier try came to."""
        waiting = {number: stage for number, stage in enumerate(self.stages) if stage.paths or stage.fresh or self._converts(stage)}
        if not waiting:
            return
        with self.workspace.reading() as connection:
            total = sum(how_many(connection, self.compiled.form(stage.form)) for stage in waiting.values())
        self.publication.at(BACKFILL, total)
        for number, stage in waiting.items():
            place = f"{number} {stage.form}"
            last = self.publication.cursor.get(place, 0)
            while last is not None:
                with self.workspace.writing() as connection:
                    last, count = self._batch(connection, stage, last)
                    self.publication.worked_out(connection, place, last, count)

    def finish(self, connection: sa.Connection) -> None:
        """Once more for whatever has changed since; the caller holds the app against commands."""
        for stage in self.stages:
            last = 0 if stage.paths or self._converts(stage) else None
            while last is not None:
                last, _count = self._batch(connection, stage, last, changed_since=self.since)
            self._correct(connection, stage)

    def _converts(self, stage: Stage) -> bool:
        return stage.form in self.converting

    def _batch(self, connection, stage: Stage, last: int, changed_since=None) -> tuple[int | None, int]:
        """The records after an id: the last of them (None at the end), and how many there were."""
        form = self.compiled.form(stage.form)
        ids = ids_after(connection, form, last, BATCH, changed_since)
        fresh = sorted(stage.fresh) if changed_since is None else ()
        self._work_out(connection, form, stage, ids, lambda held: self._sums(connection, form, fresh, held))
        return (ids[-1] if len(ids) == BATCH else None), len(ids)

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
        converted = [switch.path for switch in self.converting.get(form.key, ())]
        for deleted in (False, True):
            held = write.lock(connection, form, ids, deleted=deleted)
            drafts = list(held.values())
            if drafts:
                self._convert(connection, form, held, deleted)
                due = sums([draft.id for draft in drafts])
                for draft in drafts:
                    draft.values |= {key: amounts[draft.id] for key, amounts in due.items() if draft.id in amounts}
                self._derive(connection, form, drafts, stage.paths)
                self._write(connection, form, drafts, (*stage.paths, *converted, *due))

    def _convert(self, connection, form: CompiledForm, drafts: dict[int, Draft], deleted: bool) -> None:
        """Take the values of the live version over, where the types of fields change."""
        converting = self.converting.get(form.key, ())
        if not converting or not drafts:
            return
        live = self.live.form(form.key)
        before = write.lock(connection, live, drafts, deleted=deleted, locking=False)
        for switch in converting:
            for record_id, draft in drafts.items():
                _convert(live, form, switch, before[record_id].values, draft.values)

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


def _convert(live: CompiledForm, form: CompiledForm, switch: Switch, before: dict, values: dict) -> None:
    rows_key, dot, key = switch.path.rpartition(".")
    pairs = [(before, values)]
    if dot:
        lines = {line["id"]: line for line in before[rows_key]}
        pairs = [(lines[line["id"]], line) for line in values[rows_key]]
    for old, new in pairs:
        new[key] = _converted(live, form, switch, old[key], new[key])


def _converted(live: CompiledForm, form: CompiledForm, switch: Switch, present: Any, kept: Any) -> Any:
    """By the JSON forms alone, as history is replayed."""
    path = switch.path
    before, now = to_json(live, path, present), to_json(form, path, kept)
    told = taken_over(live.shown[path], form.shown[path], before, now, switch.left)
    return None if told is None else revived(form, path, told)


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
