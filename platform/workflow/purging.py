"""Purge: what removed fields and forms left behind goes for good, on request, once it was shown."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from ..access.actor import Actor
from ..db import Workspace
from ..definition import store
from ..definition.model import App
from ..definition.schema import load
from ..errors import NotFound
from ..records import comments, following, form_history, purge
from ..records.compiled import Compiled, version
from ..records.purge import Piece
from . import publication_log as log
from . import timers
from .notices import notice
from .publication import alone


def purgeable(workspace: Workspace, app_key: str, actor: Actor) -> list[Piece]:
    """What would go, with how much it holds."""
    _only_admins(actor)
    with workspace.reading() as connection:
        live = _live(workspace, connection, app_key)
        return purge.pieces(connection, live, _versions(connection, app_key))


def purge_app(workspace: Workspace, app_key: str, actor: Actor, forgetting: bool = False) -> list[Piece]:
    """Drop it; what went. Histories keep the values, unless they are to be forgotten as well.

    1. it is told in the forms' histories, and a publish that stopped is given up;  2. pieces go one by one: what a
    killed purge has left, the next one finds.
    """
    _only_admins(actor)
    with alone(workspace, app_key):
        with workspace.writing() as connection:
            store.held(connection, app_key)
            live = _live(workspace, connection, app_key)
            versions = list(_versions(connection, app_key))
            found = purge.pieces(connection, live, versions)
            log.drop_open(connection, store.app_row(connection, app_key).id)
            for form_key in sorted({piece.form for piece in found}):
                _tell(connection, live, versions, form_key, [p for p in found if p.form == form_key], actor, forgetting)
        for piece in found:
            purge.take_away(workspace, app_key, piece)
    return found


def _tell(
    connection, live: Compiled, versions: list[App], form_key: str, found: list[Piece], actor: Actor, forgetting: bool
) -> None:
    facts: dict[str, list[str]] = {}
    for piece in found:
        facts.setdefault(piece.path, []).append(piece.column)
    place = (connection, live.app.key, form_key)
    rest = (actor.id, store.now(), live.version_id, live.version_id)
    form_history.tell(*place, form_history.PURGED, facts, *rest)
    gone = sorted({path for piece in found if not _lives(live, piece) for path in _erased(piece, versions)})
    if form_key not in live.app.form_by_key:
        _end(connection, live.app.key, form_key)
    if forgetting and gone:
        numbers = {path: purge.forget(connection, live.app.key, form_key, [path]) for path in gone}
        form_history.tell(*place, form_history.FORGOTTEN, numbers, *rest)


def _lives(live: Compiled, piece: Piece) -> bool:
    """Whether the field goes on, in another column."""
    form = live.app.form_by_key.get(piece.form)
    return form is not None and form.field_at(piece.path) is not None


def _erased(piece: Piece, versions: list[App]) -> set[str]:
    """As `history.covers` reads it; of a whole form, all that it ever had."""
    if piece.path:
        return {f"{piece.path}.*" if piece.whole else piece.path.replace(".", ".*.")}
    forms = [app.form_by_key[piece.form] for app in versions if piece.form in app.form_by_key]
    return {f"{field.key}.*" if field.type == "rows" else field.key for form in forms for field in form.fields}


def _end(connection: sa.Connection, app_key: str, form_key: str) -> None:
    """Nothing waits for the records of a form that is gone, and nothing is said of them."""
    comments.forget(connection, app_key, form_key)
    following.forget(connection, app_key, form_key)
    timers.forget(connection, app_key, form_key)
    connection.execute(sa.delete(notice).where(notice.c.app_key == app_key, notice.c.form_key == form_key))


def _versions(connection: sa.Connection, app_key: str) -> Iterable[App]:
    """All that ever gave tables something: versions, and publishes that came to nothing."""
    app_id = store.app_row(connection, app_key).id
    documents = [store.document(connection, row.id) for row in store.versions(connection, app_id)]
    documents += log.unfinished(connection, app_id)
    return [load(document, lenient=True) for document in documents]


def _live(workspace: Workspace, connection: sa.Connection, app_key: str) -> Compiled:
    return version(workspace, connection, store.live(connection, app_key).version_id)


def _only_admins(actor: Actor) -> None:
    if not (actor.admin or actor.is_system):
        raise NotFound
