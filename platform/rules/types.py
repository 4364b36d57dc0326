"""What a rule's values are, and how a rule is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from flask_babel import lazy_gettext as _

KINDS = {
    "text": _("text"),
    "number": _("a number"),
    "flag": _("a yes-or-no answer"),
    "date": _("a date"),
    "moment": _("a point in time"),
    "time": _("a time of day"),
    "choice": _("a choice"),
    "person": _("a person"),
    "link": _("a linked record"),
    "list": _("a list"),
    "rows": _("line items"),
    "record": _("a whole record"),
    "empty": _("an empty value"),
}


class RuleError(ValueError):
    """A rule that can't be: `path` is its place in the JSON ("and[0].>[1]"), `sentence` says why."""

    def __init__(self, sentence: Any, path: str = ""):
        super().__init__(sentence)
        self.sentence = sentence
        self.path = path

    def __str__(self) -> str:
        return f"{self.path}: {self.sentence}" if self.path else str(self.sentence)


@dataclass(frozen=True, eq=False)
class Type:
    """The type of a value in a rule.

    kind: a key of KINDS.  item: what a list holds.
    fields: of a record, of the target of a link, of one row of rows; a callable gives them when asked,
    so that forms may link in circles.  target: the form a link points to.
    options: of a choice, key -> label.  label: what people call it, {"en", "zh"}.
    """

    kind: str
    item: Type | None = None
    fields: Mapping[str, Type] | Callable[[], Mapping[str, Type]] | None = None
    target: str | None = None
    options: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    label: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def members(self) -> Mapping[str, Type]:
        """The fields, asked for; empty for what has none."""
        found = self.fields() if callable(self.fields) else self.fields
        return found or {}

    @cached_property
    def element(self) -> Type | None:
        """What stands in one place of a list or of rows."""
        return replace(self, kind="record") if self.kind == "rows" else self.item

    @property
    def name(self) -> Any:
        return KINDS[self.kind]


TEXT = Type("text")
NUMBER = Type("number")
FLAG = Type("flag")
DATE = Type("date")
MOMENT = Type("moment")
TIME = Type("time")
EMPTY = Type("empty")
TEXTS = Type("list", item=TEXT)

ORDERED = ("number", "text", "date", "moment", "time")
SCALAR = ("text", "number", "flag", "date", "moment", "time", "choice", "person", "link")
LISTED = ("list", "rows")


def join(left: Type, right: Type) -> Type | None:
    """The one type that both are; None where there is none."""
    if left.kind == "empty":
        return right
    if right.kind == "empty":
        return left
    if {left.kind, right.kind} == {"text", "choice"}:
        return TEXT
    if left.kind != right.kind:
        return None
    return _join_alike(left, right)


def _join_alike(left: Type, right: Type) -> Type | None:
    if left.kind == "link":
        return left if left.target == right.target or None in (left.target, right.target) else None
    if left.kind == "list":
        item = join(left.item or EMPTY, right.item or EMPTY)
        return item and Type("list", item=item)
    if left.kind in ("rows", "record"):
        return left if left.fields is right.fields else None
    if left.kind == "choice":
        return left if dict(left.options) == dict(right.options) else TEXT
    return left
