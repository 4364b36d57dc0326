"""Two people changed the same field: both values side by side, and the choice between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from ..platform.definition.model import say
from ..platform.errors import Clash
from ..platform.formats import Formats
from ..platform.records.compiled import CompiledForm

CHOICE = "choice-"
THEIRS = "theirs"
KEEP = "keep"  # before the id of a line that one person removed and another changed


@dataclass(frozen=True)
class ClashView:
    name: str
    label: str
    base: str
    mine: str
    theirs: str


def clash_views(form: CompiledForm, clashes: Iterable[Clash], formats: Formats, titles: Mapping) -> list[ClashView]:
    return [_view(form, clash, formats, titles) for clash in clashes]


def _view(form: CompiledForm, clash: Clash, formats: Formats, titles: Mapping) -> ClashView:
    parts = clash.path.split(".")
    field = form.form.by_key[parts[0]]
    label, path = say(field.label, formats.language), parts[0]
    if len(parts) == 3:
        column = field.by_key[parts[2]]
        line = _("line %(number)s", number=int(parts[1]) + 1)
        label, path = f"{label}, {line} · {say(column.label, formats.language)}", f"{parts[0]}.{parts[2]}"
    whole = len(parts) == 2

    def said(value: Any) -> str:
        if whole:
            return _("removed") if value is None else _("the changed line")
        if value is None:
            return _("empty")
        field_type, shown = form.shown[path]
        return field_type.display(value, shown, formats, titles)

    name = f"{parts[0]}-{KEEP}{parts[1]}" if whole and clash.mine is None else "-".join(parts)
    return ClashView(CHOICE + name, label, said(clash.base), said(clash.mine), said(clash.current))


def theirs_kept(changes: Mapping[str, Any], posted: Mapping[str, str]) -> dict[str, Any]:
    """The changes without those that the person gave up for what stands there now."""
    kept = dict(changes)
    given_up = [name.removeprefix(CHOICE).split("-") for name in posted if name.startswith(CHOICE) and posted[name] == THEIRS]
    for key in {parts[0] for parts in given_up if parts[0] in kept}:
        places = [parts[1:] for parts in given_up if parts[0] == key]
        if [] in places:
            del kept[key]
        else:
            kept[key] = _lines_kept(kept[key], places)
    return kept


def _lines_kept(lines: list[dict], places: list[list[str]]) -> list[dict]:
    """Lines without the cells and lines given up, by their place among those sent; with those not removed after all."""
    found: list[dict | None] = [dict(line) for line in lines]
    back = []
    for where, *column in places:
        if where.startswith(KEEP) and where.removeprefix(KEEP).isdigit():
            back.append({"id": int(where.removeprefix(KEEP))})
        elif where.isdigit() and int(where) < len(found) and found[int(where)] is not None:
            if column:
                found[int(where)].pop(column[0], None)
            else:
                found[int(where)] = None
    return [line for line in found if line is not None] + back
