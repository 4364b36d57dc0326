"""What each kind of errand does. A delivery may happen twice and must end the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sqlalchemy as sa

from ..access.actor import SYSTEM
from ..db import Workspace
from ..workflow import news, notices
from ..workflow.commands import Commands
from ..workflow.sheet_work import advance_import


def notify(connection: sa.Connection, errand: sa.Row) -> None:
    notices.tell(connection, errand.key, errand.payload, errand.created_at)


def advance(workspace: Workspace, errand: sa.Row) -> None:
    """The automatic transitions of a record that another record's change may have made possible."""
    Commands(workspace, SYSTEM, errand.payload["app"]).advance(errand.payload["form"], errand.payload["id"])


def remind(workspace: Workspace, errand: sa.Row) -> None:
    told = errand.payload
    Commands(workspace, SYSTEM, told["app"]).remind(told["form"], told["id"], told["reminder"], told["timer"])


def retime(workspace: Workspace, errand: sa.Row) -> None:
    Commands(workspace, SYSTEM, errand.payload["app"]).set_timers(errand.payload["form"], errand.payload["after"])


def follow(workspace: Workspace, errand: sa.Row) -> None:
    news.tell_of_transition(workspace, errand.key, errand.payload, errand.created_at)


def asked(workspace: Workspace, errand: sa.Row) -> None:
    news.tell_of_request(workspace, errand.key, errand.payload, errand.created_at)


def comment(workspace: Workspace, errand: sa.Row) -> None:
    news.tell_of_comment(workspace, errand.payload, errand.created_at)


def sheet(workspace: Workspace, errand: sa.Row) -> None:
    advance_import(workspace, errand.payload["import"])


WITHIN: Mapping[str, Callable[[sa.Connection, sa.Row], None]] = {"notify": notify}
"""Deliveries that are writes in the workspace's own database: one transaction with their completion."""

OUTSIDE: Mapping[str, Callable[[Workspace, sa.Row], None]] = {
    "advance": advance, "remind": remind, "retime": retime, "follow": follow, "asked": asked, "comment": comment, "sheet": sheet,
}  # fmt: skip
"""Deliveries with transactions of their own, or none."""
