"""The small form that adds a filter to a list: a field, a comparison, and what to compare with."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from flask_babel import gettext as _

from ..platform.definition.model import say
from ..platform.errors import Invalid, NotFound
from .comparisons import Comparison, comparison_of, comparisons_for
from .filters import BETWEEN, OR, kind_of, read_filter
from .listing import Listing

OFFERED = 100  # records or people in a plain list to choose from


class FilterEditor:
    """Opened by `add=<field>`; finished once comparison and value make a filter."""

    def __init__(self, listing: Listing, key: str):
        self.listing = listing
        self.key = key
        self.kind = kind_of(listing.form, key) if key in listing.readable or key == "status" else ""
        if not self.kind:
            raise NotFound
        self.error = ""
        self.parameter = ""
        if "comparison" in listing.asked:
            self._finish()

    @classmethod
    def asked(cls, listing: Listing) -> FilterEditor | None:
        key = listing.asked.get("add")
        return cls(listing, key) if key else None

    @property
    def finished(self) -> bool:
        return bool(self.parameter)

    @property
    def label(self) -> str:
        return self.listing.label(self.key)

    @property
    def comparisons(self) -> Sequence[Comparison]:
        return comparisons_for(self.kind)

    @property
    def chosen(self) -> str:
        return self.listing.asked.get("comparison", self.comparisons[0].key)

    @property
    def values(self) -> list[str]:
        return self.listing.asked.getlist("value")

    @property
    def input_type(self) -> str:
        return {"date": "date", "moment": "date", "time": "time"}.get(self.kind, "text")

    @cached_property
    def options(self) -> list[tuple[str, str]]:
        """(value, label) where one chooses from a list; empty where one types."""
        form, language = self.listing.form, self.listing.formats.language
        if self.kind == "status":
            return [(s.key, say(s.label, language)) for s in form.statuses.statuses]
        field_type, shown = form.shown[self.key]
        if field_type.points_to(shown) is not None:
            found = self.listing.gate.choices(form.key, self.key, "", OFFERED)
            return [(str(choice.id), choice.title) for choice in found]
        return list(field_type.choices(shown, language)) if self.kind in ("choice", "choices") else []

    def _finish(self) -> None:
        comparison = comparison_of(self.kind, self.chosen)
        if comparison is None:
            raise NotFound
        text = "" if comparison.asks == "none" else OR.join(self.values)
        if comparison.asks != "none" and not text.strip():
            self.error = _("Say what to compare with.")
            return
        try:
            self.parameter = read_filter(self.listing.form, BETWEEN.join((self.key, comparison.key, text)), self.listing.formats).parameter
        except Invalid as refusal:
            self.error = " ".join(str(problem.message) for problem in refusal.problems)
