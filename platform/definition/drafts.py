"""Changing a draft: several people at once, each change known by who made it, each to be taken back.

An edit says which revision its author looked at. It is measured on that one (what does it touch?),
and made on the present one, unless somebody has touched the same meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from ..errors import Clash, Conflict, Invalid, Problem, Refused
from . import store
from .diff import Change, apply, changes, find, or_none, overlapping, value_of
from .edits import edited
from .paths import parsed, written
from .schema import normal
from .store import Draft, app_row, draft, draft_table, edit, now

UNDO = "undo"
REDO = "redo"
UPGRADE = "upgrade"
_member = sa.table("member", sa.column("id"), sa.column("name"))  # access's; here for the names alone


def change(
    connection: sa.Connection, app_id: int, name: str, arguments: dict[str, Any], base: int, by: int | None
) -> Draft:
    """Make a named edit that was decided on while looking at revision `base`; the draft afterwards.

    Invalid where the edit can't be, Conflict where somebody else changed the same meanwhile.
    """
    present = draft(connection, app_id, lock=True)
    if not 0 <= base <= present.rev:
        raise Invalid([Problem("base", _("This draft has no revision %(n)s.", n=base))])
    _refuse_published_keys(connection, app_id, name, arguments)
    later = edits(connection, app_id, since=base)
    if later:
        seen = _back(present.document, later)
        meant = changes(seen, normal(edited(seen, name, arguments)))
        _refuse_clashes(connection, meant, later, present.document)
    document = normal(edited(present.document, name, arguments))
    return _record(connection, present, document, name, arguments, by)


def _refuse_published_keys(connection: sa.Connection, app_id: int, name: str, arguments: dict[str, Any]) -> None:
    """What a version was published with keeps its key: records and other versions know it by that."""
    asked = [parsed(path) for path in _keys_changed(name, arguments)]
    for row in store.versions(connection, app_id) if asked else ():
        published = store.document(connection, row.id)
        for path in asked:
            if find(published, path) is not None:
                raise Invalid([Problem(written(path), _("This was published with version %(number)s, so it keeps its key; change the label instead.", number=row.number))])


def _keys_changed(name: str, arguments: dict[str, Any]) -> Iterator[str]:
    """The places whose keys an edit changes, be it one of several."""
    if name == "change_key" and isinstance(arguments.get("path"), str):
        yield arguments["path"]
    if name == "several" and isinstance(arguments.get("edits"), list):
        for one in arguments["edits"]:
            if isinstance(one, dict) and isinstance(one.get("arguments"), dict):
                yield from _keys_changed(str(one.get("name")), one["arguments"])


def undo(connection: sa.Connection, app_id: int, by: int | None) -> Draft:
    """Take back the last edit of a person that still stands; the draft afterwards."""
    present = draft(connection, app_id, lock=True)
    known = standing(edits(connection, app_id))
    last = undoable(known, by)
    if last is None:
        raise Refused(_("You have nothing to undo here."))
    return _turn(connection, present, UNDO, last, known, by)


def redo(connection: sa.Connection, app_id: int, by: int | None) -> Draft:
    """Make again what the person took back last, if they have made no other edit since."""
    present = draft(connection, app_id, lock=True)
    known = standing(edits(connection, app_id))
    taken_back = redoable(known, by)
    if taken_back is None:
        raise Refused(_("You have nothing to make again here."))
    return _turn(connection, present, REDO, taken_back, known, by)


def log(connection: sa.Connection, app_id: int) -> list[sa.Row]:
    """Who made which edit when, oldest first, without what it changed."""
    columns = (edit.c[name] for name in ("id", "rev", "name", "by", "at", "undoes"))
    return list(connection.execute(sa.select(*columns).where(edit.c.app_id == app_id).order_by(edit.c.rev)))


def standing(known: Sequence[sa.Row]) -> list[sa.Row]:
    """The edits that were not taken back, oldest first; an undo that was taken back stands no more either."""
    gone: set[int] = set()
    for row in reversed(known):
        if row.undoes is not None and row.id not in gone:
            gone.add(row.undoes)
    return [row for row in known if row.id not in gone]


def undoable(known: Sequence[sa.Row], by: int | None) -> sa.Row | None:
    """The last of a person's standing edits."""
    return next((row for row in reversed(known) if row.by == by and row.undoes is None), None)


def redoable(known: Sequence[sa.Row], by: int | None) -> sa.Row | None:
    """The last standing undo of a person who has made no other edit since."""
    last = next((row for row in reversed(known) if row.by == by and row.name != REDO), None)
    return last if last is not None and last.name == UNDO else None


def base(connection: sa.Connection, app_key: str) -> dict[str, Any] | None:
    """The template that an app stands on: the one taken last and not taken back, else the one it began with."""
    row = app_row(connection, app_key)
    taken = next((one.id for one in reversed(standing(log(connection, row.id))) if one.name == UPGRADE), None)
    if taken is None:
        return store.began_as(connection, row.id)
    return connection.scalar(sa.select(edit.c.arguments).where(edit.c.id == taken))["template"]


def _turn(
    connection: sa.Connection, present: Draft, name: str, row: sa.Row, known: Sequence[sa.Row], by: int | None
) -> Draft:
    """Take an edit, or an undo, backwards, unless later edits are about the same."""
    later = [other for other in known if other.rev > row.rev and other.undoes is None]
    back = [change.turned() for change in reversed(_changes(row))]
    _refuse_clashes(connection, back, later, present.document)
    document = normal(apply(present.document, back))
    return _record(connection, present, document, name, {}, by, undoes=row.id)


def edits(connection: sa.Connection, app_id: int, since: int = 0) -> list[sa.Row]:
    """The edits after a revision, oldest first."""
    here = (edit.c.app_id == app_id, edit.c.rev > since)
    return list(connection.execute(sa.select(edit).where(*here).order_by(edit.c.rev)))


def _record(
    connection: sa.Connection,
    present: Draft,
    document: dict[str, Any],
    name: str,
    arguments: dict[str, Any],
    by: int | None,
    undoes: int | None = None,
) -> Draft:
    made = changes(present.document, document)
    if any(change.path == ("key",) for change in made):
        raise Invalid([Problem("key", _("An app keeps its key."))])
    if not made:
        return present
    rev = present.rev + 1
    here = sa.update(draft_table).where(draft_table.c.app_id == present.app_id)
    connection.execute(here.values(document=document, rev=rev))
    values = {"app_id": present.app_id, "rev": rev, "name": name, "arguments": arguments, "by": by, "at": now()}
    values |= {"changes": [change.as_json() for change in made], "undoes": undoes}
    connection.execute(sa.insert(edit).values(values))
    return Draft(present.app_id, document, rev)


def _changes(row: sa.Row) -> list[Change]:
    return [Change.from_json(made) for made in row.changes]


def _back(document: dict[str, Any], later: Sequence[sa.Row]) -> dict[str, Any]:
    """The document as it was before these edits."""
    for row in reversed(later):
        document = apply(document, [change.turned() for change in reversed(_changes(row))])
    return document


def _refuse_clashes(
    connection: sa.Connection, meant: Sequence[Change], later: Sequence[sa.Row], document: dict[str, Any]
) -> None:
    """Raise Conflict where edits made later are about the same as what is meant."""
    theirs = [(row, change) for row in later for change in overlapping(meant, _changes(row))]
    if not theirs:
        return
    names = _names(connection, {row.by for row, _change in theirs})
    clashes = [_clash(change, meant, document, names.get(row.by)) for row, change in theirs]
    who = ", ".join(sorted({clash.by for clash in clashes if clash.by}) or [_("somebody else")])
    what = ", ".join(dict.fromkeys(clash.path for clash in clashes))
    changed = {clash.path: clash.current for clash in clashes}
    raise Conflict(_("%(who)s changed this meanwhile: %(what)s.", who=who, what=what), clashes, changed)


def _clash(theirs: Change, meant: Sequence[Change], document: dict[str, Any], name: str | None) -> Clash:
    mine = next(change for change in meant if overlapping([change], [theirs]))
    values = (theirs.old, value_of(document, theirs.path), mine.new)
    return Clash(written(theirs.path), *map(or_none, values), by=name)


def _names(connection: sa.Connection, ids: set[int | None]) -> dict[int, str]:
    found = sa.select(_member).where(_member.c.id.in_([i for i in ids if i is not None]))
    return {row.id: row.name for row in connection.execute(found)}
