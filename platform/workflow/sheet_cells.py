"""Cells of a sheet as values of a form's fields, as its person may name them: dates and numbers as people write them,
choices by label, links by name.
"""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from marshmallow import ValidationError

from ..access.rights import READABLE, WRITABLE
from ..definition.inference import number, parse_date, raw
from ..definition.model import NEW, say
from ..errors import Invalid, NotFound
from ..field_type import DEPARTMENT, PERSON
from ..fields.choice import labels
from ..formats import Formats
from ..records.compiled import CompiledForm
from ..records.query import Gate
from ..records.results import Query
from ..records.values import from_json, to_json
from .intake_cells import NotTaken
from .loading import loading_modes

FIGURES = ("number", "money", "percent", "rating")
KEYS = ("serial", "text", "mail", "phone", "url")
"""The types whose value can tell which record a row is."""
LOOKED_THROUGH = 200  # choices of a similar name


class CellReader:
    """Reads cells for one person; what names are looked up is remembered."""

    def __init__(self, gate: Gate, form: CompiledForm, formats: Formats):
        self.gate = gate
        self.form = form
        self.formats = formats
        self._found: dict[tuple[str, str], int] = {}

    def value(self, key: str, word: str, told: str = "") -> Any:
        """A filled cell as the field's value in JSON form; NotTaken says why not. told: how dates are written here."""
        field_type, field = self.form.shown[key]
        try:
            if field_type.points_to(field) is not None:
                return self._named(key, field_type.points_to(field), word)
            if field_type.name == "moment":
                return to_json(self.form, key, self._moment(field_type, field, word, told))
            return to_json(self.form, key, from_json(self.form, key, self._raw(field_type, field, word, told)))
        except ValidationError as error:
            why = " ".join(map(str, error.messages))
            raise NotTaken(_("“%(word)s” is refused: %(why)s", word=word, why=why)) from None

    def _raw(self, field_type, field, word: str, told: str) -> Any:
        if field_type.name == "flag":
            found = raw("flag", word, {}, "")
            if found is None:
                raise NotTaken(_("“%(word)s” is neither yes nor no", word=word))
            return found == "true"
        if field_type.name in FIGURES:
            figure = number(word)
            return word if figure is None else f"{figure:f}"
        if field_type.name == "date":
            return raw("date", word, {}, told) or word
        if field_type.name == "choice":
            known = {said.casefold(): key for key, label in labels(field).items() for said in (key, *label.values())}
            return known.get(word.casefold(), word)
        return field_type.from_cell(word, field)

    def _moment(self, field_type, field, word: str, told: str) -> Any:
        """Without a zone it is meant where the company is."""
        found = (told and parse_date(word, told)) or None
        text = found.isoformat() if found else raw("moment", word, {}, told) or word
        return field_type.parse(text.replace(" ", "T"), field, self.formats)

    def _named(self, path: str, target: str, word: str) -> int:
        if (path, word) not in self._found:
            self._found[path, word] = self._look_for(path, target, word)
        return self._found[path, word]

    def _look_for(self, path: str, target: str, word: str) -> int:
        """The one record, person or department of this name that may be chosen; by its number, where none is called so."""
        same = word.casefold()
        choices = self.gate.choices(self.form.key, path, word, LOOKED_THROUGH)
        ids = {choice.id for choice in choices if choice.title.casefold() == same}
        if not ids and target not in (PERSON, DEPARTMENT):
            ids = self._numbered(target, word)
        if len(ids) > 1:
            raise NotTaken(_("there are several called “%(word)s”", word=word))
        if not ids:
            raise NotTaken(_("there is no “%(word)s” to choose", word=word))
        return ids.pop()

    def _numbered(self, target: str, word: str) -> set[int]:
        """The records of a form that are called so, or have this number, as far as this person sees them."""
        form, found = self.gate.compiled.form(target).form, set()
        keys = [form.title, *(field.key for field in form.fields if field.type == "serial")]
        for key in dict.fromkeys(key for key in keys if key in form.by_key and form.by_key[key].type in KEYS):
            try:
                found |= set(records_with(self.gate, target, key, word))
            except (NotFound, Invalid):
                continue
        return found


def records_with(gate: Gate, form_key: str, key: str, value: str) -> list[int]:
    """At most two records that have a value in a field, as far as the person sees them."""
    query = Query(form_key, (key,), where={"===": [{"var": key}, value]}, limit=2)
    return [row.id for row in gate.page(query).rows]


def fillable(gate: Gate, form: CompiledForm, loads: bool) -> list[str]:
    """The fields that this person may fill from a sheet, be it in a record that is there; with `loads`, as history."""
    grants = form.actor_grants(gate.actor)
    open_ones = {path for grant in grants for modes in grant.modes.values() for path, mode in modes.items() if mode in WRITABLE}
    if loads:
        open_ones |= {path for path, mode in loading_modes(form).items() if mode == "edit"}
    plain = [field.key for field in form.form.fields if field.type != "rows"]
    plain += [f"{rows.key}.{column.key}" for rows in form.form.rows if rows.key in open_ones for column in rows.fields]
    return [path for path in plain if path in open_ones and form.shown[path][0].valued and form.shown[path][0].asks != "files"]


def path_label(form: CompiledForm, path: str, language: str) -> str:
    """What a field is called; of a column with the name of the lines before it."""
    key, _dot, column = path.partition(".")
    labels = [say(form.form.by_key[key].label, language)] + ([say(form.form.field_at(path).label, language)] if column else [])
    return " · ".join(labels)


def telling(gate: Gate, form: CompiledForm) -> list[str]:
    """The fields whose value can tell which record a row is, as far as this person reads them."""
    readable = gate.readable_fields(form.key)
    seen = {path for grant in form.actor_grants(gate.actor) for step, modes in grant.modes.items() if step != NEW for path in modes if modes[path] in READABLE}
    return [key for key in readable if key in seen and form.form.by_key[key].type in KEYS]
