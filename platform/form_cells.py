"""What a form shows, field by field and section by section, for its templates: a record's page, and its preview."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from .field_type import FieldType
from .inputs import GROUPED


@dataclass(frozen=True)
class FieldCell:
    """mode: "edit", "read", "masked", "lines" or "heading". hidden: its show rule leaves it out just now.
    text: the input itself, or what one reads.  lines: what draws the table of line items.
    """

    id: str
    path: str
    label: str
    help: str
    field_type: FieldType
    mode: str
    must: bool
    hidden: bool
    errors: Sequence[str] = ()
    text: Markup = Markup("")
    lines: Any = None

    @property
    def asks(self) -> str:
        return self.field_type.asks

    @property
    def kind(self) -> str:
        return self.field_type.name

    @property
    def wide(self) -> bool:
        return self.field_type.wide

    @property
    def numeric(self) -> bool:
        return self.field_type.figures

    @property
    def grouped(self) -> bool:
        """Whether it is asked with several inputs."""
        return self.mode == "edit" and self.asks in GROUPED


@dataclass(frozen=True)
class Block:
    """One section. `totals`: nothing but figures to read, below line items.  tab: the key of the one it stands on."""

    key: str
    label: str
    columns: int
    cells: Sequence[FieldCell]
    totals: bool
    tab: str = ""

    @property
    def hidden(self) -> bool:
        return all(cell.hidden for cell in self.cells)


def add_block(blocks: list[Block], key: str, label: str, columns: int, cells: Sequence[FieldCell], tab: str = "") -> None:
    """One more section, if it shows anything."""
    if cells:
        after_lines = bool(blocks) and blocks[-1].cells[-1].mode == "lines"
        totals = after_lines and all(cell.mode == "read" and cell.numeric for cell in cells)
        blocks.append(Block(key, label, columns, cells, totals, tab))


WORKED_OUT_AT_ONCE = ("formula", "lookup", "match")
"""The types whose values show while a new record is filled in."""
