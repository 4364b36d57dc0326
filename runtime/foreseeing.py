"""What a transition would change, as it is read before it is taken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from ..platform.definition.flow import Status
from ..platform.definition.model import say
from ..platform.formats import Formats
from ..platform.records.compiled import Compiled, CompiledForm
from ..platform.workflow.commands import Foreseen
from .naming import line_said, said
from .navigation import list_path
from .story import Change


@dataclass(frozen=True)
class Seen:
    """One record: what it is called, where it stands before and after, and what of it is other than before."""

    title: str
    path: str
    from_status: Status | None
    to_status: Status | None
    changes: Sequence[Change]


def seen(compiled: Compiled, found: Iterable[Foreseen], formats: Formats) -> list[Seen]:
    return [_seen(compiled.form(one.after.form.key), one, formats) for one in found]


def _seen(form: CompiledForm, one: Foreseen, formats: Formats) -> Seen:
    statuses = form.statuses.by_key if form.statuses else {}
    label, new = say(form.form.label, formats.language), one.before is None
    title = said(form, form.form.title, one.after.values, formats, one.after.titles) or f"#{one.after.id}"
    moved = new or one.before.status != one.after.status
    return Seen(
        title=_("New: %(form)s", form=label) if new else f"{label} {title}",
        path="" if new else f"{list_path(form.app.key, form.key)}{one.after.id}",
        from_status=statuses.get(one.before.status) if moved and not new else None,
        to_status=statuses.get(one.after.status) if moved else None,
        changes=list(_changes(form, one, formats)),
    )


def _changes(form: CompiledForm, one: Foreseen, formats: Formats) -> Iterable[Change]:
    for path, old, new in one.changes:
        parts = path.split(".")
        field = form.form.by_key[parts[0]]
        label = say(field.label, formats.language)
        if len(parts) == 1 and field.type != "serial":
            yield Change(label, *(_value(form, path, value, record, formats) for value, record in _sides(one, old, new)))
        elif len(parts) == 2:
            yield Change(label, *(_line(form, field.key, value, record, formats) for value, record in _sides(one, old, new)))
        elif len(parts) == 3:
            name = parts[2]
            column = field.by_key.get(name)
            label = say(column.label, formats.language) if column else _("Status")
            line = _line_of(form, field.key, int(parts[1]), one, formats)
            values = (_cell(form, field.key, name, value, record, formats) for value, record in _sides(one, old, new))
            yield Change(f"{line} · {label}", *values)


def _sides(one: Foreseen, old: Any, new: Any) -> tuple:
    return (old, one.before or one.after), (new, one.after)


def _value(form: CompiledForm, path: str, value: Any, record, formats: Formats) -> str:
    field_type, shown = form.shown[path]
    return "" if value is None else field_type.display(value, shown, formats, record.titles)


def _cell(form: CompiledForm, rows: str, name: str, value: Any, record, formats: Formats) -> str:
    if name == "status" and rows in form.line_statuses:
        known = form.line_statuses[rows].by_key
        return say(known[value].label, formats.language) if value in known else ""
    return _value(form, f"{rows}.{name}", value, record, formats)


def _line(form: CompiledForm, rows: str, line, record, formats: Formats) -> str:
    if line is None:
        return ""
    index = next(place for place, other in enumerate(record.values[rows]) if other["id"] == line["id"])
    return line_said(form, rows, line, index, formats, record.titles)


def _line_of(form: CompiledForm, rows: str, line_id: int, one: Foreseen, formats: Formats) -> str:
    line = next(line for line in one.after.values[rows] if line["id"] == line_id)
    return _line(form, rows, line, one.after, formats)
