"""What the followers of a record and those called in a comment are told, in the words of what each may read.

It is worded when it is delivered: for those who see the record then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from ..access.members import load_actor, names
from ..db import Workspace
from ..definition.model import say
from ..errors import NotFound
from ..fields.file import name_of
from ..formats import formats_for
from ..records import comments, history
from ..records.compiled import CompiledForm, open_app
from ..records.query import Gate
from ..records.results import Record
from .commenting import key_of
from .messages import LANGUAGES
from .notices import tell

EXCERPT = 120  # characters of a comment

TRANSITION = {"en": "{who}: {what} – {title}", "zh": "{who}：{what} – {title}"}
COPY = {"en": "Copy: ", "zh": "抄送："}
AND_NOW = {"en": ", now at “{status}”", "zh": "，现处于“{status}”"}
COMMENT = {"en": "{who} on {title}: “{said}”", "zh": "{who} 评论了 {title}：“{said}”"}
CALLED = {"en": "{who} mentions you on {title}: “{said}”", "zh": "{who} 在 {title} 中提到了你：“{said}”"}
ASKED = {
    "handed_on": {
        "en": "{who} hands “{what}” on to you – {title}: “{said}”",
        "zh": "{who} 把“{what}”转交给你 – {title}：“{said}”",
    },
    "signer_added": {
        "en": "{who} asks for your yes too: {what} – {title}: “{said}”",
        "zh": "{who} 请你加签：{what} – {title}：“{said}”",
    },
}

Words = Mapping[str, str]


def tell_of_transition(workspace: Workspace, key: str, told: Mapping[str, Any], at) -> None:
    """To followers, that a record took a transition."""

    def worded(connection, form: CompiledForm, record: Record, who: str, _member_id: int) -> Words:
        status = form.statuses.by_key.get(told["status"]) if form.statuses and told["status"] else None
        return {
            language: (COPY[language] if told.get("copy") else "") + TRANSITION[language].format(
                who=who, what=_what(form, told["transition"], language), title=_title(form, record, language)
            )
            + (AND_NOW[language].format(status=say(status.label, language)) if status else "")
            for language in LANGUAGES
        }

    _tell(workspace, key, told, told["by"], at, worded)


def tell_of_request(workspace: Workspace, key: str, told: Mapping[str, Any], at) -> None:
    """To somebody whose yes is asked for, by whom and why, as history tells it."""
    with workspace.reading() as connection:
        events = history.of_record(connection, told["app"], told["form"], told["record_id"])
    said = next((event.changes[history.OPINION].get("new") for event in events if event.seq == told["seq"]), None)

    def worded(connection, form: CompiledForm, record: Record, who: str, _member_id: int) -> Words:
        return {
            language: ASKED[told["what"]][language].format(
                who=who, what=_what(form, told["transition"], language), title=_title(form, record, language), said=_excerpt(said or "…")
            )
            for language in LANGUAGES
        }

    _tell(workspace, key, told, told["by"], at, worded)


def tell_of_comment(workspace: Workspace, told: Mapping[str, Any], at) -> None:
    """To followers and to those whom it calls, what somebody said; nothing where it was taken back by now."""
    place = (told["app"], told["form"], told["record_id"])
    with workspace.reading() as connection:
        said = comments.one(connection, place, told["comment"])
    if said is None or said.text is None:
        return
    excerpt = _excerpt(said.text) or ", ".join(name_of(file) for file in said.files)

    def worded(connection, form: CompiledForm, record: Record, who: str, member_id: int) -> Words:
        shape = CALLED if member_id in told["called"] else COMMENT
        return {
            language: shape[language].format(who=who, title=_title(form, record, language), said=excerpt) for language in LANGUAGES
        }

    _tell(workspace, key_of(place, told["comment"]), told, said.by_id, at, worded)


def _tell(workspace: Workspace, key: str, told: Mapping[str, Any], by_id: int | None, at, worded) -> None:
    """One notice for each of the members who see the record now."""
    with workspace.reading() as connection:
        who = names(connection, [by_id]).get(by_id, "Formloom") if by_id else "Formloom"
        found = [
            (member_id, worded(connection, form, record, who, member_id))
            for member_id, form, record in _readers(workspace, connection, told)
        ]
    record = {name: told[name] for name in ("app", "form", "record_id")}
    with workspace.writing() as connection:
        for member_id, words in found:
            tell(connection, key, record | {"member_ids": [member_id], "message": words}, at)


def _readers(workspace: Workspace, connection: sa.Connection, told: Mapping[str, Any]) -> Iterator[tuple[int, CompiledForm, Record]]:
    """Those who see the record, each with what they see of it."""
    compiled = open_app(workspace, connection, told["app"])
    for member_id in told["member_ids"]:
        actor = load_actor(connection, member_id)
        if actor is None or told["form"] not in compiled.forms:
            continue
        try:
            record = Gate(connection, compiled, actor).record(told["form"], told["record_id"])
        except NotFound:
            continue
        yield member_id, compiled.form(told["form"], record.flow_id), record


def _what(form: CompiledForm, key: str, language: str) -> str:
    transition = form.form.transition_by_key.get(key)
    return say(transition.label, language) if transition else "…"


def _title(form: CompiledForm, record: Record, language: str) -> str:
    value = record.values.get(form.form.title)
    if value is None:
        return f"{say(form.form.label, language)} #{record.id}"
    field_type, field = form.shown[form.form.title]
    return field_type.display(value, field, formats_for(language, form.app.zone), record.titles)


def _excerpt(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT else f"{line[:EXCERPT].rstrip()} …"
