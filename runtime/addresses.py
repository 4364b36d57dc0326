"""The address of a list with something changed: what makes every view, sort and page a plain link."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

PAGING = ("after", "before", "more")
EDITING = ("add", "act", "deleted", "menu")
INPUT = re.compile(r"(field|is|value)-\d+-\d+", re.ASCII)
"""Those of the form in which filters are put together."""


class Address:
    """A path with parameters. `to(sort="-total")` is the same list otherwise, from its first page."""

    def __init__(self, path: str, parameters: MultiDict):
        self.path = path
        kept = [(key, value) for key, value in parameters.items(multi=True) if value and not INPUT.fullmatch(key)]
        self.pairs = [(key, value) for key, value in kept if key not in PAGING + EDITING]

    def to(self, **changes: str | None) -> str:
        """With these parameters set; those set to None are gone."""
        pairs = [(key, value) for key, value in self.pairs if key not in changes]
        return self._written(pairs + [(key, value) for key, value in changes.items() if value is not None])

    def with_filters(self, parameters: Iterable[str], join: str) -> str:
        """With these in place of those that are there."""
        joined = [("join", join)] if join != "and" else []
        return self._written([*self.hidden("f", "join"), *(("f", parameter) for parameter in parameters), *joined])

    def narrowed(self, parameters: Iterable[str]) -> str:
        """With these filters besides, and in no groups."""
        return self._written([*self.hidden("group", "open"), *(("f", parameter) for parameter in parameters)])

    def with_open(self, groups: Iterable[str]) -> str:
        """With these groups showing their rows."""
        return self._written([*self.hidden("open"), *(("open", group) for group in groups)])

    def without_filter(self, parameter: str) -> str:
        return self._written([pair for pair in self.pairs if pair != ("f", parameter)])

    def also(self, *pairs: tuple[str, str], leaving: Sequence[str] = ()) -> str:
        """With these parameters besides, and without those that it leaves behind."""
        return self._written([*self.hidden(*leaving), *pairs])

    @property
    def query(self) -> str:
        """The parameters alone."""
        return urlencode(self.pairs)

    def hidden(self, *leaving: str) -> list[tuple[str, str]]:
        """What a form that changes only the parameters `leaving` must carry along."""
        return [(key, value) for key, value in self.pairs if key not in leaving]

    def _written(self, pairs: list[tuple[str, str]]) -> str:
        return f"{self.path}?{urlencode(pairs)}" if pairs else self.path
