"""Works out, for the records there are, what a new version brings: stored formulas, look-ups, values of a new type.

Batch by batch before the flip, while commands of the old version go on; what they changed meanwhile
is done again during the flip.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from ..access.actor import SYSTEM
from ..db import Workspace
from ..definition import store
from ..definition.model import Field, Form
from ..records import write
from ..records.batches import how_many, ids_after
from ..records.compiled import CompiledForm
from ..records.derive import derivation_needs, derive
from ..records.draft import Draft, Linked, Surroundings
from ..records.links import load_links
from ..records.replay import taken_over
from ..records.switches import Switch
from ..records.values import revived, to_json
from ..registry import fields
from .prospect import Prospect
from .publication_log import BACKFILL, Publication

BATCH = 500
CLOCKS_DIFFER = timedelta(minutes=5)  # between machines, and between a command's start and its commit


class Backfill:
    """What a new version of an app must work out; `run` before the flip, `finish` inside it."""

    def __init__(self, workspace: Workspace, prospect: Prospect, publication: Publication):
        self.workspace = workspace
        self.publication = publication
        self.compiled, self.live = prospect.followed, prospect.live
        self.since = publication.started_at - CLOCKS_DIFFER
        self.converting = {key: [s for s in found if s.converting] for key, found in prospect.switches.items()}
        known = self.live.app.form_by_key if self.live else {}
        work = {f.key: self._paths(f, known[f.key]) for f in prospect.app.forms if f.key in known}
        self.work = {key: paths for key, paths in work.items() if paths}

    def run(self) -> None:
        """From where an earlier try came to."""
        if not self.work:
            return
        with self.workspace.reading() as connection:
            total = sum(how_many(connection, self.compiled.form(key)) for key in self.work)
        self.publication.at(BACKFILL, total)
        for key, paths in self.work.items():
            last = self.publication.cursor.get(key, 0)
            while last is not None:
                with self.workspace.writing() as connection:
                    last, number = self._batch(connection, self.compiled.form(key), paths, last)
                    self.publication.worked_out(connection, key, last, number)

    def finish(self, connection: sa.Connection) -> None:
        """Once more for whatever has changed since; the caller holds the app against commands."""
        for key, paths in self.work.items():
            last = 0
            while last is not None:
                last, _number = self._batch(connection, self.compiled.form(key), paths, last, changed_since=self.since)

    def _paths(self, form: Form, live: Form) -> tuple[str, ...]:
        return (*_new_derived(form, live), *(switch.path for switch in self.converting.get(form.key, ())))

    def _batch(
        self, connection, form: CompiledForm, paths: Sequence[str], last: int, changed_since=None
    ) -> tuple[int | None, int]:
        """The records after an id: the last of them (None at the end), and how many there were."""
        ids = ids_after(connection, form, last, BATCH, changed_since)
        for deleted in (False, True):
            drafts = write.lock(connection, form, ids, deleted=deleted)
            self._convert(connection, form, drafts, deleted)
            self._work_out(connection, form, list(drafts.values()), paths)
        return (ids[-1] if len(ids) == BATCH else None), len(ids)

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

    def _work_out(self, connection, form: CompiledForm, drafts: list[Draft], paths: Sequence[str]) -> None:
        if not drafts:
            return
        linked: Linked = {}
        load_links(connection, self.compiled, drafts, derivation_needs(form), linked)
        for draft in drafts:
            _take_snapshots(form, draft, paths, linked)
        derive(connection, self.compiled, drafts, Surroundings(SYSTEM, form.app, store.now()), linked)
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


def _new_derived(form: Form, live: Form) -> Iterator[str]:
    """The paths of stored formulas and look-ups that are new, or say something else than before."""
    for path in form.paths:
        field, before = form.field_at(path), live.field_at(path)
        if field.type in ("formula", "lookup") and fields[field.type].stored(field) and _differs(field, before):
            yield path


def _differs(field: Field, before: Field | None) -> bool:
    if before is None or before.type != field.type:
        return True
    return field.settings != before.settings or (field.type == "formula" and field.show != before.show)


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
