"""The text in a file that somebody saved, whatever their spreadsheet took text to be."""

from __future__ import annotations

import codecs
from pathlib import Path

from charset_normalizer import from_bytes
from flask_babel import gettext as _

from ..errors import Invalid, Problem

LARGEST = 64 * 1024 * 1024
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
LIKELY = ["gb18030", "cp1252"]  # what Excel saves in China and in the West
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
SAMPLE = 256 * 1024


def read_text(file: Path, encoding: str | None = None) -> str:
    """The text of a file of at most 64 MB, in the encoding given or found; Invalid where it is none."""
    if file.stat().st_size > LARGEST:
        raise unreadable(file, _("The file is larger than %(most)d MB.", most=LARGEST // 1024**2))
    raw = file.read_bytes()
    if raw.startswith(WORKBOOKS):
        raise unreadable(file, _("This is a workbook; save the sheet as CSV first."))
    known = encoding or next((name for mark, name in MARKS if raw.startswith(mark)), None)
    if known is None and b"\0" in raw:
        line = raw.count(b"\n", 0, raw.index(b"\0")) + 1
        raise unreadable(file, _("This is not a text file: there is a NUL in line %(line)d.", line=line))
    text = _strict(raw, known) if known else _found_out(raw)
    if text is None or "\0" in text:
        raise unreadable(file, _("The letters in this file cannot be told; save it as CSV in UTF-8."))
    return text


def unreadable(file: Path, sentence: str) -> Invalid:
    return Invalid([Problem(file.name, sentence)], _("This file cannot be read."))


def _found_out(raw: bytes) -> str | None:
    """UTF-8 where it fits, else the reading that makes most sense and fits all of the file."""
    text = _strict(raw, "utf-8")
    for among in (LIKELY, None):
        if text is None:
            sample = raw[:SAMPLE].rpartition(b"\n")[0] or raw[:SAMPLE]
            best = from_bytes(sample, cp_isolation=among, enable_fallback=False).best()
            text = best and _strict(raw, best.encoding)
    return text


def _strict(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None
