"""Telling people what happened, each in what they may see of it: errands for the outbox."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from ..definition.flow import Transition, Who
from ..records.copies import taken
from ..records.draft import Draft
from ..records.following import followers
from .messages import worded
from .outbox import Errand


@dataclass(frozen=True)
class Untold:
    """What an effect wants told of a record; with `rows_key` it may speak of the line with an id."""

    draft: Draft
    who: Who
    message: Mapping[str, str]
    rows_key: str | None = None
    line_id: int | None = None


def told(change, waiting: Iterable[Untold], stem: str | None = None) -> Iterator[Errand]:
    """An errand for all who read the same words of the present draft."""
    record = (change.compiled.app.key, change.form.key, change.draft.id)
    stem = stem or ":".join(map(str, ("notify", *record, change.draft.seq + 1)))
    number = 0
    for untold in waiting:
        line = change.draft.line(untold.rows_key, untold.line_id) if untold.line_id else None
        data, ways = (change.seen(untold.rows_key, line), {"line": untold.rows_key}) if line else (change.data, {})
        for people, words in worded(change.circle, untold.who, untold.message, data, change.actor.id, ways):
            number += 1
            payload = {"member_ids": people, "message": words, "app": record[0], "form": record[1], "record_id": record[2]}
            yield Errand("notify", f"{stem}:{number}", payload, record)


def followers_told(change) -> Iterator[Errand]:
    """An errand for the followers of each record that took a transition: one, where it took several. Left out are
    who did it, and whom an effect tells of it.
    """
    taken = {(row["form_key"], row["record_id"]): row for row in change.saving.events if row["kind"] == "performed"}
    for (form_key, record_id), row in taken.items():
        record = (change.compiled.app.key, form_key, record_id)
        apart = {member_id for errand in change.errands if errand.record == record for member_id in _told_by(errand)}
        people = [one for one in followers(change.connection, record) if one not in apart | {change.person.id}]
        if people:
            payload = {"member_ids": people, "by": change.person.id, "transition": row["transition"]}
            payload |= {"status": row["to_status"] if row["to_status"] != row["from_status"] else None}
            payload |= {"app": record[0], "form": form_key, "record_id": record_id}
            yield Errand("follow", ":".join(map(str, ("follow", *record, row["seq"]))), payload, record)


def _told_by(errand: Errand) -> Iterable[int]:
    return errand.payload["member_ids"] if errand.kind == "notify" or errand.payload.get("copy") else ()


def tell_copies(change, draft: Draft, transition: Transition, round_at: datetime) -> None:
    """Word of the outcome to those who shall have a copy: of this approval, or of all where the record moved on."""
    place = (draft.form.app.key, draft.form.key, draft.id)
    stays = draft.status_since == round_at
    people = taken(change.connection, place, round_at, transition.key if stays else None)
    if people:
        payload = {"member_ids": people, "by": change.actor.id, "transition": transition.key, "copy": True}
        payload |= {"status": None if stays else draft.status, "app": place[0], "form": place[1], "record_id": place[2]}
        change.errands.append(Errand("follow", ":".join(map(str, ("copy", *place, draft.seq))), payload, place))
