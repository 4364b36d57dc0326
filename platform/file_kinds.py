"""What a file is, by its content; what its name may be. A name or a sender's word for it proves nothing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

HEAD = 64 * 1024  # bytes that are looked at
LONGEST_NAME = 120

GROUPS: Mapping[str, Mapping[str, str]] = {
    "picture": {"en": "pictures (PNG, JPEG, GIF, WebP)", "zh": "图片（PNG、JPEG、GIF、WebP）"},
    "pdf": {"en": "PDF", "zh": "PDF"},
    "office": {"en": "office documents", "zh": "办公文档"},
    "text": {"en": "text", "zh": "文本"},
    "archive": {"en": "archives", "zh": "压缩包"},
    "media": {"en": "sound and film", "zh": "音视频"},
}


@dataclass(frozen=True)
class Kind:
    """group: a key of GROUPS, "program", or "" for anything else."""

    mime: str
    group: str

    @property
    def shown(self) -> bool:
        """Whether browsers show it without running anything in it."""
        return self.group == "picture"


OTHER = Kind("application/octet-stream", "")
TEXT = Kind("text/plain", "text")
PROGRAM = Kind("application/octet-stream", "program")
OFFICE = Kind("application/octet-stream", "office")
ZIP = Kind("application/zip", "archive")

STARTS: tuple[tuple[bytes, Kind], ...] = (
    (b"\x89PNG\r\n\x1a\n", Kind("image/png", "picture")),
    (b"\xff\xd8\xff", Kind("image/jpeg", "picture")),
    (b"GIF87a", Kind("image/gif", "picture")),
    (b"GIF89a", Kind("image/gif", "picture")),
    (b"%PDF-", Kind("application/pdf", "pdf")),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OFFICE),
    (b"{\\rtf", OFFICE),
    (b"\x1f\x8b", Kind("application/gzip", "archive")),
    (b"7z\xbc\xaf\x27\x1c", Kind("application/x-7z-compressed", "archive")),
    (b"Rar!\x1a\x07", Kind("application/vnd.rar", "archive")),
    (b"ID3", Kind("audio/mpeg", "media")),
    (b"OggS", Kind("application/ogg", "media")),
    (b"\x1a\x45\xdf\xa3", Kind("video/webm", "media")),
    (b"MZ", PROGRAM),
    (b"\x7fELF", PROGRAM),
    (b"\xca\xfe\xba\xbe", PROGRAM),
    (b"\xfe\xed\xfa", PROGRAM),
    (b"\xcf\xfa\xed\xfe", PROGRAM),
    (b"\xce\xfa\xed\xfe", PROGRAM),
    (b"#!", PROGRAM),
)
OFFICE_ENTRIES = (b"[Content_Types].xml", b"_rels/", b"docProps/", b"word/", b"xl/", b"ppt/", b"mimetype", b"customXml/")

PROGRAMS = frozenset(
    ["exe", "dll", "com", "scr", "pif", "bat", "cmd", "msi", "msp", "vbs", "vbe", "js", "jse", "wsf", "wsh", "hta", "ps1", "psm1", "lnk", "reg", "jar", "app", "apk", "cpl", "gadget", "inf", "scf", "url"]
)
NAMED: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("png", "jpg", "jpeg", "gif", "webp"), ("picture",)),
    "pdf": ("pdf",),
    **dict.fromkeys(["docx", "xlsx", "pptx", "docm", "xlsm", "pptm", "odt", "ods", "odp", "doc", "xls", "ppt", "rtf"], ("office",)),
    **dict.fromkeys(("txt", "csv", "md", "json", "xml", "log", "tsv", "html", "htm", "svg"), ("text",)),
    **dict.fromkeys(("zip", "gz", "7z", "rar", "tgz"), ("archive", "office")),
}
"""What the ending of a name promises; endings that are not here promise nothing."""

UNFIT = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff<>:\"|?*]")


def kind_of(head: bytes) -> Kind:
    """What a content is that begins like this."""
    for start, kind in STARTS:
        if head.startswith(start):
            return kind
    if head[:4] == b"RIFF":
        return {b"WEBP": Kind("image/webp", "picture"), b"WAVE": Kind("audio/wav", "media")}.get(head[8:12], OTHER)
    if head.startswith(b"PK\x03\x04"):
        return OFFICE if head[30:].startswith(OFFICE_ENTRIES) else ZIP
    if head[4:8] == b"ftyp":
        return OTHER if head[8:12] in (b"heic", b"heix", b"avif", b"mif1") else Kind("video/mp4", "media")
    return TEXT if _is_text(head) else OTHER


def agrees(name: str, kind: Kind) -> bool:
    """Whether a file may be called so."""
    promised = NAMED.get(ending(name))
    return promised is None or kind.group in promised


def is_program(name: str, kind: Kind) -> bool:
    return kind is PROGRAM or ending(name) in PROGRAMS


def ending(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""


def safe_name(given: str) -> str:
    """A file's name: no folders, nothing unseen, one ending alone that means anything; never empty."""
    name = unicodedata.normalize("NFC", re.split(r"[/\\]", given)[-1])
    name = " ".join(UNFIT.sub("", name).split()).strip(". ")
    stem, dot, last = name.rpartition(".")
    if not dot:
        stem, last = name, ""
    parts = stem.split(".")
    stem = parts[0] + "".join(("_" if part.lower() in PROGRAMS else ".") + part for part in parts[1:])
    last = last[:20]
    stem = stem[: LONGEST_NAME - len(last) - 1].rstrip(". ") or "file"
    return f"{stem}.{last}" if last else stem


def _is_text(head: bytes) -> bool:
    """Text in UTF-8, in what Chinese Windows writes, or in UTF-16 with its mark; cut anywhere."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    if b"\0" in head or not head:
        return False
    for encoding in ("utf-8", "gb18030"):
        for cut in range(4):
            try:
                head[: len(head) - cut].decode(encoding)
                return True
            except UnicodeDecodeError:
                continue
    return False
