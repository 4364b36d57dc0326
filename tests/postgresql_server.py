"""A PostgreSQL server of the tests' own, in a folder of its own, reached by its socket alone."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
from pathlib import Path

import sqlalchemy as sa

QUICK = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "autovacuum=off", "wal_level=minimal", "max_wal_senders=0")
SETTINGS = ("listen_addresses=", "max_connections=300", "shared_buffers=128MB", "jit=off")


def binary(name: str) -> str:
    """A server program, from PATH or from where Debian keeps it."""
    found = shutil.which(name)
    if found:
        return found
    kept = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    if not kept:
        raise RuntimeError(f"PostgreSQL's {name} is missing: install PostgreSQL (`make test` does where it may)")
    return str(kept[-1])


def server_user() -> str | None:
    """Who runs the server: PostgreSQL refuses root, so somebody else there; None means ourselves."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


class PostgresqlServer:
    """Started at first use by whichever process asks first; `folder` is shared between them.

    durable: commits reach the disk, as in production; ordinary tests are quicker without.
    """

    def __init__(self, folder: Path, *, durable: bool = False):
        self.folder = folder
        self.durable = durable
        self.user = server_user()

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://formloom@/{database}?host={self.folder}"

    def start(self) -> None:
        """Waits until the server answers; does nothing where it already runs."""
        if (self.folder / "data" / "postmaster.pid").exists():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.user:
            shutil.chown(self.folder, self.user)
        data = self.folder / "data"
        if not (data / "PG_VERSION").exists():
            self._initialise(data)
        self._run(binary("pg_ctl"), "-D", data, "-l", self.folder / "log", "-w", "start")

    def _initialise(self, data: Path) -> None:
        self._run(binary("initdb"), "-D", data, "-U", "formloom", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        settings = (*SETTINGS, f"unix_socket_directories={self.folder}", *(() if self.durable else QUICK))
        with (data / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, _, value in (s.partition("=") for s in settings))

    def stop(self) -> None:
        """Does nothing where no server answers: one that was killed leaves its pid file, and the pid may be another's by now."""
        if self._answers():
            mode = "fast" if self.durable else "immediate"
            self._run(binary("pg_ctl"), "-D", self.folder / "data", "-m", mode, "-w", "stop")

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as door:
            return door.connect_ex(str(self.folder / ".s.PGSQL.5432")) == 0

    def execute(self, *statements: str) -> None:
        """Statements that stand outside any transaction, such as CREATE DATABASE."""
        engine = sa.create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def _run(self, *command: str | Path) -> None:
        become = ["setpriv", f"--reuid={self.user}", "--clear-groups"] if self.user else []
        done = subprocess.run(
            [*become, *map(str, command)], cwd="/", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            stdin=subprocess.DEVNULL, env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{command[0]} failed: {done.stdout}")
