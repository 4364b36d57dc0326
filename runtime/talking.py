"""What is said about a record, told with its history in the order of time; and whether one follows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote

from ..platform.access.members import names
from ..platform.definition.model import Form
from ..platform.fields.file import name_of, number_of
from ..platform.formats import Formats
from ..platform.records.comments import Comment, said_about
from ..platform.records.following import followers
from ..platform.records.query import Gate
from ..platform.records.results import Record
from ..platform.workflow.commenting import REWORDED_WITHIN
from .story import Chapter, Story


@dataclass(frozen=True)
class Remark:
    """One comment as it is shown. `mine`: its writer reads it, `fresh`: and may still change it."""

    comment: Comment
    who: str
    when: str
    moment: str
    iso: str
    mine: bool
    fresh: bool

    @property
    def gone(self) -> str:
        """"deleted" or "erased" where its words are no longer there."""
        if self.comment.text is not None:
            return ""
        return "deleted" if self.comment.deleted_at else "erased"

    @property
    def parts(self) -> Iterator[tuple[bool, str]]:
        return self.comment.parts

    @property
    def files(self) -> list[tuple[str, str]]:
        """(address below the record, name) of what is attached."""
        return [(f"{number_of(file)}/{quote(name_of(file), safe='')}", name_of(file)) for file in self.comment.files]


@dataclass(frozen=True)
class Entry:
    """A place in the story: an event of the record, or a remark."""

    chapter: Chapter | None = None
    remark: Remark | None = None


class Talking:
    """The comments on one record. `typed`, `kept` and `problem`: what came back unsaid, its files, and why; `about`:
    of which comment.
    """

    def __init__(self, gate: Gate, record: Record, formats: Formats, story: Story):
        self.gate = gate
        self.record = record
        self.formats = formats
        self.story = story
        self.typed = self.problem = ""
        self.about: int | None = None
        self.kept: Sequence[str] = ()

    @property
    def open(self) -> bool:
        """Whether one may comment."""
        form: Form = self.gate.compiled.form(self.record.form.key).form
        return form.comments

    @cached_property
    def following(self) -> bool:
        place = (self.gate.compiled.app.key, self.record.form.key, self.record.id)
        return self.gate.actor.id in followers(self.gate.connection, place)

    @property
    def entries(self) -> Sequence[Entry]:
        """Everything, newest first; what was said at the moment of a change stands above it."""
        events = zip(self.story.events, self.story.chapters, strict=True)
        found = [((event.at, 0, event.seq), Entry(chapter=chapter)) for event, chapter in events]
        found += [((one.comment.at, 1, one.comment.id), Entry(remark=one)) for one in self.remarks]
        return [entry for _place, entry in sorted(found, key=lambda one: one[0], reverse=True)]

    @cached_property
    def remarks(self) -> list[Remark]:
        said = said_about(self.gate, self.record)
        known = names(self.gate.connection, {comment.by_id for comment in said})
        return [self._remark(comment, known.get(comment.by_id, "")) for comment in said]

    def _remark(self, comment: Comment, who: str) -> Remark:
        mine = comment.by_id == self.gate.actor.id and comment.text is not None
        return Remark(
            comment,
            who,
            self.formats.relative(comment.at),
            self.formats.moment(comment.at),
            comment.at.isoformat(timespec="seconds") + "Z",
            mine,
            mine and self.gate.now - comment.at <= REWORDED_WITHIN,
        )
