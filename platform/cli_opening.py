"""What a command of the operator works with: the databases without any page, and the workspaces it names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import Flask

from . import config as settings
from .errors import FormloomError


@contextmanager
def opened_app() -> Iterator[Flask]:
    """The databases, for one command; a refusal is a sentence and exit code 1, not a trace."""
    from .app import bare_app, close_app

    app = bare_app(settings.from_environment())
    try:
        with app.app_context():
            try:
                yield app
            except FormloomError as error:
                raise click.ClickException(f"{error} {error.remedy}") from error
    finally:
        close_app(app)


def workspace_of(app: Flask, slug: str):
    from .access.workspaces import named

    return named(app.extensions["workspaces"], slug)


def slugs() -> list[str]:
    from .access.workspaces import all_slugs

    return all_slugs()


def only_slug() -> str:
    found = slugs()
    if len(found) != 1:
        raise click.UsageError("There are several workspaces: name one with --workspace.")
    return found[0]
