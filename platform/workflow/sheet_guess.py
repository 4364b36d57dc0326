"""What the columns of a sheet seem to mean for a form: by their heads, by how dates are written, by which values tell
rows apart. Somebody looks at it before anything is done.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ..definition.inference import DATES, EMPTY, FITS, TIMES, Table, parse_date
from ..records.compiled import CompiledForm
from ..records.query import Gate
from .sheet_cells import fillable, telling
from .sheet_log import Meaning

STATUS_HEADS = frozenset(("status", "state", "状态"))
SHORTEST_PART = 4  # letters of a head that may name a field by being part of its label


def may_load(gate: Gate, form: CompiledForm) -> bool:
    """Whether this person may bring history in."""
    return any(grant.load for grant in form.actor_grants(gate.actor))


def may_import(gate: Gate, form_key: str) -> bool:
    """Whether this person may bring records of a form in, new ones or history."""
    return gate.may_create(form_key) or may_load(gate, gate.compiled.form(form_key))


def guessed(gate: Gate, form: CompiledForm, table: Table) -> Meaning:
    status = next((place for place, head in enumerate(table.heads) if plain(head) in STATUS_HEADS), None)
    status = status if form.statuses is not None and may_load(gate, form) else None
    columns = _columns(gate, form, table.heads, {status} - {None})
    dates = {place: told for place, key in columns.items() if (told := _dates(form, key, table.column(place)))}
    group = _group(table, columns) if any("." in path for path in columns.values()) else None
    key = columns.get(group) if columns.get(group) in telling(gate, form) else _key(gate, form, table, columns)
    return Meaning(columns, key, status, dates, group=group)


def dated(form: CompiledForm, columns: dict[int, str], rows: Sequence[Sequence[str]]) -> dict[int, str]:
    """How dates are written in the columns that hold any."""
    table = Table("", (), rows)
    return {place: told for place, key in columns.items() if (told := _dates(form, key, table.column(place)))}


def nameable(gate: Gate, form: CompiledForm) -> list[str]:
    """The fields that a column can be of, in the order of the form."""
    some = {*fillable(gate, form, may_load(gate, form)), *telling(gate, form)}
    return sorted(some, key=form.form.paths.index)


def plain(words: str) -> str:
    """A head without case, blanks and signs."""
    return "".join(one for one in words.casefold() if one.isalnum())


def _columns(gate: Gate, form: CompiledForm, heads: Sequence[str], taken: Collection[int]) -> dict[int, str]:
    """Heads that are a field's key or label, or a column's of lines, then those of which one is part of the other, but of
    columns; each field once.
    """
    names = {path: _names(form, path) for path in nameable(gate, form)}
    found: dict[int, str] = {}
    for matches, deep in ((_same, False), (_same, True), (_partly, False)):
        for place, head in enumerate(heads):
            if place in found or place in taken:
                continue
            free = (path for path in names if path not in found.values() and ("." in path) is deep)
            key = next((key for key in free if any(matches(plain(head), name) for name in names[key])), None)
            if key is not None:
                found[place] = key
    return dict(sorted(found.items()))


def _names(form: CompiledForm, path: str) -> set[str]:
    """What a head that means a field may say; of a column with its lines' name before it too."""
    key, _dot, column = path.partition(".")
    field, rows = form.form.field_at(path), form.form.by_key[key]
    own = {plain(column or key), *(plain(label) for label in field.label.values())} - {""}
    return own | {plain(above) + name for name in own for above in (key, *rows.label.values()) if column}


def _group(table: Table, columns: dict[int, str]) -> int | None:
    """The column that is the same in the rows of one record: filled in all of them, and with it what else is the record's."""
    header = [table.column(place) for place, path in columns.items() if "." not in path]
    for place in range(len(table.heads)):
        words = table.column(place)
        if "." not in columns.get(place, "") and all(words) and len(set(words)) < len(words) and _apart(words, header):
            return place
    return None


def _apart(words: Sequence[str], header: Sequence[Sequence[str]]) -> bool:
    """Whether rows of one word say the same, as far as they say anything, in the columns of the record."""
    said: dict[tuple[str, int], str] = {}
    cells = ((word, number, cell) for number, column in enumerate(header) for word, cell in zip(words, column, strict=True) if cell)
    return all(said.setdefault((word, number), cell) == cell for word, number, cell in cells)


def _same(head: str, name: str) -> bool:
    return head == name


def _partly(head: str, name: str) -> bool:
    shorter, longer = sorted((head, name), key=len)
    return len(shorter) >= SHORTEST_PART and shorter in longer


def _dates(form: CompiledForm, key: str, values: Sequence[str]) -> str:
    """The way of writing a date that fits nearly all of a column's values; "" where none does, or there are no dates."""
    if form.shown[key][0].name not in ("date", "moment"):
        return ""
    filled = [value for value in values if value.lower() not in EMPTY]
    for told in (day + time for time in TIMES for day in DATES):
        if filled and sum(parse_date(value, told) is not None for value in filled) >= FITS * len(filled):
            return told
    return ""


def _key(gate: Gate, form: CompiledForm, table: Table, columns: dict[int, str]) -> str:
    """The field that tells which record a row is: a number first, then what names a record, then what is different in each row."""
    able = telling(gate, form)
    apart = []
    for place, key in columns.items():
        values = [value for value in table.column(place) if value]
        if key in able and len(values) == len(table.rows) == len(set(values)):
            apart.append(key)
    serials = [key for key in apart if form.form.by_key[key].type == "serial"]
    return next(iter([*serials, *(key for key in apart if key == form.form.title)]), "")
