"""`formloom export`: an app, or the records of one of its forms, as a file."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import click

from .cli_opening import opened_app, workspace_of


@click.command()
@click.argument("workspace")
@click.argument("app_key", metavar="APP")
@click.argument("form", required=False)
@click.option("--to", type=click.Path(path_type=Path), help="A file; the terminal otherwise.")
@click.option("--view", help="Of a FORM: the columns, order and rows of this view.")
@click.option("--as", "email", metavar="EMAIL", help="Of a FORM: no more than this member sees.")
def export(workspace: str, app_key: str, form: str | None, to: Path | None, view: str | None, email: str | None) -> None:
    """Write an APP of a WORKSPACE as one JSON file, or the records of one FORM as comma-separated values."""
    from .definition.bundle import export_app, written

    if not form and (view or email):
        raise click.UsageError("Name a FORM for --view and --as.")
    with opened_app() as app, workspace_of(app, workspace).reading() as connection:
        if form:
            _write_records(connection, workspace_of(app, workspace), (app_key, form, view, email), to)
            return
        text = written(export_app(connection, app_key))
    if to:
        to.write_text(text, "utf-8")
    else:
        click.echo(text, nl=False)


def _write_records(connection, opened, asked: tuple, to: Path | None) -> None:
    from .access.actor import SYSTEM
    from .access.members import find_member, load_actor
    from .formats import formats_for
    from .records import export as sheets
    from .records.compiled import open_app
    from .records.query import Gate

    app_key, form, view, email = asked
    actor = load_actor(connection, find_member(connection, email)) if email else SYSTEM
    gate = Gate(connection, open_app(opened, connection, app_key), actor)
    query, columns = sheets.query_of(gate, form, view)
    with _opened(to) as out:
        sheets.write(out, sheets.sheet(gate, query, columns, formats_for(actor.language, gate.compiled.app.zone)))


@contextmanager
def _opened(to: Path | None) -> Iterator[TextIO]:
    """A file that spreadsheets take for UTF-8, or the terminal."""
    if to is None:
        yield sys.stdout
    else:
        with open(to, "w", encoding="utf-8-sig", newline="") as out:
            yield out
