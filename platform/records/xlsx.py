"""A workbook of one sheet, written row by row: figures as figures, days as days, everything else as text that no
spreadsheet takes for a formula.
"""

from __future__ import annotations

import datetime
import re
import zipfile
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import IO
from xml.sax.saxutils import escape

from .. import exact
from .export import Value

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/><numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/></numFmts><fonts count="2"><font/><font><b/></font></fonts><fills count="2"><fill/><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4"><xf xfId="0"/><xf fontId="1" applyFont="1" xfId="0"/><xf numFmtId="164" applyNumberFormat="1" xfId="0"/><xf numFmtId="165" applyNumberFormat="1" xfId="0"/></cellXfs></styleSheet>',
}  # fmt: skip
PLAIN, BOLD, DAY, MOMENT = 0, 1, 2, 3  # the styles above
FIRST_DAY = datetime.datetime(1899, 12, 30)
EARLIEST = datetime.date(1900, 3, 1)  # before it spreadsheets count a day that never was
DIGITS = 15  # of a figure that a spreadsheet keeps
LONGEST = 32_767  # letters of a cell
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def write(out: IO[bytes], name: str, rows: Iterable[Sequence[Value]]) -> None:
    """A workbook whose first row are the heads; the rows may be as many as a sheet holds."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for part, said in PARTS.items():
            package.writestr(part, HEAD + said)
        sheets = f'<sheets><sheet name="{escape(_sheet_name(name), {chr(34): "&quot;"})}" sheetId="1" r:id="r1"/></sheets>'
        package.writestr("xl/workbook.xml", f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{sheets}</workbook>')
        with package.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(f'{HEAD}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>'.encode())
            for number, row in enumerate(rows):
                sheet.write(f"<row>{''.join(_cell(value, PLAIN if number else BOLD) for value in row)}</row>".encode())
            sheet.write(b"</sheetData></worksheet>")


def _cell(value: Value, style: int) -> str:
    if isinstance(value, Decimal) and len(value.as_tuple().digits) <= DIGITS:
        return f"<c><v>{exact.text(value)}</v></c>"
    if isinstance(value, datetime.date) and (value.date() if isinstance(value, datetime.datetime) else value) >= EARLIEST:
        return _day(value)
    said = value if isinstance(value, str) else exact.text(value) if isinstance(value, Decimal) else value.isoformat()
    if not said:
        return "<c/>"
    text = escape(_NOT_XML.sub("", said)[:LONGEST])
    return f'<c t="inlineStr"{f" s={chr(34)}{style}{chr(34)}" if style else ""}><is><t xml:space="preserve">{text}</t></is></c>'


def _day(value: datetime.date) -> str:
    if isinstance(value, datetime.datetime):
        passed = value.replace(tzinfo=None, microsecond=0) - FIRST_DAY
        return f'<c s="{MOMENT}"><v>{passed.days + passed.seconds / 86_400:.10f}</v></c>'
    return f'<c s="{DAY}"><v>{(value - FIRST_DAY.date()).days}</v></c>'


def _sheet_name(name: str) -> str:
    """What a sheet may be called: short, and without some signs."""
    return re.sub(r"[\[\]:*?/\\']", " ", _NOT_XML.sub("", name))[:31].strip() or "Sheet"
