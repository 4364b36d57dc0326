"""Comments on a record: said, reworded, taken back; and who may be called by name in one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from marshmallow import ValidationError

from ..access.actor import Actor
from ..access.members import named
from ..errors import Invalid, NotFound, Problem, Refused
from ..fields.text import characters
from ..records import attachments, comments
from ..records.comments import Comment, Mention
from ..records.draft import Draft
from ..records.following import follow, followers
from ..records.history import COMMENTS
from .change import Change
from .holding import held
from .notices import reword
from .outbox import Errand

LONGEST = 5000
MOST_CALLED = 50
MOST_FILES = 10
REWORDED_WITHIN = timedelta(minutes=10)
GONE = {"en": "…", "zh": "…"}


def comment(
    change: Change, form_key: str, record_id: int, raw: Any, chosen: Collection[int] = (), files: Sequence[str] = ()
) -> int:
    """Say something about a record that one sees; from now on one follows it. The comment's number.

    files: uploads of one's own that were kept for comments on this form; with them there may be no words.
    """
    draft = _about(change, form_key, record_id)
    if not draft.form.form.comments:
        raise Refused(_("There are no comments on these records."))
    text, mentions = _taken(change, draft, raw, chosen, bare=bool(files))
    place = _place(draft)
    _claim(change, draft, files)
    number = comments.add(change.connection, place, change.actor.id, change.now, text, mentions, files)
    told = {member_id for member_id, _name in mentions} | set(followers(change.connection, place))
    follow(change.connection, place, change.actor.id, change.now)
    _tell(change, place, number, told, mentions, f"{key_of(place, number)}")
    return number


def reword_comment(change: Change, form_key: str, record_id: int, number: int, raw: Any, chosen: Collection[int] = ()) -> int:
    """Say it in other words, for ten minutes; who is called only now is told."""
    draft = _about(change, form_key, record_id)
    before = _own(change, _place(draft), number)
    if not may_reword(before, change):
        raise Refused(_("A comment can be changed for ten minutes; write another one."))
    text, mentions = _taken(change, draft, raw, chosen, bare=bool(before.files))
    comments.reword(change.connection, number, change.now, text, mentions)
    fresh = {member_id for member_id, _name in mentions} - {member_id for member_id, _name in before.mentions}
    place = _place(draft)
    _tell(change, place, number, fresh, mentions, f"{key_of(place, number)}:{change.now.isoformat()}")
    return number


def take_back_comment(change: Change, form_key: str, record_id: int, number: int) -> int:
    """Delete what one has said; that there was something stays."""
    place = _place(_about(change, form_key, record_id))
    attachments.let_go_of(change.connection, record_id, _own(change, place, number).files)
    comments.take_back(change.connection, number, change.now)
    reword(change.connection, key_of(place, number), GONE)
    return number


def may_reword(one: Comment, change: Change) -> bool:
    return change.now - one.at <= REWORDED_WITHIN


def callable_people(change: Change, form_key: str, record_id: int, text: str, limit: int) -> list[Actor]:
    """Those who see a record and whose name holds a text, by name."""
    draft = _about(change, form_key, record_id)
    found = named(change.connection, change.compiled.app.key, draft.form.grants, text)
    return _seeing(change, [member_id for member_id in found if member_id != change.actor.id])[:limit]


def key_of(place: tuple[str, str, int], number: int) -> str:
    """What the notices of a comment have in common."""
    return ":".join(map(str, ("comment", *place, number)))


# inside


def _about(change: Change, form_key: str, record_id: int) -> Draft:
    draft = held(change, form_key, record_id)
    if change.actor.id is None:
        raise NotFound
    change.about(draft)
    return draft


def _own(change: Change, place: tuple[str, str, int], number: int) -> Comment:
    found = comments.one(change.connection, place, number)
    if found is None or found.by_id != change.actor.id or found.text is None:
        raise NotFound
    return found


def _claim(change: Change, draft: Draft, files: Sequence[str]) -> None:
    """Let the record own what is attached; raises Invalid."""
    if len(files) > MOST_FILES:
        raise Invalid([Problem("files", _("At most %(most)s files.", most=MOST_FILES))])
    if files and attachments.unclaimable(change.connection, draft.form, COMMENTS, set(files), change.actor, holding=True):
        raise Invalid([Problem("files", _("This is not a file that was uploaded here."))])
    if files:
        attachments.claim(change.connection, draft.id, files)


def _taken(change: Change, draft: Draft, raw: Any, chosen: Collection[int], bare: bool) -> tuple[str, list[Mention]]:
    """The text as it is kept, and whom it calls of those who see the record; raises Invalid. bare: there may be none."""
    try:
        text = characters(raw).replace("\r\n", "\n").strip()
    except ValidationError as error:
        raise Invalid([Problem("text", error.messages[0])]) from None
    if not text and not bare:
        raise Invalid([Problem("text", _("Write something first."))])
    if len(text) > LONGEST:
        told = _("At most %(most)s characters; these are %(given)s.", most=LONGEST, given=len(text))
        raise Invalid([Problem("text", told)])
    people: Mapping[int, str] = named(change.connection, change.compiled.app.key, draft.form.grants) if "@" in text else {}
    called = comments.mentioned(text, people, chosen)
    seeing = {actor.id for actor in _seeing(change, [member_id for member_id, _name in called])}
    mentions = [mention for mention in called if mention[0] in seeing]
    if len(mentions) > MOST_CALLED:
        raise Invalid([Problem("text", _("Mention at most %(most)s people.", most=MOST_CALLED))])
    return text, mentions


def _seeing(change: Change, ids: list[int]) -> list[Actor]:
    """Those of these members that see the present record, in their order."""
    circle = change.circle
    circle.meet(ids)
    return [circle.known[member_id] for member_id in ids if circle.sees(member_id)]


def _tell(change: Change, place, number: int, people: set[int], mentions: list[Mention], key: str) -> None:
    told = sorted(people - {change.actor.id})
    if told:
        called = sorted({member_id for member_id, _name in mentions}.intersection(told))
        payload = {"comment": number, "member_ids": told, "called": called}
        payload |= dict(zip(("app", "form", "record_id"), place, strict=True))
        change.errands.append(Errand("comment", key, payload, place))


def _place(draft: Draft) -> tuple[str, str, int]:
    return draft.form.app.key, draft.form.key, draft.id
