"""Static files: served small and for ever, under an address that changes with their content.

The address carries the hash of the whole folder, `/static/3f2a.../app.css`, so that ES modules
which import each other by relative paths change theirs as well.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import tempfile
from functools import lru_cache, partial
from pathlib import Path

from flask import Flask
from markupsafe import Markup
from rjsmin import jsmin
from whitenoise import WhiteNoise

SMALLEST = 500  # bytes; below that compression gains nothing
COMPRESSED = {".css", ".js", ".json", ".svg", ".webmanifest"}
FOREVER = 365 * 24 * 3600
KEPT_ICONS = 300


def set_up_assets(app: Flask, source: Path) -> None:
    kept = Path(app.instance_path) / "static"
    tag = _tag(source)
    folder = kept / tag
    if not folder.is_dir():
        _publish(source, folder)
    app.wsgi_app = WhiteNoise(
        app.wsgi_app, root=folder, prefix=f"static/{tag}", max_age=FOREVER, allow_all_origins=False,
        add_headers_function=_no_sniffing, immutable_file_test=lambda *_: True,
    )  # fmt: skip
    app.jinja_env.globals["asset"] = lambda name: f"/static/{tag}/{name}"
    app.jinja_env.globals["draw_icon"] = lru_cache(KEPT_ICONS)(partial(_icon, f"/static/{tag}/icons.svg"))


def _icon(sprite: str, name: str, label: str = "") -> Markup:
    """In Python, since a page has some forty; `label` where nothing beside it says the same."""
    said = Markup('role="img" aria-label="{}"').format(label) if label else 'aria-hidden="true"'
    return Markup('<svg class="icon" {}><use href="{}#{}"/></svg>').format(Markup(said), sprite, name)


def _tag(source: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(source.rglob("*")):
        if file.is_file():
            digest.update(str(file.relative_to(source)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:12]


def _publish(source: Path, folder: Path) -> None:
    """A copy with compressed siblings, put in place whole; another process may have been faster."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(dir=folder.parent))
    shutil.copytree(source, making, dirs_exist_ok=True)
    for file in making.glob("*.js"):  # our own; what is vendored stays as its checksum says
        file.write_text(jsmin(file.read_text("utf-8")), "utf-8")
    for file in list(making.rglob("*")):
        if file.suffix in COMPRESSED and file.stat().st_size > SMALLEST:
            file.with_name(file.name + ".gz").write_bytes(gzip.compress(file.read_bytes(), 9, mtime=0))
    making.chmod(0o755)
    try:
        os.rename(making, folder)
    except OSError:
        shutil.rmtree(making)


def _no_sniffing(headers, _path, _url) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
