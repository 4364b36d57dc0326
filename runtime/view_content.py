"""What a saved view shows, as the parameters of a list's address; what a list shows now, as the content of a view."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

from ..platform.definition.flow import Rule
from ..platform.definition.model import VIEW_FIELDS, View, say
from ..platform.errors import Invalid
from ..platform.formats import Formats
from ..platform.records.compiled import CompiledForm
from ..platform.records.rule_parts import conjuncts
from ..platform.records.saved_views import SavedView
from ..platform.records.visibility import BUILT_IN
from ..platform.rules.typing import RuleError, check
from .filters import LINE, read_filter

CARRIED = ("view", "as", "by", "start", "only", "month", "from", "after", "before", "menu", "add", "open", "totals")
"""What an address says beside the content of a saved view."""
EDITED = "edited"
"""The mark of an address that says itself all that is shown, whatever the view holds."""


class OpenedView:
    """A saved view on the form as it is published now. gone: what the form no longer has, and so is left out."""

    def __init__(self, saved: SavedView, form: CompiledForm, formats: Formats):
        self.saved = saved
        self.form = form
        self.formats = formats
        self.gone: dict[str, None] = {}
        where = self._where(saved.content["where"])
        shape = saved.content.get("shape", {})
        named = {name: shape[name] for name in VIEW_FIELDS if name in shape and self._has(shape[name])}
        columns = tuple(self._named(saved.content["columns"]))
        self.view = View(str(saved.id), {"en": saved.name}, columns, where, kind=shape.get("kind", "list"), **named)

    def parameters(self, asked: MultiDict, sortable: Sequence[str]) -> MultiDict:
        """Those of an address that names the view: its content, unless the address says its own."""
        if EDITED in asked:
            return asked
        content = self.saved.content
        pairs = [(key, value) for key, value in asked.items(multi=True) if key in CARRIED]
        pairs += [("f", text) for text in map(self._fitting, content["f"]) if text]
        texts = [text for text in content["sort"] if self._has(text.removeprefix("-")) and text.removeprefix("-") in sortable]
        rest = {name: content.get(name, "") for name in ("q", "join", "group")}
        if not self._has(rest["group"].partition("~")[0] or "id"):
            rest["group"] = ""
        rest |= {"sort": ",".join(texts), "columns": " ".join(self.view.columns), EDITED: "1"}
        return MultiDict(pairs + [(key, value) for key, value in rest.items() if value])

    def _where(self, rule: Rule) -> Rule:
        parts = [part for part in conjuncts(rule) if self._means(part)] if rule is not True else []
        return True if not parts else parts[0] if len(parts) == 1 else {"and": parts}

    def _means(self, part: Rule) -> bool:
        try:
            check(part, self.form.scope)
        except RuleError as error:
            self.gone[str(error.sentence)] = None
            return False
        return True

    def _fitting(self, parameter: str) -> str:
        """A sentence without the conditions that no longer fit."""
        return LINE.join(text for text in parameter.split(LINE) if self._fits(text))

    def _fits(self, text: str) -> bool:
        key = text.partition("~")[0]
        if not self._has(key):
            return False
        try:
            read_filter(self.form, text, self.formats)
        except Invalid:
            self.gone[say(self.form.form.by_key[key].label, self.formats.language) if key in self.form.form.by_key else key] = None
            return False
        return True

    def _named(self, keys: Iterable[str]) -> list[str]:
        return [key for key in keys if self._has(key)]

    def _has(self, key: str) -> bool:
        found = key in BUILT_IN or key in self.form.form.by_key
        if not found:
            self.gone[key] = None
        return found


def content_of(listing) -> dict[str, Any]:
    """What a list shows now."""
    shown = listing.shown
    shape = {"shape": {"kind": shown.kind, **shown.named}} if shown.kind != "list" else {}
    return shape | {
        "where": listing.view.where,
        "f": [chosen.parameter for chosen in listing.sentences],
        "join": listing.join if listing.join != "and" else "",
        "sort": [("-" if sort.descending else "") + sort.field for sort in listing.sort],
        "columns": list(listing.column_keys),
        "q": listing.search,
        "group": listing.grouping.asked if listing.grouping else "",
    }
