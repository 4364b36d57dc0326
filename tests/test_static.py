"""The files that pages are made of."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

from formloom.platform import db

ROOT = Path(db.__file__).parent.parent


def test_every_icon_that_is_named_is_in_the_sprite():
    sprite = set(re.findall(r'<symbol id="([a-z0-9-]+)"', (ROOT / "static" / "icons.svg").read_text()))
    named = set()
    for file in (ROOT / "templates").rglob("*.html"):
        text = file.read_text()
        named |= set(re.findall(r'm\.(?:icon|empty)\("([a-z0-9-]+)"', text)) | set(re.findall(r'#([a-z0-9-]+)"/>', text))
    for file in (ROOT / "seeds").glob("*.json"):
        named |= set(re.findall(r'"icon": "([a-z0-9-]+)"', file.read_text()))
    assert named - sprite == set()


def test_vendor_files_are_those_that_were_pinned():
    folder = ROOT / "static" / "vendor"
    pinned = json.loads((folder / "VENDOR.json").read_text())
    for entry in pinned:
        assert hashlib.sha256((folder / entry["file"]).read_bytes()).hexdigest() == entry["sha256"], entry["file"]
    assert {file.name for file in folder.iterdir()} == {e["file"] for e in pinned if "/" not in e["file"]} | {"VENDOR.json"}
