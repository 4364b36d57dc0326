"""The `formloom` command: what the operator does outside the browser."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from . import config as settings
from .cli_export import export
from .cli_opening import only_slug, opened_app, slugs, workspace_of
from .cli_outbox import outbox
from .cli_people import user, workspace


@click.group()
@click.version_option(package_name="formloom")
def main() -> None:
    """Formloom: apps built from data. Settings come from the environment, see README.md."""


@main.command()
@click.option("--demo", is_flag=True, help="Make a workspace with the order app, sample people and records first.")
def run(demo: bool) -> None:
    """Serve the product with its worker."""
    from .app import create_app
    from .demo import set_up
    from .jobs.supervisor import supervise

    app = create_app(settings.from_environment())
    sign_ins = set_up(app) if demo else []

    def ready(address: str) -> None:
        click.echo(f"Formloom is at {address}")
        for one in sign_ins:
            click.echo(f"  {one.email:<20} {one.password}   {one.roles}")

    sys.exit(supervise(app, app.extensions["formloom"], ready))


@main.command()
def worker() -> None:
    """Run only the worker, beside a web server of your own."""
    from .app import bare_app
    from .jobs.worker import work

    work(bare_app(settings.from_environment()))


@main.command()
@click.argument("workspaces", nargs=-1)
def check(workspaces: tuple[str, ...]) -> None:
    """Check that WORKSPACES (all when none is named) keep what the product promises."""
    from .workflow.soundness import check as check_workspace

    with opened_app() as app:
        found = [
            f"{slug}: {problem}"
            for slug in workspaces or slugs()
            for problem in check_workspace(workspace_of(app, slug))
        ]
    for line in found:
        click.echo(line)
    click.echo("all is well" if not found else f"{len(found)} problems", err=bool(found))
    sys.exit(1 if found else 0)


@main.command()
@click.argument("workspaces", nargs=-1)
def index(workspaces: tuple[str, ...]) -> None:
    """Make the search indexes of WORKSPACES (all when none is named) anew, while they are in use."""
    from .workflow.filling import refill

    with opened_app() as app:
        for slug in workspaces or slugs():
            for app_key in refill(workspace_of(app, slug)):
                click.echo(f"{slug}: {app_key} is indexed")


@main.command()
@click.argument("workspaces", nargs=-1)
def checkpoint(workspaces: tuple[str, ...]) -> None:
    """Hold on to where all histories of WORKSPACES (all when none is named) stand; `check` compares with it."""
    from .records.checkpoints import take
    from .workflow.outbox import now

    with opened_app() as app:
        for slug in workspaces or slugs():
            taken = take(workspace_of(app, slug), now())
            click.echo(f"{slug}: {taken.records} records at {taken.at:%Y-%m-%d %H:%M}, {taken.hash}")


@main.command()
@click.argument("workspace")
@click.argument("app_key", metavar="APP")
@click.argument("form")
@click.argument("number", type=int)
@click.argument("fields", nargs=-1, required=True)
@click.option("--copies", is_flag=True, help="Also where look-ups of other records have copied them.")
@click.confirmation_option(prompt="They are gone for good then, from the history too. Go on?")
def erase(workspace: str, app_key: str, form: str, number: int, fields: tuple[str, ...], copies: bool) -> None:
    """Take personal values out of a record, by its NUMBER, and out of its history: FIELDS, as in phone, lines.note
    or "#opinion" (of all votes)."""
    from .access.actor import SYSTEM
    from .workflow.commands import Commands

    with opened_app() as app:
        Commands(workspace_of(app, workspace), SYSTEM, app_key).erase(form, number, fields, copies)


@main.command()
@click.argument("workspace")
@click.argument("app_key", metavar="APP")
@click.option("--access", "act", flag_value="access", help="The roles and what they may do alone, of the draft.")
@click.option("--resume", "act", flag_value="resume", help="Go on with a publish that stopped halfway.")
@click.option("--drop", "act", flag_value="drop", help="Give up a publish that stopped halfway.")
def publish(workspace: str, app_key: str, act: str | None) -> None:
    """Let the draft of an APP go live, while it is in use."""
    from .workflow import publication
    from .workflow.access_alone import publish_access

    with opened_app() as app:
        opened = workspace_of(app, workspace)
        if act == "drop":
            publication.drop(opened, app_key)
            click.echo("the live version stays")
        elif act == "resume":
            click.echo(f"version {publication.resume(opened, app_key)} runs")
        else:
            by_draft = publish_access if act == "access" else publication.publish
            click.echo(f"version {by_draft(opened, app_key, None)} runs")


@main.command()
@click.argument("workspace")
@click.argument("app_key", metavar="APP")
@click.option("--yes", is_flag=True, help="Without asking.")
@click.option("--forget", is_flag=True, help="Take the values of removed fields out of the history too.")
def purge(workspace: str, app_key: str, yes: bool, forget: bool) -> None:
    """Show what removed fields and forms of an APP left behind, and drop it."""
    from .access.actor import SYSTEM
    from .workflow.purging import purge_app, purgeable

    with opened_app() as app:
        opened = workspace_of(app, workspace)
        found = purgeable(opened, app_key, SYSTEM)
        for piece in found:
            what = "all of it" if piece.whole else f"column {piece.column}"
            click.echo(f"{'.'.join(filter(None, (piece.form, piece.path)))}: {what}, {piece.count} {'rows' if piece.whole else 'values'}")
        if not found:
            click.echo("nothing is left behind")
        elif yes or click.confirm("This cannot be undone. Drop it?"):
            purge_app(opened, app_key, SYSTEM, forget)


@main.command("import")
@click.argument("mapping", required=False)
@click.argument("folder", required=False, type=click.Path(exists=True, path_type=Path))
@click.option("--workspace", help="Where to; may be left out where there is only one.")
@click.option("--app", "app_key", help="The app, where it is not the one that the MAPPING names.")
@click.option("--refused", type=click.Path(path_type=Path), help="A folder for the rows that could not be taken.")
@click.option("--undo", type=int, metavar="RUN", help="Take an import back, by its number.")
def import_(
    mapping: str | None, folder: Path | None, workspace: str | None, app_key: str | None, refused: Path | None, undo: int | None
) -> None:
    """Import the .csv and .xlsx files of a FOLDER, or the sheets of one .xlsx, by a MAPPING (a shipped one, like northwind, or a file)."""
    from . import importing

    if undo is None and folder is None:
        raise click.UsageError("Name a MAPPING and a FOLDER, or an import to --undo.")
    with opened_app() as app:
        opened = workspace_of(app, workspace or only_slug())
        lines = (
            importing.import_folder(opened, mapping, folder, app_key, refused) if undo is None else importing.undo(opened, undo)
        )
        for line in lines:
            click.echo(line)


@main.command("import-app")
@click.argument("workspace")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", help="The key it gets here; its own otherwise.")
def import_app(workspace: str, file: Path, key: str | None) -> None:
    """Start the app of a FILE, as `export` wrote it, in a WORKSPACE."""
    from .definition.bundle import read
    from .gallery import start_app

    with opened_app() as app:
        document = read(file) | ({"key": key} if key else {})
        click.echo(f"{start_app(workspace_of(app, workspace), document, None)} is running")


@main.command()
@click.argument("workspace")
@click.argument("app_key", metavar="APP")
@click.argument("key")
def clone(workspace: str, app_key: str, key: str) -> None:
    """Start a copy of an APP of a WORKSPACE under another KEY."""
    from .gallery import clone_app

    with opened_app() as app:
        click.echo(f"{clone_app(workspace_of(app, workspace), app_key, key, None)} is running")


@main.command()
@click.argument("workspace")
@click.argument("file", type=click.Path(path_type=Path))
def backup(workspace: str, file: Path) -> None:
    """Copy a WORKSPACE to FILE, also while it is in use."""
    from .backup import back_up

    with opened_app():
        back_up(workspace, file)


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("workspace")
@click.option("--name", help="What people read; the WORKSPACE's own name otherwise.")
def restore(file: Path, workspace: str, name: str | None) -> None:
    """Make a new WORKSPACE of a backup FILE."""
    from .backup import restore as restore_workspace

    with opened_app():
        restore_workspace(file, workspace, name or workspace)


main.add_command(export)
main.add_command(outbox)
main.add_command(workspace)
main.add_command(user)
