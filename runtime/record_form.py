"""A record's form for one person at one step, made from the definition.

    form = form_for(compiled_form, record.modes, record.values, record.titles, formats)
    form["customer"], `for field in form`   WTForms fields (see FieldInput) of what this person may write
    form.lines["lines"]                     LineItems: `.columns`, `.lines`; of a line `.cells["price"]`:
                                            `.name`, `.typed` in the input, `.text` to read, `.errors`
    form.base_text                          for the hidden input named `base`

A line posts `lines-0-id` (empty of a new one) and those of its cells that may have changed; a line that
posts nothing is removed, and so is one with `lines-0-gone` = "true". The order is that of the page.

and when it comes back:

    form = form_for(..., posted=request.form)
    changes, base = values_from(form)   raises Invalid; or what to hand to the command
    except Invalid as refused: place(form, refused); show the page again
    except Conflict: form.moves_to(record.values); show the page again, with the clashes

Anything posted that is unknown or not writable is refused by name. A field that was not posted, or
whose text is as it was, is left alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from flask_babel import gettext as _
from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict
from wtforms.form import BaseForm

from ..platform.access.rights import WRITABLE
from ..platform.definition.model import say
from ..platform.errors import Invalid, Problem
from ..platform.field_type import Titles
from ..platform.formats import Formats
from ..platform.records.compiled import CompiledForm
from .line_items import LineItems
from .uploads import Posted

CELL = re.compile(r"([a-z0-9_]{1,20})-([0-9]{1,6})-([a-z0-9_]{1,20})", re.ASCII)
PAGE = frozenset({"base", "csrf_token", "key"})
"""What every page posts beside fields."""

SEEN = ("rev", "status")
"""What the page of a record that is there posts besides: how it was seen."""


class RecordForm(BaseForm):
    """WTForms fields of the header, and `lines`: `LineItems` by key of the `rows` field.

    problems: sentences that belong to no field that is open here.
    """

    def __init__(self, compiled: CompiledForm, modes: Mapping[str, str], titles: Titles, formats: Formats, masks: Mapping):
        self.compiled = compiled
        self.modes = modes
        self.problems: list[Problem] = []
        self.base: dict[str, Any] = {}
        self.base_text = "{}"
        super().__init__(dict(_inputs(compiled, modes, titles, formats)))
        for field in self:
            field.flags.required = modes[field.name] == "required" or compiled.form.by_key[field.name].required is True
        self.lines = {rows.key: LineItems(compiled, rows, modes, formats, titles) for rows in compiled.form.rows}
        self.masks = masks

    def knows(self, values: Mapping[str, Any]) -> None:
        """Tell the lines what may be shown of their masked cells."""
        for key, masks in self.masks.items():
            if key in self.lines:
                ids = (line.get("id") for line in values.get(key) or ())
                self.lines[key].masks = dict(zip(ids, masks, strict=False))

    def shown(self, values: Mapping[str, Any]) -> None:
        """Fill from a record, which is what editing starts from."""
        self.process(data={key: values.get(key) for key in self._fields})
        for key, items in self.lines.items():
            items.show(values.get(key) or [])
        self.starts_from(values)

    def starts_from(self, values: Mapping[str, Any]) -> None:
        base = {name: values.get(name) for name in self._fields}
        dumped = {name: self[name].field_type.dump(v, self[name].field) for name, v in base.items() if v is not None}
        editable = {key: items for key, items in self.lines.items() if items.editable}
        dumped |= {key: items.base(values.get(key) or []) for key, items in editable.items()}
        self.base_text = json.dumps(dumped, ensure_ascii=False, separators=(",", ":"))
        self.base = base | {key: items.load_base(dumped[key]) for key, items in editable.items()}

    def moves_to(self, values: Mapping[str, Any]) -> None:
        """After a clash: what was left alone shows what stands there now; what was typed stays, and is
        measured against that.
        """
        for field in self:
            if field.data == self.base.get(field.name) and not field.errors:
                field.process_data(values.get(field.name))
        for key, items in self.lines.items():
            if key in self.base:
                items.moves_to(values.get(key) or [], self.base[key])
        self.starts_from(values)

    def reads(self, posted: MultiDict, values: Mapping[str, Any], also: Collection[str]) -> None:
        """Take what was posted, measured against the base that came with it."""
        posted = _folded(self, posted)
        self.base_text = posted.get("base", "")
        self.base = _load_base(self, self.base_text)
        self.process(posted, data={key: self.base.get(key) for key in self._fields})
        cells, strange = _sorted_names(self, posted, also)
        self.problems += strange
        for key, items in self.lines.items():
            if key in self.base:
                self.problems += items.read(cells.get(key, {}), values.get(key) or [], self.base[key])
            else:
                items.show(values.get(key) or [])
        for name, sentences in (posted.refused if isinstance(posted, Posted) else {}).items():
            self._refuse(name, sentences)

    def _refuse(self, name: str, sentences: Iterable[str]) -> None:
        """Say beside a field or cell why files were not taken."""
        cell = CELL.fullmatch(name)
        if name in self:
            self[name].process_errors = [*self[name].process_errors, *sentences]
        elif cell and (line := self.lines[cell[1]].line_at(int(cell[2]))) is not None:
            line.cells[cell[3]].errors += sentences
        else:
            self.problems += [Problem(name, sentence) for sentence in sentences]


def form_for(
    compiled: CompiledForm,
    modes: Mapping[str, str],
    values: Mapping[str, Any],
    titles: Titles,
    formats: Formats,
    posted: MultiDict | None = None,
    also: Iterable[str] = (),
    masks: Mapping[str, Any] | None = None,
) -> RecordForm:
    """The form of a record (`values` by key) in these modes; filled from `posted` if there is any.

    also: names that the page posts besides, and reads itself.  masks: see `Record`.
    """
    form = RecordForm(compiled, modes, titles, formats, masks or {})
    form.knows(values)
    if posted is None:
        form.shown(values)
    else:
        form.reads(posted, values, {*also, *PAGE})
    return form


def values_from(form: RecordForm) -> tuple[dict[str, Any], dict[str, Any]]:
    """What was changed, and from what: (changes, base) by key. Raises Invalid with every problem."""
    wrong = list(form.problems)
    if not form.validate():
        wrong += [Problem(name, sentence) for name, sentences in form.errors.items() for sentence in sentences]
    for items in form.lines.values():
        wrong += items.problems()
    if wrong:
        raise Invalid(wrong)
    changes = {f.name: f.data for f in form if f.sent and f.data != form.base.get(f.name)}
    for key, items in form.lines.items():
        if key in form.base and items.changed(form.base[key]):
            changes[key] = [line.changes() for line in items.sent()]
    return changes, {key: form.base.get(key) for key in changes}


def typed_values(form: RecordForm, values: Mapping[str, Any]) -> dict[str, Any]:
    """A record's values by key with what stands in the form laid over them."""
    header = {field.name: field.data for field in form}
    return {**values, **header, **{key: items.values() for key, items in form.lines.items() if items.editable}}


def place(form: RecordForm, refused: Invalid) -> None:
    """Put every sentence beside its field or cell; the rest, of what is not open here, is `form.problems`."""
    for problem in refused.problems:
        if problem in form.problems:
            continue
        key, _dot, rest = problem.path.partition(".")
        if key in form:
            beside = form[key].errors = list(form[key].errors)
        elif key in form.lines and not rest:
            beside = form.lines[key].errors
        elif key in form.lines and form.lines[key].place(rest, problem.message):
            continue
        else:
            beside = form.problems
        said = problem if beside is form.problems else problem.message
        if said not in beside:
            beside.append(said)


def problems_of(form: RecordForm) -> list[Problem]:
    """Everything that is wrong with a form, each with the name of the field or cell to go to."""
    found = list(form.problems)
    for name, sentences in form.errors.items():
        found += [Problem(name, sentence) for sentence in sentences]
    for items in form.lines.values():
        found += [Problem(items.key, sentence) for sentence in items.errors]
        for line in items.lines:
            found += [Problem(cell.name, sentence) for cell in line.cells.values() for sentence in cell.errors]
            found += [Problem(items.key, sentence) for sentence in line.errors]
    return found


def _inputs(compiled: CompiledForm, modes: Mapping[str, str], titles: Titles, formats: Formats):
    """(name, WTForms field) of every header field that is writable in these modes."""
    for member in compiled.form.fields:
        if modes.get(member.key) not in WRITABLE or member.key in compiled.rows:
            continue
        field_type, shown = compiled.shown[member.key]
        label, help_text = say(member.label, formats.language), say(member.help, formats.language)
        yield member.key, field_type.input(shown, formats, titles=titles, label=label, description=help_text)


def _folded(form: RecordForm, posted: MultiDict) -> MultiDict:
    """What was posted part by part (`address.city`) as one text, as its field reads it."""
    for field in form:
        names = [f"{field.name}.{part}" for part in field.field_type.parts]
        if any(name in posted for name in names):
            texts = [" ".join(posted.get(name, "").split("\n")).strip() for name in names]
            posted = posted.copy() if not isinstance(posted, Posted) else posted
            posted.setlist(field.name, ["\n".join(texts) if any(texts) else ""])
            for name in names:
                posted.poplist(name)
    return posted


def _load_base(form: RecordForm, text: str) -> dict[str, Any]:
    """The hidden base as Python values: every open header field, and the line items it speaks of."""
    try:
        raw = json.loads(text)
        base = {field.name: field.field_type.revive(raw.get(field.name), field.field) for field in form}
        editable = {key: items for key, items in form.lines.items() if items.editable and key in raw}
        return base | {key: items.load_base(raw[key]) for key, items in editable.items()}
    except (ValidationError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise Invalid([Problem("base", _("This page lost what it started from; load it again."))]) from None


def _sorted_names(form: RecordForm, posted: MultiDict, also: Collection[str]):
    """What was posted for line items, by key, index and column; and a problem for every strange name."""
    cells: dict[str, dict[int, dict[str, list[str]]]] = {}
    strange = []
    for name in posted:
        if name in form or name in also:
            continue
        found = CELL.fullmatch(name)
        if found and found[1] in form.base and found[1] in form.lines:
            cells.setdefault(found[1], {}).setdefault(int(found[2]), {})[found[3]] = posted.getlist(name)
        else:
            problem = _strange(form, found[1] if found else name)
            strange += [problem] if problem not in strange else []
    return cells, strange


def _strange(form: RecordForm, key: str) -> Problem:
    if form.modes.get(key, "hidden") != "hidden":
        return Problem(key, _("This cannot be changed here."))
    return Problem(key[:60], _("There is no field “%(path)s” here.", path=key[:60]))
