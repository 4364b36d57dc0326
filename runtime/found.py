"""Records in a line each, as searches, links and the start page show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ..platform.definition.flow import Status
from ..platform.definition.model import Form
from ..platform.formats import Formats
from ..platform.records.query import Gate
from ..platform.records.results import Query
from .naming import naming_fields, subtitle_of, title_of
from .navigation import list_path


@dataclass(frozen=True)
class Found:
    """One record of a form."""

    form: Form
    title: str
    subtitle: str
    status: Status | None
    at: datetime
    href: str


def found_records(gate: Gate, query: Query, formats: Formats) -> tuple[list[Found], bool]:
    """The first records of a query, named, and whether there are more; the query's own fields are not needed."""
    form = gate.compiled.form(query.form)
    page = gate.page(Query(query.form, naming_fields(gate, query.form), query.where, query.sort, limit=query.limit, search=query.search))
    statuses = form.statuses.by_key if form.statuses else {}
    path = list_path(gate.compiled.app.key, query.form)
    found = [
        Found(
            form.form, title_of(form, row, formats, page.titles), subtitle_of(form, row, formats, page.titles),
            statuses.get(row.status), row.updated_at, f"{path}{row.id}",
        )  # fmt: skip
        for row in page.rows
    ]
    return found, page.next is not None
