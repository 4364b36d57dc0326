"""What an import run did, row by row where a row could not be taken, and the files for repair."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from flask_babel import gettext as _

from ..records.transfer import RefusedRow, Sheet, SheetRow, write_refused
from .intake_rows import Candidate, SheetReading
from .mapping import ImportMapping


class Report:
    """`refused` rows were not taken, `incomplete` ones were taken without something; run_id None: nothing changed."""

    def __init__(self, mapping: ImportMapping, sheets: Mapping[str, Sheet]):
        self.mapping = mapping
        self.sheets = sheets
        self.run_id: int | None = None
        self.counts: dict[str, Counter[str]] = defaultdict(Counter)
        self._refused: dict[tuple[str, int], RefusedRow] = {}
        self._incomplete: dict[tuple[str, int], RefusedRow] = {}
        self.notices: list[RefusedRow] = []

    @property
    def refused(self) -> list[RefusedRow]:
        return self._in_order(self._refused.values())

    @property
    def incomplete(self) -> list[RefusedRow]:
        return self._in_order(self._incomplete.values())

    def count(self, load: str, what: str) -> None:
        self.counts[load][what] += 1

    def notice(self, row: SheetRow, sentence: str) -> None:
        self.notices.append(RefusedRow(row, sentence))

    def take(self, reading: SheetReading, candidates: Sequence[Candidate]) -> None:
        """A load is done: what it refused, and what it took without something."""
        for one in reading.refused:
            self._refused.setdefault((one.row.sheet, one.row.line), one)
        for candidate in candidates:
            if candidate.without and candidate.id not in reading.lost:
                row, told = candidate.row, "; ".join(candidate.without)
                one = RefusedRow(row, _("loaded without it: %(what)s", what=told))
                self._incomplete.setdefault((row.sheet, row.line), one)

    def write(self, folder: Path) -> list[Path]:
        """The rows to repair, in files named like their sheets; sheets they look words up in come along whole."""
        rows = [*self.refused, *self.incomplete]
        sheets = {one.row.sheet for one in rows}
        beside = {
            source.look_up.sheet
            for load in self.mapping.loads
            if load.sheet in sheets
            for source in load.values.values()
            if source.look_up and source.look_up.sheet in self.sheets
        }
        rows += [RefusedRow(row, "") for name in sorted(beside - sheets) for row in self.sheets[name].rows]
        return write_refused(folder, self.sheets, self._in_order(rows)) if rows else []

    def lines(self) -> Iterator[str]:
        """The report as lines of text: the rows, then the sums."""
        for one in (*self.refused, *self.incomplete, *self.notices):
            yield f"{one.row.sheet}:{one.row.line}: {one.reason}"
        for load in self.mapping.loads:
            told = [f"{number} {_WORDS[what]()}" for what, number in self.counts[load.key].items()]
            yield f"{load.key}: {', '.join(told) or _('nothing')}"
        for name, number in Counter(one.row.sheet for one in self.refused).items():
            yield _("%(number)d rows of %(sheet)s refused", number=number, sheet=name)

    def _in_order(self, rows: Iterable[RefusedRow]) -> list[RefusedRow]:
        order = {name: place for place, name in enumerate(self.mapping.sheets)}
        return sorted(rows, key=lambda one: (order[one.row.sheet], one.row.line))


_WORDS = {
    "created": lambda: _("new"),
    "changed": lambda: _("changed"),
    "restored": lambda: _("brought back"),
    "unchanged": lambda: _("unchanged"),
}
