"""Why somebody can, or cannot, see or do something: what the engine decides, role by role."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import g, render_template, request
from flask_babel import gettext as _

from ..platform.access import members
from ..platform.access.actor import SYSTEM, Actor
from ..platform.access.policy import admin
from ..platform.access.rights import READABLE, WRITABLE
from ..platform.definition.model import ANY, Form, RoleAccess, say
from ..platform.errors import NotFound
from ..platform.language import listed
from ..platform.records.compiled import Compiled, open_app
from ..platform.records.query import Gate
from ..platform.records.results import Record
from ..platform.workflow.commands import Commands
from .attributes import MODE_NAMES
from .change_words import step_name
from .naming import rule_words
from .trying import found
from .workshop import Workshop, design_pages

blueprint = design_pages("inspector", "/inspector")


@dataclass(frozen=True)
class ByRole:
    """What one role alone gives: the records it is about, whether this one is among them, and the mode with its origin."""

    role: str
    scope: str
    holds: bool
    mode: str
    origin: str


@dataclass(frozen=True)
class Verdict:
    """yes or no, in words, with everything it comes from; `helps` says what would change it."""

    yes: bool
    said: str
    by_role: Sequence[ByRole] = ()
    reasons: Sequence[tuple[str, str]] = ()
    helps: str = ""


class Inspector:
    """Asks as the person would, in the version that runs."""

    def __init__(self, connection, compiled: Compiled, actor: Actor, form_key: str, record_id: int):
        self.connection, self.compiled, self.actor = connection, compiled, actor
        self.form: Form = compiled.app.form_by_key[form_key]
        self.record_id = record_id
        self.record = self._record(actor)
        self.whole = self._record(None)

    def _record(self, actor: Actor | None) -> Record | None:
        try:
            return Gate(self.connection, self.compiled, actor or SYSTEM).record(self.form.key, self.record_id)
        except NotFound:
            return None

    @property
    def roles(self) -> list[str]:
        return sorted(self.actor.roles_in(self.compiled.app.key))

    def sees(self) -> Verdict:
        """Whether the record is there for the person at all."""
        if self.whole is None:
            return Verdict(False, _("There is no such record."))
        yes = self.record is not None
        said = _("%(who)s sees this record.", who=self.actor.name) if yes else _("%(who)s does not see this record.", who=self.actor.name)
        return Verdict(yes, said, [self._by_role(role, ANY) for role in self.roles], helps="" if yes else self._who_would(None))

    def field(self, path: str) -> Verdict:
        """What the person may do with a field of the record, as it stands."""
        if self.record is None:
            return self.sees()
        mode = self.record.modes.get(path, "hidden")
        words = {"who": self.actor.name, "mode": str(MODE_NAMES[mode]), "step": step_name(self.compiled.app, self.form.key, self.record.status)}
        said = _("For %(who)s it is “%(mode)s” at the step “%(step)s”.", **words)
        return Verdict(mode in READABLE, said, [self._by_role(role, path) for role in self.roles], helps="" if mode in WRITABLE else self._who_would(path))

    def transition(self, key: str, commands: Commands) -> Verdict:
        """Whether the person can take a transition now, and everything that stands against it."""
        if self.record is None:
            return self.sees()
        option = next((one for one in commands.available(self.form.key, self.record_id) if one.transition.key == key), None)
        one = self.form.transition_by_key[key]
        if option is None:
            where = listed(step_name(self.compiled.app, self.form.key, source) for source in one.sources)
            return Verdict(False, _("It begins at %(statuses)s, and the record stands elsewhere.", statuses=where))
        names = self.compiled.app.role_by_key
        reasons = [(reason.text, listed(say(names[role].label, g.language) for role in reason.lifters if role in names)) for reason in option.reasons]
        said = _("%(who)s can take it now.", who=self.actor.name) if option.allowed else _("%(who)s cannot take it now.", who=self.actor.name)
        return Verdict(option.allowed, said, reasons=reasons)

    def _by_role(self, role: str, path: str) -> ByRole:
        """What the person would have with this role alone."""
        label = say(self.compiled.app.role_by_key[role].label, g.language) if role in self.compiled.app.role_by_key else role
        access = self.form.access_by_role.get(role)
        if access is None:
            return ByRole(label, _("nothing"), False, "", "")
        alone = self._record(replace(self.actor, roles={self.compiled.app.key: frozenset([role])}))
        words = rule_words(access.scope, f"forms[{self.form.key}].access[{role}].scope", self.compiled.app)
        if alone is None or path == ANY:
            return ByRole(label, words, alone is not None, "", "")
        return ByRole(label, words, True, str(MODE_NAMES[alone.modes.get(path, "hidden")]), self._origin(access, path, alone.status))

    def _origin(self, access: RoleAccess, path: str, step: str) -> str:
        """Which cell of the matrix says so."""
        for row, said in ((path, _("the field itself")), (path.partition(".")[0], _("its line items")), (ANY, _("every field"))):
            cells = access.cells.get(row, {})
            if step in cells:
                return f"{said}, {step_name(self.compiled.app, self.form.key, step)}"
            if ANY in cells:
                return f"{said}, {_('at every step')}"
        return _("nothing is set, so it is hidden")

    def _who_would(self, path: str | None) -> str:
        """The roles with which it would be seen, or could be changed."""
        found = []
        for role in self.compiled.app.roles:
            if role.key in self.actor.roles_in(self.compiled.app.key) or role.key not in self.form.access_by_role:
                continue
            seen = self._record(replace(self.actor, roles={self.compiled.app.key: frozenset([role.key])}))
            if seen is not None and (path is None or seen.modes.get(path) in WRITABLE):
                found.append(say(role.label, g.language))
        return listed(found)


@blueprint.get("")
@admin
def show(app_key: str):
    """Asked by the address: person, form, record, and a field or a transition."""
    workshop = Workshop(app_key)
    if workshop.row.live_version is None:
        return render_template("builder/inspector.html", workshop=workshop, app=None)
    with g.workspace.reading() as connection:
        compiled = open_app(g.workspace, connection, app_key)
        people = members.members(connection)
        form = compiled.app.form_by_key.get(request.args.get("form", "")) or compiled.app.forms[0]
        called = request.args.get("record", "").strip()
        record = _called(workshop, form, called) if called else None
        return render_template(
            "builder/inspector.html", workshop=workshop, app=compiled.app, form=form, people=people,
            verdict=_verdict(connection, compiled, form, record), unknown=called and record is None,
        )  # fmt: skip


def _called(workshop: Workshop, form: Form, text: str) -> int | None:
    """The record that people call so, or the only one that a search finds, or the one with this number in its address."""
    seen = found(workshop, form.key, text)
    named = [number for number, name in seen if name.casefold() == text.casefold() or len(seen) == 1]
    return next(iter(named), int(text) if text.isdecimal() and len(text) < 16 else None)


def _verdict(connection, compiled: Compiled, form: Form, record: int | None) -> Verdict | None:
    person = request.args.get("person", type=int)
    if not person or not record:
        return None
    actor = members.load_actor(connection, person)
    if actor is None:
        return Verdict(False, _("This person has left, and can see and do nothing."))
    inspector = Inspector(connection, compiled, actor, form.key, record)
    kind, _dot, key = request.args.get("what", "").partition(":")
    if kind == "field" and form.field_at(key) is not None:
        return inspector.field(key)
    if kind == "transition" and key in form.transition_by_key:
        return inspector.transition(key, Commands(g.workspace, actor, compiled.app.key))
    return inspector.sees()
