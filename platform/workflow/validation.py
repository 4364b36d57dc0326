"""What a record must satisfy when it is saved: what is needed is filled, and checks hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext as _

from ..access.rights import WRITABLE
from ..errors import Problem
from ..records.compiled import CompiledForm
from ..records.derive import fitted
from ..records.draft import Draft
from .messages import Reader, fill


def missing(draft: Draft, modes: Mapping[str, str], data: Mapping[str, Any]) -> list[Problem]:
    """The fields that must be filled at this step and are not."""
    found = []
    for path in draft.form.form.paths:
        if modes.get(path) not in WRITABLE:
            continue
        key, _dot, column = path.partition(".")
        field = draft.form.form.field_at(path)
        if field.required is False and modes[path] != "required":
            continue
        if not column:
            if _wanted(draft.form, path, field, modes, data) and draft.values.get(key) in (None, []):
                found.append(Problem(path, _("This is needed.")))
            continue
        for index, (line, seen) in enumerate(zip(draft.values.get(key) or [], data.get(key) or [], strict=True)):
            if line.get(column) is None and _wanted(draft.form, path, field, modes, seen):
                found.append(Problem(f"{key}.{index}.{column}", _("This is needed.")))
    return found


def locked(draft: Draft, data: Mapping[str, Any]) -> list[Problem]:
    """The fields that were changed although they are locked, as the record now stands."""
    found = []
    for path in draft.form.lockable:
        key, _dot, column = path.partition(".")
        scope, name = _scope(draft.form, path)
        field = draft.form.form.field_at(path)
        holds = draft.form.rule(field.lock, scope, name)
        for place, seen in _places(path, data):
            if _touched(draft, key, column, place, seen, field) and holds(seen) is True:
                found.append(Problem(place, _("This is locked.")))
    return found


def _touched(draft: Draft, key: str, column: str, place: str, seen: Mapping[str, Any], field) -> bool:
    """Whether somebody entered another value than stood there; on what is new, another than it starts with."""
    if not column and draft.is_new and key not in draft.given:
        return False
    values = draft.values[key][int(place.split(".")[1])] if column else draft.values
    name = column or key
    if column:
        lines = {line["id"]: line for line in draft.before.get(key) or ()}
        before = lines.get(values.get("id"))
    else:
        before = None if draft.is_new else draft.before
    if before is not None:
        return _entered(values.get(name)) != _entered(before.get(name))
    path = f"{key}.{column}" if column else key
    scope, said = _scope(draft.form, path)
    start = None if field.default is None else fitted(draft.form, path, draft.form.rule(field.default, scope, said)(seen))
    return _entered(values.get(name)) not in (None, start)


def _entered(value: Any) -> Any:
    """A box without a tick says no more than one that nobody saw; nor do no lines, or no files."""
    return None if value is False or value == [] else value


def _wanted(form: CompiledForm, path: str, field, modes: Mapping[str, str], data: Mapping[str, Any]) -> bool:
    scope, name = _scope(form, path)
    if field.show is not True and form.rule(field.show, scope, name)(data) is not True:
        return False
    if modes.get(path) == "required" or field.required is True:
        return True
    return field.required is not False and form.rule(field.required, scope, name)(data) is True


def failed_checks(draft: Draft, data: Mapping[str, Any], reader: Reader) -> list[Problem]:
    """The checks that a filled field does not pass, told without a place where the reader does not see it."""
    found = []
    for path, field in draft.form.checked:
        scope, name = _scope(draft.form, path)
        ways = {"of": name} if name else {}
        for check in field.checks:
            rule = draft.form.rule(check.rule, scope, name)
            for place, seen in _places(path, data):
                if seen.get(field.key) is not None and rule(seen) is not True:
                    told = place if reader.sees(draft.form, path, own=True) else ""
                    found.append(Problem(told, fill(check.message, draft.form, seen, reader, ways)))
    return found


def _places(path: str, data: Mapping[str, Any]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    key, _dot, column = path.partition(".")
    if not column:
        return [(path, data)]
    return [(f"{key}.{index}.{column}", line) for index, line in enumerate(data.get(key) or [])]


def _scope(form: CompiledForm, path: str):
    return form.scope_of(path.rpartition(".")[0])
