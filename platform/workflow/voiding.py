"""Votes that count no more: what they were given for has changed."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from ..records import votes
from ..records.draft import Draft
from .differences import differences


def void(connection: sa.Connection, drafts: list[Draft], taken: str | None) -> Mapping[int, int]:
    """Close the open votes of records of one form that change and stay at their status; how many people's, by record.

    taken: the transition that changed them, whose own votes are counted.
    """
    form = drafts[0].form
    if not any(transition.approval for draft in drafts for transition in draft.form.form.flow()):
        return {}
    stays = {d.id: d.status_since for d in drafts if d.status == d.from_status and differences(d)}
    return votes.void(connection, form.app.key, form.key, stays, taken) if stays else {}
