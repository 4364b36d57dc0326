"""Files by their content and their names."""

from __future__ import annotations

import pytest
from every_field import PDF, PNG
from formloom.platform.file_kinds import kind_of, safe_name


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("report.pdf", "report.pdf"),
        ("C:\\Users\\me\\合同.pdf", "合同.pdf"),
        ("../../etc/passwd", "passwd"),
        ("/tmp/.hidden", "hidden"),
        ("a\0b\n.pdf", "ab.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("setup.exe.pdf", "setup_exe.pdf"),
        ("archive.tar.gz", "archive.tar.gz"),
        ("  spaced   out .txt", "spaced out.txt"),
        ("...", "file"),
        ("", "file"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_names_lose_what_could_deceive(given, name):
    assert safe_name(given) == name


@pytest.mark.parametrize(
    ("head", "mime", "group"),
    [
        (PNG, "image/png", "picture"),
        (b"\xff\xd8\xff\xe0", "image/jpeg", "picture"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp", "picture"),
        (PDF, "application/pdf", "pdf"),
        (b"PK\x03\x04" + b"\0" * 26 + b"[Content_Types].xml", "application/octet-stream", "office"),
        (b"PK\x03\x04" + b"\0" * 26 + b"photo.jpg", "application/zip", "archive"),
        (b"<html><script>alert(1)</script>", "text/plain", "text"),
        ("订单,金额\n".encode("gb18030"), "text/plain", "text"),
        ("é".encode()[:1] + b"", "text/plain", "text"),
        (b"\x7fELF\x02", "application/octet-stream", "program"),
        (b"#!/bin/sh\n", "application/octet-stream", "program"),
        (b"\x00\x01\x02", "application/octet-stream", ""),
    ],
)
def test_kinds_are_told_by_content(head, mime, group):
    kind = kind_of(head)
    assert (kind.mime, kind.group) == (mime, group)
