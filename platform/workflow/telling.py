"""Telling people what happened, each in what they may see of it: errands for the outbox."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..definition.flow import Who
from ..records.draft import Draft
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
