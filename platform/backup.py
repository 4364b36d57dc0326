"""One workspace to a file and back, while the product runs.

The file is a copy of the database, with the contents of its attachments in a table of their own.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa
from flask import current_app
from flask_babel import lazy_gettext as _

from . import db
from .access import workspaces
from .access.accounts import create_account, find_account
from .access.members import member
from .errors import FormloomError, NotFound
from .migrations.upgrade import bring_up
from .records.attachments import INCOMING
from .workflow.filling import fill_missing

CONTENT = re.compile("[0-9a-f]{32}")
PAGES = 2000  # copied at a time; writers get their turn in between


class NotPossible(FormloomError):
    status = 422
    code = "not_possible"


def back_up(slug: str, target: Path) -> None:
    """A copy of one moment, complete or not there at all."""
    config = current_app.extensions["formloom"]
    if config.postgresql:
        folder = db.files_folder(config, slug)
        raise NotPossible(_("A workspace on PostgreSQL is a schema."), f"pg_dump --schema={db.schema_of(slug)}; {folder}")
    source = db.workspace_file(config, slug)
    if not source.exists():
        raise NotFound
    unfinished = target.with_name(target.name + ".unfinished")
    unfinished.unlink(missing_ok=True)
    with closing(sqlite3.connect(source)) as reading, closing(sqlite3.connect(unfinished)) as writing:
        reading.backup(writing, pages=PAGES)
        writing.execute("PRAGMA journal_mode=delete")  # one file, whole in itself
        _put_contents(writing, db.files_folder(config, slug))
    unfinished.rename(target)


def restore(source: Path, slug: str, name: str) -> None:
    """A backup as a new workspace, here or elsewhere; its people find their accounts by their mail addresses."""
    config, opened = current_app.extensions["formloom"], current_app.extensions["workspaces"]
    if config.postgresql:
        raise NotPossible(_("A workspace on PostgreSQL is a schema."), "pg_restore")
    if not source.is_file():
        raise NotFound
    workspaces.clear_unfinished(config, opened, slug)
    file = db.workspace_file(config, slug)
    file.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(source)) as reading, closing(sqlite3.connect(file)) as writing:
        reading.backup(writing)
        _take_contents(writing, db.files_folder(config, slug))
    if bring_up(opened[slug], "workspace"):
        fill_missing(opened[slug])
    row = workspaces.add_row(slug, name)
    with opened[slug].writing() as connection:
        _find_accounts(connection, row.id)
    db.system.session.commit()


def _put_contents(copy: sqlite3.Connection, folder: Path) -> None:
    """Contents never change, so that those of the copy's rows can be read afterwards; what was purged since is left out."""
    copy.execute("CREATE TABLE backup_content (name TEXT PRIMARY KEY, content BLOB NOT NULL)")
    for (name,) in copy.execute("SELECT content FROM attachment").fetchall() if _has(copy, "attachment") else ():
        for file in (folder / name[:2] / name, folder / INCOMING / name):
            if file.is_file():
                copy.execute("INSERT OR IGNORE INTO backup_content VALUES (?, ?)", (name, file.read_bytes()))
    copy.commit()


def _take_contents(restored: sqlite3.Connection, folder: Path) -> None:
    """Back to files; a backup of an older release has none."""
    if not _has(restored, "backup_content"):
        return
    for name, content in restored.execute("SELECT name, content FROM backup_content"):
        if CONTENT.fullmatch(name):
            (folder / name[:2]).mkdir(parents=True, exist_ok=True)
            (folder / name[:2] / name).write_bytes(content)
    restored.execute("DROP TABLE backup_content")
    restored.commit()
    restored.execute("VACUUM")


def _has(connection: sqlite3.Connection, table: str) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)).fetchone() is not None


def _find_accounts(connection: sa.Connection, workspace_id: int) -> None:
    """Account numbers are those of the installation the backup came from: ours go by mail address."""
    people = connection.execute(sa.select(member).where(member.c.account_id.is_not(None))).all()
    connection.execute(sa.update(member).values(account_id=None))
    for person in people:
        account = find_account(person.email) or create_account(person.email, None, person.name, person.language)
        connection.execute(sa.update(member).where(member.c.id == person.id).values(account_id=account.id))
        workspaces.join(account.id, workspace_id, person.id, active=person.active)
