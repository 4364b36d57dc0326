"""Checks of the access matrix: its names, its row scopes, and computed values that show what is hidden."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext as _

from ..registry import fields
from .checks_flow import created_by_effects
from .dependencies import inputs_of
from .findings import Finding, known, named, typed, warning
from .model import ANY, NEW, SCOPES, App, Form, RoleAccess
from .scope import record_scope

READABLE = ("read", "edit", "required")
WRITABLE = ("edit", "required")


def access_findings(app: App, form: Form, place: str) -> Iterator[Finding]:
    steps = app.steps(form)
    for access in form.access:
        here = f"{place}.access[{access.role}]"
        yield from known(here, access.role, app.role_by_key)
        yield from _scope(app, form, access, here)
        for status in access.delete:
            yield from known(f"{here}.delete", status, steps[1:])
        for path, row in access.cells.items():
            yield from known(f"{here}.cells[{path}]", path, (ANY, *form.paths))
            for step in row:
                yield from known(f"{here}.cells[{path}][{step}]", step, (ANY, *steps))
        yield from _opened(app, form, access, here)
        yield from _unfillable(form, access, here)
    if not any(access.scope not in ("none", False) for access in form.access):
        yield warning(f"{place}.access", _("Nobody may see this form."))
    elif not any(access.create for access in form.access) and not created_by_effects(app, form):
        yield warning(f"{place}.access", _("Nobody may create a record of this form."))


def _unfillable(form: Form, access: RoleAccess, place: str) -> Iterator[Finding]:
    """What a role begins without being able to fill in what is needed."""
    if not access.create or access.scope in ("none", False):
        return
    for path in form.paths:
        field = form.field_at(path)
        parent = path.partition(".")[0]
        if parent != path and access.mode(parent, NEW) not in WRITABLE:
            continue  # no line to fill in
        needed = field.required is True and field.show is True and field.default is None and not fields[field.type].computed
        if needed and access.mode(path, NEW) not in WRITABLE:
            words = _("Whoever creates a record in this role cannot fill in “%(name)s”, which is needed.", name=named(field.label))
            yield warning(f"{place}.cells[{path}]", words)


def _scope(app: App, form: Form, access: RoleAccess, place: str) -> Iterator[Finding]:
    if isinstance(access.scope, str):
        yield from known(f"{place}.scope", access.scope, SCOPES)
    else:
        yield from typed(f"{place}.scope", access.scope, record_scope(app, form))


def _opened(app: App, form: Form, access: RoleAccess, place: str) -> Iterator[Finding]:
    """A cell that shows a computed value while something it is worked out from is hidden."""
    for path in access.cells:
        field = form.field_at(path)
        hidden = sorted(_hidden_inputs(app, form, access, path)) if field is not None else ()
        if hidden:
            names = ", ".join(hidden)
            yield warning(f"{place}.cells[{path}]", _("This shows what is worked out from hidden fields: %(names)s.", names=names))


def _hidden_inputs(app: App, form: Form, access: RoleAccess, path: str) -> set[str]:
    hidden = set()
    try:
        inputs = inputs_of(app, form, path)
    except (ValueError, KeyError):  # a rule or a reference that is wrong, and reported as that
        return hidden
    for own, target in inputs:
        for step in app.steps(form):
            if access.mode(path, step) in READABLE and not _readable(app, form, access, own, target, step):
                hidden.add(own or ".".join(target))
    return hidden


def _readable(app: App, form: Form, access: RoleAccess, own: str, target: tuple[str, str] | None, step: str) -> bool:
    if own and access.mode(own, step) not in READABLE:
        return False
    if target is None:
        return True
    linked = app.form_by_key.get(target[0])
    theirs = linked.access_by_role.get(access.role) if linked else None
    if theirs is not None and not own and theirs.scope not in ("all", True):  # a roll-up tells of every record
        return False
    return theirs is not None and all(theirs.mode(target[1], s) in READABLE for s in app.steps(linked))
