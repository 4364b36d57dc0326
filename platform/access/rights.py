"""The access matrix, resolved: what a role may see and do on a form at each step.

A cell is looked up from the narrowest to the widest: the field at the step, the field at any step,
(for a column of line items) its `rows` field, any field at the step, any field. What nothing names
is hidden. Computed fields are never writable, and are hidden by default wherever an input is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..definition.dependencies import Node, inputs_of
from ..definition.flow import Rule
from ..definition.model import ANY, MODES, App, Field, Form, RoleAccess
from ..registry import fields

RANK = {mode: rank for rank, mode in enumerate(MODES)}
READABLE = frozenset({"read", "edit", "required"})
WRITABLE = frozenset({"edit", "required"})

Modes = Mapping[str, str]
"""Field path -> mode, at one step."""

Known = dict[tuple[str, str, str], str]
"""(form key, step, field path) -> mode, of one role."""


@dataclass(frozen=True)
class Grant:
    """One role's share of a form: its row scope, and its modes at each step."""

    role: str
    scope: Rule
    create: bool
    delete: frozenset[str]
    load: bool
    modes: Mapping[str, Modes]

    def told(self, path: str, steps: Iterable[str]) -> bool:
        """Whether at one of these steps a field shows that it is filled, be it masked."""
        return any(self.modes.get(step, {}).get(path, "hidden") != "hidden" for step in steps)

    def readable_steps(self, path: str) -> frozenset[str]:
        return frozenset(step for step, modes in self.modes.items() if modes.get(path) in READABLE)


def grants_of(app: App, form: Form) -> dict[str, Grant]:
    """Every role's grant on a form, by role key; roles without access have none. Worked out once for an app."""
    known: dict[str, tuple[Form, dict[str, Grant]]] = vars(app).setdefault("grants", {})
    found = known.get(form.key)
    if found is None or found[0] is not form:
        found = known[form.key] = (form, _grants(app, form))
    return found[1]


def _grants(app: App, form: Form) -> dict[str, Grant]:
    return {access.role: _grant(app, form, access) for access in form.access if access.scope not in ("none", False)}


def _grant(app: App, form: Form, access: RoleAccess) -> Grant:
    named = {step for row in access.cells.values() for step in row}
    alike = {step: step if step in named else ANY for step in app.steps(form)}  # those that no cell names are
    known: Known = {}
    modes = {step: _modes(app, form, access, step, known) for step in dict.fromkeys(alike.values())}
    return Grant(
        role=access.role,
        scope=scope_rule(app, form, access),
        create=access.create,
        delete=frozenset(access.delete),
        load=access.load,
        modes={step: modes[like] for step, like in alike.items()},
    )


def system_grant(app: App, form: Form) -> Grant:
    """The engine's own share: everything that is entered is writable, the rest readable."""
    modes = {path: "read" if _computed(form.field_at(path)) else "edit" for path in form.paths}
    steps = app.steps(form)
    return Grant("", True, True, frozenset(steps), True, dict.fromkeys(steps, modes))


def scope_rule(app: App, form: Form, access: RoleAccess) -> Rule:
    """A named row scope as a rule; department scopes stay names, for the gate to compile."""
    if access.scope == "all":
        return True
    if access.scope == "own":
        return {"===": [{"var": "created_by"}, {"var": "user.id"}]}
    if access.scope == "in_charge":
        statuses = app.statuses(form)
        mine = [s.key for s in statuses.statuses if s.in_charge == access.role] if statuses else []
        return {"in": [{"var": "status"}, mine]}
    return access.scope


def best(modes: Iterable[str]) -> str:
    """The most permissive of several modes; hidden when there is none."""
    return max(modes, key=RANK.__getitem__, default="hidden")


def _modes(app: App, form: Form, access: RoleAccess, step: str, known: Known) -> Modes:
    return {path: _resolve(app, form, access, step, path, known, frozenset()) for path in form.paths}


def _resolve(app: App, form: Form, access: RoleAccess, step: str, path: str, known: Known, seen: frozenset[Node]) -> str:
    place, node = (form.key, step, path), (form.key, path)
    if place in known:
        return known[place]
    field = form.field_at(path)
    explicit = access.cell(path, step)
    mode = access.mode(path, step)
    if _computed(field):
        mode = min(mode, "read", key=RANK.__getitem__)
        if explicit is None and node not in seen:
            mode = _dimmed(app, form, access, step, path, mode, known, seen | {node})
    known[place] = mode
    return mode


def _dimmed(app, form, access, step, path, mode, known, seen) -> str:
    """No brighter than the darkest input that a person could work it out from."""
    for own, target in inputs_of(app, form, path):
        if own and (form.key, own) not in seen and form.field_at(own) is not None:
            mode = min(mode, _resolve(app, form, access, step, own, known, seen), "read", key=RANK.__getitem__)
        if target is not None and target not in seen:
            mode = min(mode, _target_mode(app, access.role, target, not own, known, seen), key=RANK.__getitem__)
    return mode


def _target_mode(app: App, role: str, target: Node, every: bool, known: Known, seen: frozenset[Node]) -> str:
    """The least that a role sees of a linked record's field, over all its steps; of `every` record's for a roll-up."""
    form, path = app.form_by_key[target[0]], target[1]
    access = form.access_by_role.get(role)
    if form.field_at(path) is None:
        return "read"
    if access is None or access.scope in ("none", False) or (every and access.scope not in ("all", True)):
        return "hidden"
    steps = (_resolve(app, form, access, step, path, known, seen) for step in app.steps(form))
    return min(steps, key=RANK.__getitem__)


def _computed(field: Field) -> bool:
    return field.type not in fields or fields[field.type].computed
