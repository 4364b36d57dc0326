"""What is measured once: memory, the start, the first page, the size on the disk, a publish."""

from __future__ import annotations

import re
import shutil
import time
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from urllib.request import Request, urlopen

from bench_data import House
from bench_works import Figure
from databases import SLUG
from formloom.platform import db
from formloom.platform.config import Config
from formloom.platform.definition import drafts, store
from formloom.platform.workflow.publication import publish
from order_app import ROOT
from packaging.requirements import Requirement

ASSET = re.compile(r'(?:src|href)="(/static/[^"#]+)')
IMPORTED = re.compile(r'(?:from|import) ?"(\./[^"]+)"')
MEGA = 1_000_000
DOUBLE = {"rule": {"*": [{"var": "total"}, 2]}, "result": "money", "scale": 2}
FIELD = {"key": "bench", "type": "formula", "label": {"en": "Double", "zh": "双倍"}, "settings": DOUBLE}


def first_page(port: int, cookie: str) -> list[Figure]:
    """What a browser that was never here fetches for the first page of somebody who has signed in."""
    waiting, seen, size = ["/"], set(), 0
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        page, length = _fetched(port, path, cookie)
        size += length
        waiting += ASSET.findall(page) if path == "/" else []
        waiting += [path.rpartition("/")[0] + name[1:] for name in IMPORTED.findall(page)] if path.endswith(".js") else []
    return [
        Figure("first page, signed in", size / MEGA, "MB", 9.2, 0.1),
        Figure("first page, signed in", len(seen), "requests", 37, 12),
    ]


def _fetched(port: int, path: str, cookie: str) -> tuple[str, int]:
    """(text, bytes sent) of an address."""
    request = Request(f"http://127.0.0.1:{port}{path}", headers={"Cookie": cookie})
    with urlopen(request) as plain:
        text = plain.read().decode(errors="replace")
    request.add_header("Accept-Encoding", "gzip")
    with urlopen(request) as answer:
        return text, len(answer.read())


def installed() -> Figure:
    """Formloom and all that pip brings with it, without the tests' own."""
    size = sum(path.stat().st_size for folder in _shipped() for path in folder.rglob("*") if path.is_file())
    size += sum(path.stat().st_size for name in _needed() for file in distribution(name).files or () if (path := Path(file.locate())).is_file())
    return Figure("installed", size / MEGA, "MB", 257, 150)


def _shipped() -> list[Path]:
    return [ROOT / name for name in ("platform", "builder", "runtime", "static", "templates", "seeds")]


def _needed() -> set[str]:
    """The names of the distributions that Formloom stands on, PostgreSQL's driver too."""
    found, waiting = set(), [Requirement("formloom[postgres]")]
    while waiting:
        wanted = waiting.pop()
        try:
            requires = distribution(wanted.name).requires or []
        except PackageNotFoundError:
            continue
        if wanted.name != "formloom":
            found.add(wanted.name)
        extras = [{"extra": extra} for extra in (*wanted.extras, "")]
        needed = [Requirement(text) for text in requires]
        needed = [one for one in needed if one.marker is None or any(one.marker.evaluate(extra) for extra in extras)]
        waiting += [one for one in needed if one.name not in found]
    return found


def published(full: House, folder: Path) -> Figure:
    """Publishing a new formula, worked out for all orders, on a copy of the house."""
    workspaces = db.Workspaces(copied(full, folder))
    workspace = workspaces[SLUG]
    try:
        with workspace.writing() as connection:
            app = store.app_row(connection, "orders")
            draft = store.draft(connection, app.id, lock=True)
            drafts.change(connection, app.id, "add_field", {"form": "order", "field": FIELD}, draft.rev, None)
        started = time.perf_counter()
        publish(workspace, "orders", None)
        took = time.perf_counter() - started
    finally:
        workspaces.dispose()
    return Figure(f"publishing a formula over {full.size} orders", took, "s")


def copied(full: House, folder: Path) -> Config:
    """A copy of the house, to change as one likes."""
    full.workspaces.dispose()
    instance = folder / "copy"
    shutil.rmtree(instance, ignore_errors=True)
    shutil.copytree(full.config.instance, instance)
    if not full.config.postgresql:
        return Config(instance, "", full.config.secret)
    full.server.execute("DROP DATABASE IF EXISTS copy WITH (FORCE)", "CREATE DATABASE copy TEMPLATE bench")
    return Config(instance, full.server.url("copy"), full.config.secret)
