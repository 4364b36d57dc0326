"""Erasing personal values: out of a record, out of all that its history says of them, and out of what was copied.

The chain stays whole: it was made over digests, which stand. What remains of a value elsewhere in the workspace
(messages about the record, what an import brought, the request that sent it) goes with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from ..errors import Invalid, NotFound, Problem
from ..records import attachments, comments, erasure
from ..records.compiled import CompiledForm
from ..records.draft import Draft, copied
from ..records.history import COMMENTS, ERASED, OPINION, SIGNED
from ..registry import fields
from . import intake_log
from .change import Change
from .notices import notice
from .outbox import outbox
from .requests import request

GONE = {"en": "…", "zh": "…"}
BESIDE = (OPINION, COMMENTS)  # of no field


def erase(change: Change, form_key: str, record_id: int, paths: Sequence[str], copies: bool = False) -> Draft:
    """Empty fields ("phone") and columns of all lines ("lines.note"), be the record deleted; for admins alone.
    "#opinion" stands for what people said with their votes on it, "#comments" for what they said about it.

    copies: also in the look-ups of other records that have taken these values over.
    """
    if not (change.actor.admin or change.actor.is_system):
        raise NotFound
    form = change.compiled.form(form_key)
    wrong = [Problem(path, _("This cannot be erased: nobody enters it here.")) for path in paths if not _erasable(form, path)]
    if wrong or not paths:
        raise Invalid(wrong or [Problem("fields", _("Say which fields."))])
    draft = _erase(change, form_key, record_id, list(dict.fromkeys(paths)))
    if copies:
        for other, other_id, path in erasure.copied_to(change.connection, form, record_id, paths):
            _erase(change, other, other_id, [path])
    return draft


def _erase(change: Change, form_key: str, record_id: int, paths: Sequence[str]) -> Draft:
    draft = _held(change, form_key, record_id)
    before, kept = draft.before, [path for path in paths if path not in BESIDE]
    draft.before = copied(before)
    _empty(draft.before, kept)  # else snapshots would be taken from there again
    _empty(draft.values, kept)
    change.derive(draft)
    draft.before = before
    told = [_told(path) for path in paths] + ([SIGNED] if OPINION in paths else [])
    erasure.erase_events(change.connection, change.compiled.app.key, form_key, record_id, told)
    erasure.empty_unused(change.connection, draft.form, record_id, kept)
    change.saving.update([draft], ERASED, erased=told)
    _forget(change, form_key, record_id, paths)
    return draft


def _erasable(form: CompiledForm, path: str) -> bool:
    """What history tells of: what is entered, what look-ups copied, and opinions; and comments."""
    if path in BESIDE:
        return True
    field = form.form.field_at(path)
    if field is None or field.type not in fields or not fields[field.type].stored(field):
        return False
    return field.type == "lookup" or not fields[field.type].computed


def _held(change: Change, form_key: str, record_id: int) -> Draft:
    for deleted in (False, True):
        draft = change.hold_as_system(form_key, record_id, deleted)
        if draft is not None:
            return draft
    raise NotFound


def _told(path: str) -> str:
    """As history names it: "phone", and of lines "lines.*.note"."""
    return path.replace(".", ".*.")


def _empty(values: Mapping[str, Any], paths: Iterable[str]) -> None:
    for path in paths:
        key, dot, column = path.partition(".")
        for holder in values.get(key) or () if dot else (values,):
            holder[column or key] = None


def _forget(change: Change, form_key: str, record_id: int, paths: Sequence[str]) -> None:
    record = (change.compiled.app.key, form_key, record_id)
    attachments.let_go(change.connection, *record, paths)
    if COMMENTS in paths:
        comments.erase(change.connection, record)
    _forget_messages(change.connection, record)
    _forget_imports(change.connection, record, set(paths))
    _forget_requests(change.connection, form_key, record_id)


def _forget_requests(connection: sa.Connection, form_key: str, record_id: int) -> None:
    """What a request sent could be guessed from its digest, be it of one record or of many that were loaded."""
    answer = request.c.answer
    connection.execute(
        sa.update(request)
        .where(answer["form"].as_string() == form_key, answer["id"].as_integer() == record_id)
        .values(digest="")
    )
    loads = sa.select(request.c.actor_id, request.c.key, answer).where(answer["loaded"].as_string().is_not(None))
    for row in connection.execute(loads).all():
        if any((one.get("form"), one.get("id")) == (form_key, record_id) for one in row.answer["loaded"]):
            here = (request.c.actor_id == row.actor_id, request.c.key == row.key)
            connection.execute(sa.update(request).where(*here).values(digest=""))


def _forget_messages(connection: sa.Connection, record: tuple[str, str, int]) -> None:
    """Messages were filled in with values when they were written: that there was one stays, its words go."""
    here = (notice.c.app_key == record[0], notice.c.form_key == record[1], notice.c.record_id == record[2])
    connection.execute(sa.update(notice).where(*here).values(text=GONE))
    sent = (outbox.c.app_key == record[0], outbox.c.form_key == record[1], outbox.c.record_id == record[2])
    for row in connection.execute(sa.select(outbox.c.id, outbox.c.payload).where(*sent)).all():
        if "message" in row.payload:
            bare = row.payload | {"message": GONE}
            connection.execute(sa.update(outbox).where(outbox.c.id == row.id).values(payload=bare))


def _forget_imports(connection: sa.Connection, record: tuple[str, str, int], paths: set[str]) -> None:
    """What an import would compare with or bring back."""
    item, step = intake_log.item, intake_log.step
    here = (item.c.app_key == record[0], item.c.into == record[1], item.c.record_id == record[2])
    for row in connection.execute(sa.select(item.c.id, item.c["values"]).where(*here)).all():
        connection.execute(sa.update(item).where(item.c.id == row.id).values({"values": _without(row.values, paths)}))
        for done in connection.execute(sa.select(step).where(step.c.item_id == row.id)).all():
            bare = {"before": _without(done.before, paths), "after": _without(done.after, paths)}
            connection.execute(sa.update(step).where(step.c.id == done.id).values(bare))


def _without(values: Mapping[str, Any] | None, paths: set[str]) -> dict[str, Any] | None:
    if values is None:
        return None
    found = {}
    for key, value in values.items():
        if key in paths:
            continue
        if isinstance(value, list):
            value = [_line_without(line, key, paths) for line in value]
        found[key] = value
    return found


def _line_without(line: Any, key: str, paths: set[str]) -> Any:
    if not isinstance(line, Mapping):
        return line
    return {name: cell for name, cell in line.items() if f"{key}.{name}" not in paths}
