"""Lines that a new version would leave at a status it does not have."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from flask_babel import gettext as _

from ..definition.model import App
from ..errors import Problem
from .tables import Columns, form_tables


def stranded_lines(connection: sa.Connection, app: App, columns: Columns) -> Iterator[Problem]:
    """What stands at statuses that the lists of line items lack; nothing may be published before it moved on."""
    inspector, tables = sa.inspect(connection), form_tables(app, columns)
    for form in app.forms:
        for rows in form.rows:
            statuses, table = app.line_statuses(rows), tables[form.key].rows[rows.key]
            if statuses is None or not inspector.has_table(table.name):
                continue
            if "status" not in {column["name"] for column in inspector.get_columns(table.name)}:
                continue
            known = sorted(statuses.by_key)
            found = sa.select(table.c.status, sa.func.count()).where(table.c.status.not_in(known)).group_by(table.c.status)
            for status, number in connection.execute(found.order_by(table.c.status)):
                place = f"forms[{form.key}].fields[{rows.key}].settings.status_list"
                sentence = _("%(n)d lines stand at “%(status)s”. Keep that status until they have moved on.", n=number, status=status)
                yield Problem(place, sentence)
