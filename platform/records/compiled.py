"""A published version, compiled once: tables, scopes, rules as closures, grants, evaluation order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Container, Mapping
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from ..access.rights import Grant, grants_of, system_grant
from ..access.shares import link_grants
from ..db import Workspace
from ..definition import store
from ..definition.dependencies import evaluation_order
from ..definition.flow import Rule, StatusList
from ..definition.locking import lock_order
from ..definition.model import SAVED, App, Field, Form
from ..definition.pinning import Flows, following, with_retired
from ..definition.rollups import Rollup, rollup_of, watching
from ..definition.schema import load
from ..definition.scope import effect_scope, line_scope, record_scope
from ..errors import NotFound
from ..registry import source
from ..rules.evaluate import compile_rule
from ..rules.typing import Type
from .search_index import searchable
from .tables import Columns, FormTables, column_name, form_tables, stored

RUNNING, ENDED = "running", "ended"  # what a version says of a flow that records follow
KEPT_VERSIONS = 64
KEPT_SHARED = 16  # documents whose compiled form is at hand for the next workspace that runs them
KEPT_QUESTIONS = 400  # for each form


class CompiledForm:
    """One form of a published version, with everything the gate and the commands need of it."""

    def __init__(self, compiled: Compiled, app: App, form: Form, tables: FormTables):
        self.compiled = compiled
        self.app = app
        self.form = form
        self.key = form.key
        self.table: sa.Table = tables.table
        self.rows: Mapping[str, sa.Table] = tables.rows
        self.statuses: StatusList | None = self.app.statuses(form)
        self.steps = self.app.steps(form)
        self.grants: Mapping[str, Grant] = grants_of(self.app, form)
        self.link_grants: Mapping[str, Grant] = link_grants(self.app, form)
        self.system_grant = system_grant(self.app, form)
        self.statements: dict[Any, Any] = {}
        self._asked: dict[Any, Any] = {}
        self._lock = threading.Lock()
        self.shown = {path: source(form.field_at(path), self.app) for path in form.paths}  # (type, field) by path
        self._rules: dict[tuple[int, str | None], tuple[Rule, Callable]] = {}

    @property
    def start_status(self) -> str:
        return self.statuses.start.key if self.statuses else SAVED

    @cached_property
    def scope(self) -> Type:
        return record_scope(self.app, self.form)

    @cached_property
    def order(self) -> tuple[str, ...]:
        return evaluation_order(self.app, self.form)

    @cached_property
    def rollups(self) -> Mapping[str, Rollup]:
        """The roll-ups of this form, by key."""
        return {field.key: rollup_of(self.form, field) for field in self.form.fields if field.type == "rollup"}

    @cached_property
    def checked(self) -> tuple[tuple[str, Field], ...]:
        """(path, field) of every field with checks."""
        found = ((path, self.form.field_at(path)) for path in self.form.paths)
        return tuple((path, field) for path, field in found if field.checks)

    @cached_property
    def lockable(self) -> tuple[str, ...]:
        """The fields and columns that a rule may lock."""
        return tuple(path for path in self.form.paths if self.form.field_at(path).lock is not False)

    @cached_property
    def line_statuses(self) -> Mapping[str, StatusList]:
        """The status list of each `rows` field whose lines have a status each."""
        found = {rows.key: self.app.line_statuses(rows) for rows in self.form.rows}
        return {key: statuses for key, statuses in found.items() if statuses is not None}

    @cached_property
    def links_at(self) -> Mapping[str, list[tuple[str, str]]]:
        """(key, target form) of every link: under "" those of the record, under "lines." those of its lines."""
        found: dict[str, list[tuple[str, str]]] = {"": [], **{f"{key}.": [] for key in self.rows}}
        for path, (field_type, field) in self.shown.items():
            if field_type.name == "link":
                rows_key, dot, key = path.rpartition(".")
                found[rows_key + dot].append((key, field.settings["form"]))
        return found

    @cached_property
    def pointing(self) -> Mapping[str, list[tuple[str, str]]]:
        """The same for everything whose values are ids, look-ups too: of records, people, departments."""
        found: dict[str, list[tuple[str, str]]] = {"": [], **{f"{key}.": [] for key in self.rows}}
        for path, (field_type, field) in self.shown.items():
            target = field_type.points_to(field)
            if target is not None:
                rows_key, dot, key = path.rpartition(".")
                found[rows_key + dot].append((key, target))
        return found

    @cached_property
    def file_paths(self) -> tuple[str, ...]:
        """The fields into which people put files."""
        fields = ((path, self.form.field_at(path)) for path in self.form.paths)
        return tuple(path for path, field in fields if field.type == self.shown[path][1].type and self.shown[path][0].asks == "files")

    @cached_property
    def live(self) -> tuple[tuple[str, str, str, str], ...]:
        """(prefix of the line items or "", key, link beside it, field of its target) of every live look-up."""
        found = []
        for path in self.form.paths:
            rows_key, dot, key = path.rpartition(".")
            field = self.form.field_at(path)
            if field.type == "lookup" and not stored(field):
                found.append((rows_key + dot, key, field.settings["via"], field.settings["field"]))
        return tuple(found)

    @cached_property
    def shown_columns(self) -> Mapping[str, tuple[Field, ...]]:
        """The columns of each `rows` field that have a value, be it looked up."""
        return {rows.key: tuple(c for c in rows.fields if stored(c) or c.type == "lookup") for rows in self.form.rows}

    def statement(self, key: Any, build: Callable[[], Any]) -> Any:
        """A statement (or what a statement needs) built once for this version and kept."""
        found = self.statements.get(key)
        if found is None:
            found = self.statements[key] = build()
        return found

    def asked(self, key: Any, build: Callable[[], Any]) -> Any:
        """The same for what people make up, such as filters: only the latest are kept."""
        found = self._asked.get(key)
        if found is None:
            found = build()
            with self._lock:
                while len(self._asked) >= KEPT_QUESTIONS:
                    del self._asked[next(iter(self._asked))]
                self._asked[key] = found
        return found

    @cached_property
    def searchable(self) -> tuple[str, ...]:
        """The keys of the fields that are searched."""
        return searchable(self.form, self.app)

    @cached_property
    def stored_fields(self) -> tuple[Field, ...]:
        return tuple(field for field in self.form.fields if stored(field))

    @cached_property
    def stored_columns(self) -> Mapping[str, tuple[Field, ...]]:
        """The stored columns of each `rows` field."""
        return {rows.key: tuple(c for c in rows.fields if stored(c)) for rows in self.form.rows}

    def line_scope(self, rows_key: str) -> Type:
        found = self.statements.get(("line scope", rows_key))
        if found is None:
            found = line_scope(self.app, self.form, self.form.by_key[rows_key])
            self.statements["line scope", rows_key] = found
        return found

    def scope_of(self, rows_key: str | None) -> tuple[Type, str]:
        """What rules about the record, or about a line, see; and the name of that scope."""
        return (self.line_scope(rows_key), rows_key) if rows_key else (self.scope, "")

    def effect_scope(self, rows_key: str | None, target: str | None) -> Type:
        """What an effect's rules see: the record, a `line` of it, the `target` it changes ("order", "order.lines")."""
        key = ("effect scope", rows_key, target)
        if key not in self.statements:
            rows = self.form.by_key[rows_key] if rows_key else None
            form_key, _dot, target_rows = (target or "").partition(".")
            aimed = self.app.form_by_key[form_key] if target else None
            theirs = aimed.by_key[target_rows] if target_rows else None
            self.statements[key] = effect_scope(self.app, self.form, rows, aimed, theirs)
        return self.statements[key]

    def column(self, key: str) -> sa.Column:
        return self.table.c[column_name(key)]

    def rule(self, rule: Rule, scope: Type, name: str = "") -> Callable[[Mapping], Any]:
        """A rule of the definition as a closure, compiled at first use; `name` tells scopes apart."""
        key = (id(rule), name)
        found = self._rules.get(key)
        if found is None or found[0] is not rule:
            found = self._rules[key] = (rule, compile_rule(rule, scope))
        return found[1]

    def actor_grants(self, actor) -> tuple[Grant, ...]:
        """The grants of an actor's roles on this form, in the order of the definition; a link has its own."""
        if actor.is_system:
            return (self.system_grant,)
        roles, grants = actor.roles_in(self.app.key), self.link_grants if actor.link else self.grants
        return tuple(grant for role, grant in grants.items() if role in roles)


class Compiled:
    """One published version of an app.

    columns: where it keeps fields, see tables.py.  flows: the earlier versions whose flows records follow, by form;
    `ended` holds (form key, version id) of those that all of their records have gone through.
    """

    def __init__(
        self,
        app: App,
        version_id: int,
        columns: Columns | None = None,
        flows: Flows | None = None,
        ended: Container[tuple[str, int]] = (),
    ):
        self.flows = flows or {}
        self.ended = ended
        self.app = with_retired(app, self.flows) if flows else app
        self.version_id = version_id
        self.columns = columns or {}
        self.tables = form_tables(app, self.columns)
        self.forms = {form.key: CompiledForm(self, self.app, form, self.tables[form.key]) for form in app.forms}
        self._following: dict[tuple[str, int], CompiledForm] = {}
        self.watching = watching(app)  # what a change of a form's records may move
        self.lock_order = lock_order(app)

    def form(self, key: str, flow_id: int | None = None) -> CompiledForm:
        """A form; with `flow_id`, as those of its records see it that follow the flow of that version."""
        try:
            return self.forms[key] if flow_id is None else self._followed(key, flow_id)
        except KeyError:
            raise NotFound from None

    def _followed(self, key: str, flow_id: int) -> CompiledForm:
        found = self._following.get((key, flow_id))
        if found is None:
            app = following(self.app, key, self.flows[key][flow_id], (key, flow_id) not in self.ended)
            found = self._following[key, flow_id] = CompiledForm(self, app, app.form_by_key[key], self.tables[key])
        return found


_lock = threading.Lock()
_shared: dict[tuple[str, int, str], Compiled] = {}


def open_app(workspace: Workspace, connection: sa.Connection, app_key: str, *, share: bool = False) -> Compiled:
    """The live version of an app; with `share`, held against a publish until the transaction ends."""
    live = store.live(connection, app_key, share=share)
    return version(workspace, connection, live.version_id)


def version(workspace: Workspace, connection: sa.Connection, version_id: int) -> Compiled:
    """A published version, compiled at first use and kept for the process."""
    found = workspace.versions.get(version_id)
    if found is not None:
        return found
    compiled = _compiled(workspace.dialect, connection, version_id)
    with _lock:
        while len(workspace.versions) >= KEPT_VERSIONS:
            workspace.versions.pop(next(iter(workspace.versions)))
        return workspace.versions.setdefault(version_id, compiled)


def _compiled(dialect: str, connection: sa.Connection, version_id: int) -> Compiled:
    """Workspaces that run the same document, as clones of a template do, share what is compiled of it."""
    checksum = store.shared_checksum(connection, version_id)
    if checksum is None:
        return _compile(connection, version_id)  # as no other workspace's is
    key = (dialect, version_id, checksum)
    found = _shared.get(key)
    if found is None:
        found = _compile(connection, version_id)
        with _lock:
            while len(_shared) >= KEPT_SHARED:
                del _shared[next(iter(_shared))]
            found = _shared.setdefault(key, found)
    return found


def _compile(connection: sa.Connection, version_id: int) -> Compiled:
    frozen = store.frozen(connection, version_id)
    app = load(frozen.document, lenient=True)
    states = {(key, int(flow)): state for key, flows in frozen.flows.items() for flow, state in flows.items()}
    earlier = {flow: load(store.document(connection, flow), lenient=True) for _key, flow in sorted(states)}
    flows: dict[str, dict[int, App]] = {}
    for key, flow in sorted(states):
        flows.setdefault(key, {})[flow] = earlier[flow]
    ended = frozenset(place for place, state in states.items() if state == ENDED)
    return Compiled(app, version_id, frozen.columns, flows, ended)
