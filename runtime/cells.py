"""Cells of a list, drawn in Python: a column knows once how to draw its values, a page only joins them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup, escape

from ..platform.definition.clock import Clock
from ..platform.definition.flow import Status
from ..platform.definition.model import Form, say
from ..platform.formats import Formats, utc_now
from ..platform.records.compiled import CompiledForm
from ..platform.records.results import Row, Titles
from .navigation import hue, initials

Draw = Callable[[Any, Titles, str], str]
"""(value, titles, address of its record) -> HTML."""

PICK = '<td class="pick"><label><input type="checkbox" name="record" value="%d" form="bulk"><span class="seen">{0}</span></label></td>'
MASK = '<span class="masked" title="{0}"><span aria-hidden="true">{1}</span><span class="seen">{0}</span></span>'


@dataclass(frozen=True)
class Column:
    """One column of a list. `kind` is its class: n for figures, state for the status, sub for the subtitle.

    leading: how it is drawn as the first one, which leads to the record and so to nothing else.  in_place: whether
    its values can be edited where they stand.
    """

    key: str
    label: str
    kind: str
    draw: Draw
    sortable: bool
    leading: Draw
    in_place: bool = False


def columns_of(form: CompiledForm, keys: Sequence[str], formats: Formats) -> list[Column]:
    """The columns with these keys; "status" and fields."""
    return [_status_column(form, formats) if key == "status" else _column(form, key, formats) for key in keys]


def table_rows(form: Form, columns: Sequence[Column], rows: Sequence[Row], titles: Titles, address: str, picks: bool = False) -> Markup:
    """The rows of a table; the first column leads to the record at `address` + its id, and `picks` puts a box before it."""
    hidden = escape(_("Not shown to you"))
    openings = [(opening := _opening(form, column, index), _open(opening, column)) for index, column in enumerate(columns)]
    parts: list[str] = []
    box = PICK.format(escape(_("Pick this row"))) if picks else ""
    for row in rows:
        parts.append(f'<tr id="row-{row.id}">' + (box % row.id if box else ""))
        for index, column in enumerate(columns):
            if column.key in row.masked:
                drawn = masked(row.masks[column.key], hidden) if column.key in row.masks else ""
            else:
                draw = column.draw if index else column.leading
                drawn = draw(_value(column, row), titles, f"{address}{row.id}")
            if index == 0:
                drawn = f'<a class="key" href="{address}{row.id}">{drawn or f"#{row.id}"}</a>'
            parts.append(openings[index][column.in_place and column.key in row.writable])
            parts.append(drawn)
            parts.append("</td>")
        parts.append("</tr>\n")
    return Markup("".join(parts))


def masked(hint: str, said: str) -> str:
    """A value of which no more is shown than that it is there."""
    return MASK.format(said, escape(hint))


def _value(column: Column, row: Row) -> Any:
    return row if column.key == "status" else row.values.get(column.key)


def _open(opening: str, column: Column) -> str:
    """The start of a cell that can be edited where it stands."""
    return f'{opening[:-1]} data-key="{column.key}">'


def _opening(form: Form, column: Column, index: int) -> str:
    """The cell's start; labels are for narrow screens, where a row folds into a card."""
    if index == 0:
        return '<td class="lead">'
    if column.key in (form.title, form.subtitle) or column.kind == "state":
        return f'<td class="{column.kind or "sub"}">'
    classes = f' class="{column.kind}"' if column.kind else ""
    return f'<td{classes} data-label="{escape(column.label)}">'


def _column(form: CompiledForm, key: str, formats: Formats) -> Column:
    field_type, shown = form.shown[key]
    label = say(form.form.by_key[key].label, formats.language)
    if field_type.name == "money":
        label = f"{label} {formats.symbol(form.app.currency)}"
    kind, draw = "n" if field_type.figures else "", drawer(field_type, shown, formats)
    leading = words(field_type, shown, formats) if field_type.leads else draw
    return Column(key, label, kind, draw, field_type.sortable, leading, field_type.asks != "files")


def drawer(field_type, field, formats: Formats) -> Draw:
    """How values of a field are drawn as HTML; an empty one as nothing."""
    special = {"person": _person, "flag": _flag, "date": _date, "moment": _moment}
    if field_type.name in special:
        return special[field_type.name](field_type, field, formats)
    drawn = field_type.drawer(field, formats)
    return lambda value, titles, address: "" if value is None else drawn(value, titles, address)


def words(field_type, field, formats: Formats) -> Draw:
    """Values as their text alone."""
    return lambda value, titles, address: "" if value is None else str(escape(field_type.display(value, field, formats, titles)))


def badge(label: str, colour: str) -> str:
    return f'<span class="badge hue-{colour}">{escape(label)}</span>'


def _person(field_type, field, formats: Formats) -> Draw:
    drawn: dict[int, str] = {}  # the same few people in many rows

    def draw(value, titles, address):
        if value is None:
            return ""
        if value not in drawn:
            drawn[value] = str(person(titles.get(("person", value), f"#{value}"), value))
        return drawn[value]

    return draw


def person(name: str, number: int | None) -> Markup:
    return Markup(
        '<span class="person"><span class="avatar hue-{}" aria-hidden="true">{}</span><span>{}</span></span>'
    ).format(hue(number), initials(name), name)


def _flag(field_type, field, formats: Formats) -> Draw:
    """A tick with its word for readers; no is left blank, as in a table on paper."""
    yes = escape(field_type.display(True, field, formats))
    ticked = f'<span class="tick"><span class="seen">{yes}</span></span>'
    return lambda value, titles, address: ticked if value else ""


def _date(field_type, field, formats: Formats) -> Draw:
    today = formats.today()
    return lambda value, titles, address: "" if value is None else formats.short_date(value, today)


def _moment(field_type, field, formats: Formats) -> Draw:
    return lambda value, titles, address: "" if value is None else formats.moment(value)


def _status_column(form: CompiledForm, formats: Formats) -> Column:
    statuses: Mapping[str, Status] = form.statuses.by_key if form.statuses else {}
    badges = {s.key: badge(say(s.label, formats.language), s.colour) for s in statuses.values()}
    now, clock = utc_now(), form.app.clock

    def draw(row: Row, titles: Titles, address: str) -> str:
        status = statuses.get(row.status)
        if status is None:
            return str(escape(row.status))
        if row.flow_id is not None:
            status = form.compiled.form(form.key, row.flow_id).statuses.by_key[row.status]
        late = overdue(clock, status, row.status_since, now)
        return badges[row.status] + (f' <span class="bad small">{escape(late)}</span>' if late else "")

    return Column("status", _("Status"), "state", draw, True, draw)


def overdue(clock: Clock, status: Status, since: datetime, now: datetime) -> str:
    """By how much a record has outstayed the time its status allows, in words; "" if it has not.

    On the app's working calendar if there is one; then a day is one day's work.
    """
    if status.hours_allowed is None or status.clock_stands:
        return ""
    over = clock.elapsed(since, now) - timedelta(hours=status.hours_allowed)
    if over <= timedelta(0):
        return ""
    if over < 2 * clock.day_length:
        return _("%(hours)s h late", hours=max(over // timedelta(hours=1), 1))
    return _("%(days)s days late", days=over // clock.day_length)


def due(clock: Clock, status: Status, since: datetime) -> datetime | None:
    """When the time that a status allows is over; None where no clock runs."""
    if status.hours_allowed is None or status.clock_stands:
        return None
    return clock.later(since, hours=status.hours_allowed, working=True)
