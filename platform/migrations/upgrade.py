"""Brings the tables of the system database and of a workspace to what this release expects.

Two chains of migrations, `system/` and `workspace/`, files named `0001_what.py`. A new database
gets today's tables at once and the number of the last migration; an older one is upgraded by
alembic, which is loaded only then.
"""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path

import sqlalchemy as sa

from .. import db

HERE = Path(__file__).parent
LOCK = 7_305_116  # PostgreSQL's advisory lock, so that one process upgrades at a time

TABLES = {
    "system": ("access.accounts", "access.workspaces", "access.sessions", "access.limits", "access.invitations"),
    "workspace": (
        "access.members",
        "access.links",
        "access.substitutes",
        "definition.store",
        "records.attachments",
        "definition.guides",
        "records.comments",
        "records.expand",
        "records.following",
        "records.history",
        "records.form_history",
        "records.checkpoints",
        "records.saved_views",
        "records.search_index",
        "records.votes",
        "records.copies",
        "records.mandates",
        "records.write",
        "workflow.requests",
        "workflow.outbox",
        "workflow.notices",
        "workflow.timers",
        "workflow.publication_log",
        "workflow.intake_log",
        "workflow.sheet_log",
    ),
}
"""The modules that declare tables of ours, by chain."""

version = sa.Table(
    "alembic_version",
    sa.MetaData(),
    sa.Column("version_num", sa.String(32), nullable=False),
    sa.PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
"""As alembic makes it."""


def bring_up(database: db.Workspace, chain: str) -> bool:
    """Creates or upgrades, once among all processes; a look at the version where nothing is to do.

    True where an older database was upgraded.
    """
    with database.reading() as connection:
        if current(connection) == head(chain):
            return False
    with database.writing() as connection:
        _alone(connection)
        if current(connection) is None:
            create_tables(connection, chain)
            return False
        if current(connection) != head(chain):
            run_migrations(connection, chain)
    return True


def create_tables(connection: sa.Connection, chain: str) -> None:
    """All tables of a new database, numbered as the last migration leaves them."""
    tables_of(chain).create_all(connection)
    version.create(connection, checkfirst=True)
    connection.execute(sa.delete(version))
    connection.execute(sa.insert(version).values(version_num=head(chain)))


def tables_of(chain: str) -> sa.MetaData:
    for module in TABLES[chain]:
        importlib.import_module(f"formloom.platform.{module}")
    return db.system.metadata if chain == "system" else db.metadata


def current(connection: sa.Connection) -> str | None:
    """The number of the last migration that ran here; None for an empty database."""
    if not sa.inspect(connection).has_table(version.name):
        return None
    return connection.scalar(sa.select(version.c.version_num))


@cache
def head(chain: str) -> str:
    return max((file.name.partition("_")[0] for file in (HERE / chain).glob("[0-9]*.py")), default="0000")


def alembic_config(chain: str, connection: sa.Connection):
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("version_locations", str(HERE / chain))
    config.set_main_option("path_separator", "newline")
    config.attributes.update(connection=connection, metadata=tables_of(chain))
    return config


def run_migrations(connection: sa.Connection, chain: str) -> None:
    from alembic import command

    command.upgrade(alembic_config(chain, connection), "head")


def _alone(connection: sa.Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
