"""Databases: `system` (accounts, sessions, workspaces) and one for each workspace.

SQLite: a file each, WAL, synchronous=FULL, with a read engine (deferred, query_only) and a write
engine (BEGIN IMMEDIATE, writers queued). PostgreSQL: a schema each, set on connect, one engine.
"""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.dialects.postgresql import JSONB

from . import bigrams, exact_sql, periods
from .config import Config
from .errors import Busy, DiskFull, FormloomError

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

system = SQLAlchemy(metadata=sa.MetaData(naming_convention=NAMES))
"""Flask-SQLAlchemy, for the system database alone."""

metadata = sa.MetaData(naming_convention=NAMES)
"""Our own tables in every workspace; each module declares those it owns."""

Json = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
"""A JSON document; None is SQL's NULL."""

BUSY_SECONDS = 10
MOST_AWAKE = 16  # workspaces that keep connections open, in each process
SYSTEM_SCHEMA = "formloom"  # on PostgreSQL


class Workspace:
    """One workspace's database: `reading()` and `writing()` give a connection in a transaction."""

    def __init__(self, slug: str, read: sa.Engine, write: sa.Engine, queue: WriterQueue | None, files: Path):
        self.slug = slug
        self.files = files  # the folder of its attachments
        self.read = read
        self.write = write
        self.versions: dict = {}  # compiled published versions, by id (records/compiled.py)
        self._queue = queue

    @property
    def dialect(self) -> str:
        return self.write.dialect.name

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        with self.read.connect() as connection:
            yield connection

    @contextmanager
    def writing(self, keep: bool = True) -> Iterator[sa.Connection]:
        """A transaction that commits when the block ends and rolls back when it raises; without `keep` it leaves
        nothing behind in any case.
        """
        turn = self._queue.turn() if self._queue is not None else nullcontext()
        with turn, self.write.connect() as connection, connection.begin() as transaction:
            yield connection
            if not keep:
                transaction.rollback()

    @property
    def idle(self) -> bool:
        """Whether nobody reads or writes at this moment."""
        return self.read.pool.checkedout() == 0 == self.write.pool.checkedout()

    def rest(self) -> None:
        """Closes the connections that nobody uses; the next one who comes opens new ones."""
        self.read.dispose()
        self.write.dispose()

    def dispose(self) -> None:
        self.rest()
        if self._queue is not None:
            self._queue.close()


class WriterQueue:
    """A fair turn among the writers of one SQLite file, between threads and between processes.

    SQLite's own busy handler polls, so that some writers starve; waiting here first keeps the
    99th percentile a fifth of that.
    """

    def __init__(self, file: Path):
        self._thread = threading.Lock()
        self._handle = file.with_suffix(".lock").open("a")

    @contextmanager
    def turn(self) -> Iterator[None]:
        with self._thread:
            fcntl.flock(self._handle, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._handle, fcntl.LOCK_UN)

    def close(self) -> None:
        self._handle.close()


class Workspaces:
    """Opens workspaces by slug and keeps them; only those used last keep connections open."""

    def __init__(self, config: Config):
        self.config = config
        self._open: dict[str, Workspace] = {}
        self._awake: dict[str, None] = {}  # slugs, the one used last at the end
        self._lock = threading.Lock()

    def __getitem__(self, slug: str) -> Workspace:
        with self._lock:
            if slug not in self._open:
                self._open[slug] = self._connect(slug)
            self._awake.pop(slug, None)
            self._awake[slug] = None
            if len(self._awake) > MOST_AWAKE:
                self._let_rest()
            return self._open[slug]

    def _let_rest(self) -> None:
        """Lets go of the connections of those that were not used for longest, but for any in use just now."""
        for slug in list(self._awake)[:-MOST_AWAKE]:
            if self._open[slug].idle:
                self._open[slug].rest()
                del self._awake[slug]

    def forget(self, slug: str) -> None:
        with self._lock:
            found = self._open.pop(slug, None)
            self._awake.pop(slug, None)
        if found:
            found.dispose()

    def dispose(self) -> None:
        for slug in list(self._open):
            self.forget(slug)

    def _connect(self, slug: str) -> Workspace:
        if self.config.postgresql:
            engine = postgresql_engine(self.config.database_url, schema_of(slug))
            return Workspace(slug, self._bounded(engine), engine, None, files_folder(self.config, slug))
        file = workspace_file(self.config, slug)
        reader, writer = (sqlite_engine(file, write=write) for write in (False, True))
        return Workspace(slug, self._bounded(reader), writer, WriterQueue(file), files_folder(self.config, slug))

    def _bounded(self, engine: sa.Engine) -> sa.Engine:
        """The engine, whose connections know how long a question may take (records/bounded.py)."""
        return engine.execution_options(longest_question=self.config.longest_question)


def schema_of(slug: str) -> str:
    return "ws_" + slug.replace("-", "_")


def workspace_file(config: Config, slug: str) -> Path:
    return config.instance / "workspaces" / f"{slug}.sqlite"


def files_folder(config: Config, slug: str) -> Path:
    return config.instance / "workspaces" / f"{slug}.files"


def system_file(config: Config) -> Path:
    return config.instance / "system.sqlite"


def system_url(config: Config) -> str:
    return config.database_url or f"sqlite:///{system_file(config)}"


def system_options(config: Config) -> dict:
    """The engine options of the system database; on PostgreSQL it is a schema of its own."""
    if not config.postgresql:
        return {"connect_args": {"timeout": BUSY_SECONDS}}
    return {"connect_args": {"options": f"-csearch_path={SYSTEM_SCHEMA} -ctimezone=UTC"}, "pool_size": 8}


def system_reader(config: Config) -> sa.Engine:
    """For the system database's reads, each of one statement: no lock, no transaction to end."""
    if config.postgresql:
        return sa.create_engine(system_url(config), isolation_level="AUTOCOMMIT", **system_options(config))
    return sqlite_engine(system_file(config), write=False)


def sqlite_engine(file: Path, *, write: bool) -> sa.Engine:
    file.parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(f"sqlite:///{file}", connect_args={"timeout": BUSY_SECONDS}, query_cache_size=2000)
    set_up_sqlite(engine, write=write)
    return engine


def set_up_sqlite(engine: sa.Engine, *, write: bool) -> None:
    """WAL, durable commits, foreign keys; the begin that readers or writers need."""

    @sa.event.listens_for(engine, "connect")
    def on_connect(connection, _record):
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=wal")
        cursor.execute("PRAGMA synchronous=full")
        cursor.execute("PRAGMA foreign_keys=on")
        cursor.execute("PRAGMA cache_size=-1000")  # KiB a connection; the system caches the file for all of them
        if not write:
            cursor.execute("PRAGMA query_only=on")
        cursor.close()
        for module in (exact_sql, periods, bigrams):
            module.set_up_sqlite(connection)

    begin = "BEGIN IMMEDIATE" if write else "BEGIN"

    @sa.event.listens_for(engine, "begin")
    def on_begin(connection):
        connection.connection.execute(begin)


def postgresql_engine(url: str, schema: str) -> sa.Engine:
    return sa.create_engine(
        url,
        connect_args={"options": f"-csearch_path={schema} -ctimezone=UTC"},
        pool_size=8,
        max_overflow=8,
        pool_pre_ping=False,
        query_cache_size=2000,
    )


FULL = ("53100", "disk is full", "No space left on device")


def unavailable(error: sa.exc.DBAPIError) -> FormloomError:
    """What a person is told when the database could not take a change, which is then not there."""
    told = (getattr(error.orig, "sqlstate", None), str(error.orig))
    return DiskFull() if told[0] == FULL[0] or any(words in told[1] for words in FULL[1:]) else Busy()
