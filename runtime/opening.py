"""What a page works with: one read connection a request, the gate and the commands for the one who asks."""

from __future__ import annotations

import sqlalchemy as sa
from flask import g

from ..platform.access.policy import open_reading
from ..platform.definition.store import running
from ..platform.errors import NotFound
from ..platform.formats import Formats, formats_for
from ..platform.records.compiled import Compiled, version
from ..platform.records.query import Gate
from ..platform.workflow.commands import Commands


def reading() -> sa.Connection:
    """The request's own connection."""
    return g.reading if "reading" in g else open_reading(g.workspace)


def end_reading(_error: BaseException | None = None) -> None:
    """Lets go of the connection, so that what is read next is of now."""
    opened = g.pop("reading_opened", None)
    if opened is not None:
        for name in ("reading", "apps", "gates"):
            g.pop(name, None)
        opened.__exit__(None, None, None)


def live_apps() -> dict[str, Compiled]:
    """The published apps of the workspace, by key."""
    if "apps" not in g:
        found = running(reading())
        g.apps = {key: version(g.workspace, reading(), live) for key, live in sorted(found.items())}
        g.zone = next((compiled.app.zone for compiled in g.apps.values()), "UTC")
    return g.apps


def gate_of(app_key: str) -> Gate:
    """The query gate of an app; not found where there is no such app."""
    gates = g.setdefault("gates", {})
    if app_key not in gates:
        compiled = live_apps().get(app_key)
        if compiled is None:
            raise NotFound
        g.zone = compiled.app.zone
        gates[app_key] = Gate(reading(), compiled, g.actor)
    return gates[app_key]


def commands_of(app_key: str) -> Commands:
    return Commands(g.workspace, g.actor, app_key)


def formats() -> Formats:
    """How this person's language writes, where the company is."""
    return formats_for(g.language, g.get("zone", "UTC"))
