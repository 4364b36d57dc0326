"""Messages of a definition, with their placeholders (`{target.name}`) filled in as a person reads them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..access.actor import Actor
from ..access.rights import READABLE
from ..definition.flow import Text, Who
from ..definition.model import say
from ..definition.placeholders import PLACEHOLDER
from ..formats import formats_for
from ..records.compiled import CompiledForm
from ..records.draft import Draft
from ..records.visibility import always_seen, modes_at, own_modes, viewer
from .circle import Circle

LANGUAGES = ("en", "zh")
HIDDEN = "…"


@dataclass(frozen=True)
class Reader:
    """Who is told: `modes` are theirs on the record itself; past links they read titles, and what they see of
    every record there. Without an actor it is said to whoever may hear it.
    """

    language: str
    actor: Actor | None = None
    modes: Mapping[str, str] = field(default_factory=dict)

    def sees(self, form: CompiledForm, path: str, own: bool) -> bool:
        if self.actor is None or path not in form.shown:
            return True
        if own:
            return self.modes.get(path) in READABLE
        return path == form.form.title or always_seen(form, self.actor, path)


def reader(draft: Draft, actor: Actor, asked: Mapping[str, str] | None = None) -> Reader:
    """Somebody at work on a record they hold, with what they are asked for just now."""
    return Reader(actor.language, actor, {**own_modes(draft, actor), **(asked or {})})


def fill(text: Text, form: CompiledForm, data: Mapping[str, Any], reader: Reader, ways: Mapping[str, Any] | None = None) -> str:
    """The message as its reader may read it. `ways` says where names lead that are not of the record: `line` and
    `target` (a rows key, a form), or, for what is said of a line, `of` (a rows key).
    """

    def value(match: re.Match) -> str:
        form_at, prefix, data_at, parts, own = _way(match.group(1).split("."), form, data, ways or {})
        return _value(form_at, prefix, parts, data_at, reader, own)

    return PLACEHOLDER.sub(value, say(text, reader.language))


def worded(
    circle: Circle, who: Who, message: Text, data: Mapping[str, Any], but: int | None, ways: Mapping[str, Any] | None = None
) -> Iterator[tuple[list[int], dict[str, str]]]:
    """(members, the message in every language) for all that a `who` names and that see the record, as they see it."""
    readers: dict[tuple, list[int]] = defaultdict(list)
    for member_id in sorted(circle.meant(who) - {but}):
        actor = circle.known[member_id]
        readers[viewer(circle.form, actor), circle.flags(actor)].append(member_id)
    for (_roles, flags), people in readers.items():
        actor = circle.known[people[0]]
        modes = modes_at(circle.form, circle.form.actor_grants(actor), flags, circle.draft.status)
        words = {language: fill(message, circle.form, data, Reader(language, actor, modes), ways) for language in LANGUAGES}
        yield people, words


def _way(parts: list[str], form: CompiledForm, data: Mapping[str, Any], ways: Mapping[str, Any]) -> tuple:
    """(form, prefix of its paths, data, rest of the path, whether it is of the record itself)."""
    first, rest = parts[0], parts[1:]
    if first == "target" and "target" in ways:
        return ways["target"], "", data["target"], rest, False
    if first == "line" and "line" in ways:
        return form, f"{ways['line']}.", data["line"], rest, True
    if "of" in ways:
        return (form, "", data["header"], rest, True) if first == "header" else (form, f"{ways['of']}.", data, parts, True)
    return form, "", data, parts, True


def _value(form: CompiledForm, prefix: str, parts: list[str], data: Any, reader: Reader, own: bool) -> str:
    value = data.get(parts[0]) if isinstance(data, Mapping) else None
    if prefix + parts[0] not in form.shown:
        return "" if value is None else str(value)
    if not reader.sees(form, prefix + parts[0], own):
        return HIDDEN
    field_type, field = form.shown[prefix + parts[0]]
    if field_type.name == "link" and len(parts) > 1:
        return _value(form.compiled.form(field.settings["form"]), "", parts[1:], value, reader, False)
    if field_type.name == "link" and isinstance(value, Mapping):
        value = value["id"]
    return field_type.display(value, field, formats_for(reader.language, form.app.zone))
