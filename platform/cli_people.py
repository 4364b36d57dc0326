"""`formloom workspace` and `formloom user`: who there is to work, and where."""

from __future__ import annotations

import click

from .cli_opening import opened_app, workspace_of


@click.group()
def workspace() -> None:
    """Workspaces."""


@workspace.command("add")
@click.argument("slug")
@click.argument("name")
def add_workspace(slug: str, name: str) -> None:
    """Make an empty workspace: SLUG is short, NAME is what people read."""
    from .access.workspaces import create_workspace
    from .db import system

    with opened_app() as app:
        create_workspace(app.extensions["formloom"], app.extensions["workspaces"], slug, name)
        system.session.commit()


@click.group()
def user() -> None:
    """People."""


@user.command("add")
@click.argument("workspace")
@click.argument("email")
@click.option("--name", required=True)
@click.option("--admin", is_flag=True, help="An administrator of the workspace.")
@click.password_option()
def add_user(workspace: str, email: str, name: str, admin: bool, password: str) -> None:
    """Bring a person into a WORKSPACE, with an account unless there is one for EMAIL."""
    from .access.joining import Person, bring_in

    with opened_app() as app:
        bring_in(workspace_of(app, workspace), Person(name, email, {}, admin=admin), password)


@user.command("invite")
@click.argument("workspace")
@click.argument("email")
def invite_user(workspace: str, email: str) -> None:
    """Print a link with which a member of a WORKSPACE sets a password."""
    from .access.joining import renew_invitation
    from .access.members import find_member

    with opened_app() as app:
        opened = workspace_of(app, workspace)
        with opened.reading() as connection:
            member_id = find_member(connection, email)
        config = app.extensions["formloom"]
        click.echo(f"{config.address}/invitations/{renew_invitation(opened, member_id)}")


