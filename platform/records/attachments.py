"""Files of a workspace: a row for each, its content beside the database, named by the records it belongs to.

An upload belongs to nobody until a command puts it into a record; what nobody claims goes after a day.
Contents never change, so that a backup may copy them at any time.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import BinaryIO

import sqlalchemy as sa
from flask_babel import gettext as _

from ..access.actor import Actor
from ..db import Workspace, metadata
from ..definition.model import Field, say
from ..errors import Invalid, Problem
from ..fields.file import number_of
from ..file_kinds import GROUPS, HEAD, Kind, agrees, is_program, kind_of, safe_name
from .compiled import CompiledForm

MEGABYTE = 1024 * 1024
PIECE = 256 * 1024
MOST_WAITING = 200  # uploads of one person that no record has claimed
UNCLAIMED = timedelta(days=1)
LONG_AGO = datetime(1970, 1, 1)
NOBODYS = {"record_id": None, "uploaded_by": None, "uploaded_at": LONG_AGO, "name": "…"}
INCOMING = "incoming"  # the folder in which contents lie until their row is there

attachment = sa.Table(
    "attachment",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("app_key", sa.Text, nullable=False),
    sa.Column("form_key", sa.Text, nullable=False),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("record_id", sa.Integer),  # None until a command puts it into a record
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("mime", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("content", sa.String(32), nullable=False, unique=True),  # the name of its file
    sa.Column("uploaded_by", sa.Integer),
    sa.Column("uploaded_at", sa.DateTime, nullable=False),
    sa.Index("ix_attachment_record_id_uploaded_at", "record_id", "uploaded_at"),
    sqlite_autoincrement=True,
)


@dataclass(frozen=True)
class Bounds:
    """What a field takes: bytes of one file, and groups of kinds (none: all)."""

    size: int
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class Incoming:
    """A content that has arrived: where it lies, and what it is."""

    file: Path
    size: int
    sha256: str
    kind: Kind


def bounds_of(form: CompiledForm, path: str, largest: int) -> Bounds:
    """Of the field at a path; `largest` is what the installation takes."""
    field_type, field = form.shown[path]
    return Bounds(largest_of(field, largest), field_type.kinds(field))


def largest_of(field: Field, largest: int) -> int:
    """Bytes that one file of a field may have."""
    own = field.settings.get("megabytes")
    return min(largest, own * MEGABYTE) if own else largest


def keep(
    workspace: Workspace, form: CompiledForm, path: str, name: str, stream: BinaryIO, actor: Actor, now: datetime, bounds: Bounds
) -> str:
    """Keep an upload for a field; returns the reference by which a record names it. Invalid says why not."""
    name = safe_name(name)
    incoming = _receive(workspace, stream, bounds.size)
    try:
        _judge(name, incoming, bounds, actor.language, path)
        with workspace.writing() as connection:
            _refuse_hoarding(connection, actor, path)
            number = _add_row(connection, form, path, name, incoming, actor, now)
    except BaseException:
        incoming.file.unlink(missing_ok=True)
        raise
    _settle(workspace, incoming.file)
    return f"{number}/{name}"


def _receive(workspace: Workspace, stream: BinaryIO, largest: int) -> Incoming:
    """Write a stream to a file of its own, piece by piece; one byte too many ends it."""
    file = workspace.files / INCOMING / secrets.token_hex(16)
    file.parent.mkdir(parents=True, exist_ok=True)
    digest, size, head = hashlib.sha256(), 0, b""
    with file.open("xb") as handle:
        while size <= largest and (piece := stream.read(PIECE)):
            head = head or piece[:HEAD]
            size += len(piece)
            digest.update(piece)
            handle.write(piece)
        handle.flush()
        os.fsync(handle.fileno())
    _sync(file.parent)
    return Incoming(file, size, digest.hexdigest(), kind_of(head))


def _judge(name: str, incoming: Incoming, bounds: Bounds, language: str, path: str) -> None:
    if incoming.size > bounds.size:
        most = f"{bounds.size / MEGABYTE:.3g} MB"
        raise _refused(path, _("“%(name)s” is too large: at most %(most)s.", name=name, most=most))
    if not incoming.size:
        raise _refused(path, _("“%(name)s” is empty.", name=name))
    if is_program(name, incoming.kind):
        raise _refused(path, _("“%(name)s” is a program; programs are not taken.", name=name))
    if bounds.groups and incoming.kind.group not in bounds.groups:
        wanted = ", ".join(say(GROUPS[group], language) for group in bounds.groups)
        raise _refused(path, _("“%(name)s” is none of these: %(wanted)s.", name=name, wanted=wanted))
    if not agrees(name, incoming.kind):
        raise _refused(path, _("“%(name)s” is not what its name says.", name=name))


def _refuse_hoarding(connection: sa.Connection, actor: Actor, path: str) -> None:
    waiting = sa.select(sa.func.count()).where(attachment.c.record_id.is_(None), attachment.c.uploaded_by == actor.id)
    if connection.scalar(waiting) >= MOST_WAITING:
        raise _refused(path, _("Too many uploads wait to be saved; save a record first, or come back tomorrow."))


def _add_row(connection: sa.Connection, form: CompiledForm, path: str, name: str, incoming: Incoming, actor: Actor, now: datetime) -> int:
    row = {
        "app_key": form.app.key, "form_key": form.key, "path": path, "name": name, "mime": incoming.kind.mime,
        "size": incoming.size, "sha256": incoming.sha256, "content": incoming.file.name,
        "uploaded_by": actor.id, "uploaded_at": now,
    }  # fmt: skip
    return connection.execute(sa.insert(attachment).values(row)).inserted_primary_key[0]


def _refused(path: str, sentence: str) -> Invalid:
    return Invalid([Problem(path, sentence)])


def one(connection: sa.Connection, number: int) -> sa.Row | None:
    return connection.execute(sa.select(attachment).where(attachment.c.id == number)).first()


def waiting(connection: sa.Connection, form: CompiledForm, number: int, actor: Actor) -> sa.Row | None:
    """An upload of this person for this form that no record has claimed yet."""
    row = one(connection, number)
    mine = row is not None and row.record_id is None and row.uploaded_by == actor.id
    return row if mine and (row.app_key, row.form_key) == (form.app.key, form.key) else None


def unclaimable(
    connection: sa.Connection, form: CompiledForm, path: str, references: set[str], actor: Actor, holding: bool
) -> set[str]:
    """Which of these references this person may not put into a field: not theirs, not for it, or no longer free.

    With `holding`, nobody else can claim the others until the transaction ends.
    """
    here = (attachment.c.id.in_([number_of(reference) for reference in references]), attachment.c.record_id.is_(None))
    own = (attachment.c.app_key == form.app.key, attachment.c.form_key == form.key, attachment.c.path == path)
    found = sa.select(attachment.c.id, attachment.c.name, attachment.c.uploaded_by).where(*here, *own).order_by(attachment.c.id)
    rows = connection.execute(found.with_for_update() if holding else found)
    free = {f"{row.id}/{row.name}" for row in rows if actor.is_system or row.uploaded_by == actor.id}
    return references - free


def claim(connection: sa.Connection, record_id: int, references: Collection[str]) -> None:
    """Let a record own those of these uploads that are free."""
    numbers = [number_of(reference) for reference in references]
    free = (attachment.c.id.in_(numbers), attachment.c.record_id.is_(None))
    connection.execute(sa.update(attachment).where(*free).values(record_id=record_id))


def let_go(connection: sa.Connection, app_key: str, form_key: str, record_id: int | None = None, paths: Collection[str] | None = None) -> None:
    """Give up the files of fields or all columns of line items (of all) of a record (of all): nobody's from now on, without their names; the next
    purge takes them, contents and all.
    """
    here = [attachment.c.app_key == app_key, attachment.c.form_key == form_key]
    here += [] if record_id is None else [attachment.c.record_id == record_id]
    if paths is not None:
        columns = (attachment.c.path.startswith(f"{path}.", autoescape=True) for path in paths)
        here.append(sa.or_(attachment.c.path.in_(list(paths)), *columns))
    connection.execute(sa.update(attachment).where(*here).values(NOBODYS))


def let_go_of(connection: sa.Connection, record_id: int, references: Collection[str]) -> None:
    """The same of these files of a record."""
    here = (attachment.c.id.in_([number_of(reference) for reference in references]), attachment.c.record_id == record_id)
    connection.execute(sa.update(attachment).where(*here).values(NOBODYS))


def content_of(workspace: Workspace, row: sa.Row) -> Path:
    """Where a content lies; where it arrived, if nobody came to move it on."""
    settled = workspace.files / row.content[:2] / row.content
    return settled if settled.exists() else workspace.files / INCOMING / row.content


def purge(workspace: Workspace, now: datetime) -> int:
    """Remove uploads that nobody claimed within a day, and contents that no row names; how many there were."""
    old = now - UNCLAIMED
    stale = (attachment.c.record_id.is_(None), attachment.c.uploaded_at < old)
    with workspace.reading() as connection:
        if connection.scalar(sa.select(attachment.c.id).where(*stale).limit(1)) is None:
            return _sweep(workspace, old)
    with workspace.writing() as connection:
        gone = connection.execute(sa.delete(attachment).where(*stale).returning(attachment.c.content)).all()
    for row in gone:
        content_of(workspace, row).unlink(missing_ok=True)
    return len(gone) + _sweep(workspace, old)


def _sweep(workspace: Workspace, old: datetime) -> int:
    """What an upload that was cut off left behind."""
    limit, removed = old.replace(tzinfo=timezone.utc).timestamp(), 0
    left = [file for file in (workspace.files / INCOMING).glob("*") if file.stat().st_mtime < limit]
    for file in left:
        with workspace.reading() as connection:
            named = connection.scalar(sa.select(attachment.c.id).where(attachment.c.content == file.name))
        if named is not None:
            _settle(workspace, file)
        else:
            file.unlink(missing_ok=True)
            removed += 1
    return removed


def lost_contents(workspace: Workspace, connection: sa.Connection) -> Iterator[str]:
    """The files whose content is missing or other than it was, in words; one may be purged while we look."""
    for row in connection.execute(sa.select(attachment).order_by(attachment.c.id)).all():
        file = content_of(workspace, row)
        if not file.is_file():
            if row.record_id is not None:
                yield f"file {row.id} ({row.name}) has no content"
            continue
        with file.open("rb") as handle:
            digest = _digest(handle)
        if digest != row.sha256:
            yield f"file {row.id} ({row.name}) is not what was uploaded"


def _digest(handle: BinaryIO) -> str:
    digest = hashlib.sha256()
    while piece := handle.read(PIECE):
        digest.update(piece)
    return digest.hexdigest()


def _settle(workspace: Workspace, file: Path) -> None:
    """Out of the way of what arrives."""
    folder = workspace.files / file.name[:2]
    folder.mkdir(parents=True, exist_ok=True)
    file.rename(folder / file.name)


def _sync(folder: Path) -> None:
    """So that the file is still there after a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
