"""A list as a sheet to keep: every row of it, not a page alone."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import islice
from typing import IO

from flask import Blueprint, Response, request, send_file

from ..platform.access.policy import member
from ..platform.definition.model import say
from ..platform.records import export, xlsx
from ..platform.records.results import Query
from .listing import Listing
from .opening import formats, gate_of

blueprint = Blueprint("sheets", __name__)

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/apps/<app_key>/<form_key>.csv")
@member
def csv(app_key: str, form_key: str) -> Response:
    """What the list of this address without .csv shows, as comma-separated values; whole before it is sent."""
    listing = Listing(gate_of(app_key), form_key, request.args, formats())

    def write(out: IO[bytes]) -> None:
        text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="")
        export.write(text, ([export.text(value) for value in row] for row in _rows(listing)))
        text.detach()

    return _sent(write, "text/csv", f"{form_key}.csv")


@blueprint.get("/apps/<app_key>/<form_key>.xlsx")
@member
def workbook(app_key: str, form_key: str) -> Response:
    """The same as a workbook, in which figures are figures and days are days."""
    listing = Listing(gate_of(app_key), form_key, request.args, formats())
    name = say(listing.form.form.plural, listing.formats.language)
    return _sent(lambda out: xlsx.write(out, name, _rows(listing)), WORKBOOK, f"{form_key}.xlsx")


def _rows(listing: Listing) -> Iterator[list[export.Value]]:
    """The heads, then every row; of a list in groups group by group, each with its group in front unless a column says it."""
    def values(query: Query) -> Iterator[list[export.Value]]:
        return export.values(listing.gate, query, listing.column_keys, listing.formats)

    grouping = listing.grouping
    if grouping is None:
        yield from values(listing.query)
        return
    said = not grouping.period and grouping.key in listing.column_keys
    yield [*([] if said else [grouping.label]), *next(values(listing.query))]
    for group, query in grouping.parts:
        yield from ([*([] if said else [group]), *row] for row in islice(values(query), 1, None))


def _sent(write: Callable[[IO[bytes]], None], kind: str, name: str) -> Response:
    """What is written, row by row into a file of no name, that is closed with the answer."""
    with ExitStack() as opened:
        out = opened.enter_context(tempfile.TemporaryFile())
        write(out)
        opened.pop_all()
    out.seek(0)
    return send_file(out, kind, as_attachment=True, download_name=name)
