"""Works out, for the records there are, the stored formulas and look-ups that a new version brings.

Batch by batch before the flip, while commands of the old version go on; what they changed meanwhile
is done again during the flip.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

import sqlalchemy as sa

from ..access.actor import SYSTEM
from ..db import Workspace
from ..definition import store
from ..definition.model import App, Field, Form
from ..records import write
from ..records.batches import ids_after
from ..records.compiled import Compiled, CompiledForm
from ..records.derive import derivation_needs, derive
from ..records.draft import Draft, Linked, Surroundings
from ..records.links import load_links
from ..registry import fields

BATCH = 500
CLOCKS_DIFFER = timedelta(minutes=5)  # between machines, and between a command's start and its commit


class Backfill:
    """What a new version of an app must work out; `run` before the flip, `finish` inside it."""

    def __init__(self, workspace: Workspace, app: App, live: App | None):
        self.workspace = workspace
        self.compiled = Compiled(app, 0)
        self.since = store.now() - CLOCKS_DIFFER
        known = live.form_by_key if live else {}
        work = {f.key: tuple(_new_derived(f, known[f.key])) for f in app.forms if f.key in known}
        self.work = {key: paths for key, paths in work.items() if paths}

    def run(self) -> None:
        for key, paths in self.work.items():
            last = 0
            while last is not None:
                with self.workspace.writing() as connection:
                    last = self._batch(connection, self.compiled.form(key), paths, last)

    def finish(self, connection: sa.Connection) -> None:
        """Once more for whatever has changed since; the caller holds the app against commands."""
        for key, paths in self.work.items():
            last = 0
            while last is not None:
                last = self._batch(connection, self.compiled.form(key), paths, last, changed_since=self.since)

    def _batch(self, connection, form: CompiledForm, paths: Sequence[str], last: int, changed_since=None) -> int | None:
        """The records after an id; the last of them, None at the end."""
        ids = ids_after(connection, form, last, BATCH, changed_since)
        for deleted in (False, True):
            drafts = list(write.lock(connection, form, ids, deleted=deleted).values())
            self._work_out(connection, form, drafts, paths)
        return ids[-1] if len(ids) == BATCH else None

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
