"""Fresh databases for tests, cheap: each kind is built once and copied for every test."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from formloom.platform import db
from formloom.platform.config import Config
from formloom.platform.migrations.upgrade import create_tables
from postgresql_server import PostgresqlServer

SLUG = "demo"
SECRET = "only-for-tests-" * 3

Build = Callable[[Config], None]


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """One process at a time; the tests run in several."""
    with file.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


class Databases:
    """Makes a `Config` whose databases hold what `build` put into them."""

    def __init__(self, folder: Path, server: PostgresqlServer):
        self.folder = folder
        self.server = server
        self.count = 0
        self.prefix = folder.name

    def fresh(self, kind: str, name: str, build: Build, instance: Path) -> Config:
        """kind: "sqlite" or "postgresql"; name: which template, built by `build` at its first use."""
        template = self._template(kind, name, build)
        if kind == "sqlite":
            shutil.copytree(template.instance, instance, dirs_exist_ok=True)
            return _config(instance)
        instance.mkdir()
        self.count += 1
        database = f"test_{self.prefix}_{self.count}"
        self.server.execute(f'CREATE DATABASE "{database}" TEMPLATE "{_database_of(template)}" STRATEGY file_copy')
        return _config(instance, self.server.url(database))

    def drop(self, config: Config) -> None:
        if config.postgresql:
            self.server.execute(f'DROP DATABASE "{_database_of(config)}" WITH (FORCE)')

    def _template(self, kind: str, name: str, build: Build) -> Config:
        """The template's config; built once among all processes."""
        shared = self.server.folder.parent
        instance = shared / f"template-{kind}-{name}-{int(self.server.durable)}"
        url = self.server.url(f"template_{name}") if kind == "postgresql" else ""
        config = _config(instance, url)
        with locked(shared / "templates.lock"):
            if kind == "postgresql":
                self.server.start()
            if not (instance / "built").exists():
                self._build(config, build)
        return config

    def _build(self, config: Config, build: Build) -> None:
        """From nothing, also after a build that failed."""
        shutil.rmtree(config.instance, ignore_errors=True)
        config.instance.mkdir()
        if config.postgresql:
            name = _database_of(config)
            self.server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}"')
        build(config)
        (config.instance / "built").touch()


def _config(instance: Path, url: str = "") -> Config:
    return Config(instance=instance, database_url=url, secret=SECRET, testing=True)


def _database_of(config: Config) -> str:
    return sa.make_url(config.database_url).database


def build_empty(config: Config) -> None:
    """One workspace with our own tables and nothing in them."""
    workspaces = db.Workspaces(config)
    workspace = workspaces[SLUG]
    with workspace.writing() as connection:
        if config.postgresql:
            connection.exec_driver_sql(f"CREATE SCHEMA {db.schema_of(SLUG)}")
        create_tables(connection, "workspace")
    workspaces.dispose()
