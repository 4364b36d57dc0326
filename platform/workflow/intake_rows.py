"""The rows of a sheet as records to bring in, each with its lines, or refused with what hangs on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from ..definition.model import SAVED
from ..records.compiled import Compiled, CompiledForm
from ..records.transfer import RefusedRow, Sheet, SheetRow
from .intake_cells import Cells, NotTaken, NotThere
from .mapping import MEMBERS, Lines, Load, Source


@dataclass
class Candidate:
    """A record to bring in: values in JSON form, its lines' rows, and what it has to do without."""

    row: SheetRow
    id: str
    values: dict[str, Any]
    status: str = SAVED
    at: datetime | None = None
    by: int | None = None
    children: list[SheetRow] = field(default_factory=list)
    without: list[str] = field(default_factory=list)


class SheetReading:
    """Reads the rows of one load. `refused` gathers the rows that cannot be taken, `lost` those of records, by id."""

    def __init__(self, load: Load, sheets: Mapping[str, Sheet], cells: Cells, compiled: Compiled):
        self.load = load
        self.sheets = sheets
        self.cells = cells
        self.form: CompiledForm | None = None if load.into == MEMBERS else compiled.form(load.into)
        self.refused: list[RefusedRow] = []
        self.lost: dict[str | None, SheetRow] = {}
        self._seen: dict[str, SheetRow] = {}

    def candidates(self) -> list[Candidate]:
        """The rows that can be taken, in the order of the sheet."""
        found = {candidate.id: candidate for row in self.sheets[self.load.sheet].rows if (candidate := self._read(row))}
        for key, lines in self.load.rows.items():
            self._read_lines(key, lines, found)
        return [candidate for candidate in found.values() if candidate.id not in self.lost]

    def refuse(self, candidate: Candidate, reason: str, own: Mapping[int, str] | None = None) -> None:
        """Refuse a record and with it its lines; `own` holds the reasons that lines have themselves, by line."""
        self._refuse(candidate.row, candidate.id, reason)
        for child in candidate.children:
            self.refused.append(RefusedRow(child, (own or {}).get(child.line) or self.missing(candidate.id)))

    def missing(self, id: str | None) -> str:
        """Why no record of this load has an id."""
        named = {"column": self.load.id, "id": id or "", "sheet": self.load.sheet}
        if id is None:
            return _("%(column)s is empty", **named)
        if id in self.lost:
            return _("%(column)s %(id)s is refused (%(sheet)s, line %(line)d)", line=self.lost[id].line, **named)
        return _("there is no %(column)s %(id)s in %(sheet)s", **named)

    def _refuse(self, row: SheetRow, id: str | None, reason: str) -> None:
        self.refused.append(RefusedRow(row, reason))
        if id is not None:
            self.lost.setdefault(id, row)

    def _read(self, row: SheetRow) -> Candidate | None:
        if row.broken:
            return self._refuse(row, self._guessed(row, self.load.id), row.broken)
        id = self.cells.cell(row, self.load.id)
        if id is None:
            return self._refuse(row, None, self.missing(None))
        if id in self._seen:
            first = self._seen[id].line
            self.refused.append(RefusedRow(row, _("%(id)s is in line %(line)d already", id=id, line=first)))
            return None
        self._seen[id] = row
        candidate = Candidate(row, id, {key: [] for key in self.load.rows})
        wrong = self._fill(candidate, candidate.values, self.load.values, "", row) + self._place(candidate)
        return self._refuse(row, id, "; ".join(wrong)) if wrong else candidate

    def _fill(
        self, candidate: Candidate, values: dict, sources: Mapping[str, Source], prefix: str, row: SheetRow, header=None
    ) -> list[str]:
        """Read a row's cells into values; returns what is wrong with them."""
        wrong = []
        for key, source in sources.items():
            try:
                values[key] = self.cells.value(source, self.form, prefix + key, row, header)
            except NotTaken as reason:
                values[key] = None
                told = f"{' '.join(source.columns) or key}: {reason}"
                (candidate.without if source.optional and isinstance(reason, NotThere) else wrong).append(told)
        return wrong

    def _place(self, candidate: Candidate) -> list[str]:
        """Its status, and when and through whom it came to be; returns what is wrong."""
        load, row = self.load, candidate.row
        if self.form is not None:
            candidate.status = self.form.start_status if load.status is None else self.cells.rule(load.status, row)
        try:
            candidate.at = self.cells.moment(load.at, row) if load.at else None
            candidate.by = self.cells.value(load.by, None, "", row, None) if load.by else None
        except NotTaken as reason:
            return [str(reason)]
        return []

    def _read_lines(self, key: str, lines: Lines, found: Mapping[str | None, Candidate]) -> None:
        by_parent: dict[str | None, list[SheetRow]] = defaultdict(list)
        for row in self.sheets[lines.sheet].rows:
            by_parent[self._guessed(row, lines.to) if row.broken else self.cells.cell(row, lines.to)].append(row)
        for parent, rows in by_parent.items():
            if parent in found and parent not in self.lost:
                self._attach(found[parent], key, lines, rows)
            else:
                self.refused += [RefusedRow(row, row.broken or self.missing(parent)) for row in rows]

    def _attach(self, candidate: Candidate, key: str, lines: Lines, rows: list[SheetRow]) -> None:
        """Give a record its lines; one that is refused takes the record with it, so that none is lost unseen."""
        candidate.children += rows
        own: dict[int, str] = {}
        for row in rows:
            line: dict[str, Any] = {}
            wrong = [row.broken] if row.broken else self._fill(candidate, line, lines.values, f"{key}.", row, candidate.row)
            if lines.status is not None and not wrong:
                line["status"] = self.cells.rule(lines.status, row, candidate.row)
            candidate.values[key].append(line)
            if wrong:
                own[row.line] = "; ".join(wrong)
        if own:
            place = {"sheet": lines.sheet, "line": min(own)}
            self.refuse(candidate, _("its line %(line)d of %(sheet)s is refused", **place), own)

    def _guessed(self, row: SheetRow, column: str) -> str | None:
        """The cell of a broken row where it stands in sound ones: good enough to name what hangs on it."""
        index = self.sheets[row.sheet].header.index(column)
        cells = row.cells if len(row.cells) > 1 else row.cells[0].split(",")
        return (cells[index].strip(' "') or None) if index < len(cells) else None
