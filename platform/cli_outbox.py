"""`formloom outbox`: what could not be delivered, and sending it again."""

from __future__ import annotations

import click

from .cli_opening import opened_app, workspace_of


@click.command()
@click.argument("workspace")
@click.argument("numbers", type=int, nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All that could not be delivered.")
def outbox(workspace: str, numbers: tuple[int, ...], everything: bool) -> None:
    """List what could not be delivered in a WORKSPACE; with its NUMBERS, or --all, let the worker try it again."""
    from .jobs import claims

    with opened_app() as app:
        opened = workspace_of(app, workspace)
        if everything or numbers:
            with opened.writing() as connection:
                ids = [row.id for row in claims.dead_letters(connection, limit=None)] if everything else numbers
                again = {number: claims.retry(connection, number) for number in ids}
            for number, found in again.items():
                click.echo(f"{number} is tried again" if found else f"{number} is not among what could not be delivered")
            return
        with opened.reading() as connection:
            letters = claims.dead_letters(connection, limit=None)
    for row in letters:
        about = "/".join(str(part) for part in (row.app_key, row.form_key, row.record_id) if part is not None)
        click.echo(f"{row.id}  {row.kind} {about}  since {row.created_at:%Y-%m-%d %H:%M}  {row.error}")
    if not letters:
        click.echo("everything was delivered")
