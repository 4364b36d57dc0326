"""What somebody who builds waits for: the designer opened, an edit in it, a template cloned; beside bare Flask."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.request import Request, urlopen

from bench_data import House
from bench_figures import copied
from bench_works import Figure
from databases import SLUG
from formloom.platform import db
from formloom.platform.config import Config
from formloom.platform.definition import drafts, store
from load import Measured, get, measure, post
from serving import FLOOR, FORMLOOM, running, signed_in

FIELDS = 60
MOST = 40
MOST_CLONES = 5
FORM = "/build/orders/forms/order/"


def built(full: House, folder: Path, reads: int) -> list[Figure]:
    """On a copy of the house, whose order form has grown to 60 fields; each asked so often, within reason."""
    times, clones = min(reads, MOST), min(reads, MOST_CLONES)
    config = copied(full, folder)
    _grow(config)
    with running(FLOOR, config) as (_process, port):
        floor = _p50(port, [get("/hello")] * times)
    with running(FORMLOOM, config) as (_process, port):
        cookie, token = signed_in(port, "admin@example.com")
        open_it = [get(FORM, cookie)] * times
        _p50(port, open_it)
        rev = _rev(port, cookie)
        found = [
            Figure(f"opening the designer, {FIELDS} fields", _p50(port, open_it), "ms"),
            Figure(f"rights of {FIELDS} fields, drawn for all roles", _p50(port, [get("/build/orders/access/order/?role=*", cookie)] * times), "ms"),
            Figure(f"an edit in the designer, {FIELDS} fields", _p50(port, [_edit(rev + n, cookie, token) for n in range(times)]), "ms", None, 60),
            Figure("an edit, and the page drawn anew", _p50(port, [one for n in range(times) for one in (_edit(rev + times + n, cookie, token), get(FORM, cookie))], 2), "ms", None, 100),
            Figure("cloning the order template", _p50(port, [post("/build/clones", {"csrf_token": token, "template": "orders"}, cookie) for _n in range(clones)]), "ms", None, 1000),
        ]
    return [*found, Figure("bare Flask beside it", floor, "ms")]


def _grow(config: Config) -> None:
    workspaces = db.Workspaces(config)
    try:
        with workspaces[SLUG].writing() as connection:
            app = store.app_row(connection, "orders")
            form = next(one for one in store.draft(connection, app.id, lock=True).document["forms"] if one["key"] == "order")
            fields = [{"key": f"bench_{n}", "type": "text", "label": {"en": f"Field {n}"}} for n in range(FIELDS - len(form["fields"]))]
            adding = [{"form": "order", "field": field, "section": form["layout"][0]["key"]} for field in fields]
            edits = [{"name": "add_field", "arguments": one} for one in adding]
            drafts.change(connection, app.id, "several", {"edits": edits}, store.draft(connection, app.id).rev, None)
    finally:
        workspaces.dispose()


def _rev(port: int, cookie: str) -> int:
    """The revision that the designer's page was drawn from, as its edits say it."""
    with urlopen(Request(f"http://127.0.0.1:{port}{FORM}", headers={"Cookie": cookie})) as answer:
        return int(re.search(r'data-rev="(\d+)"', answer.read().decode())[1])


def _edit(number: int, cookie: str, token: str) -> bytes:
    """A field's help, written anew, decided on at a revision."""
    given = {"path": "forms[order].fields[note].help", "value": {"en": f"Said {number} times", "zh": f"第 {number} 次"}}
    return post("/build/orders/edits", {"csrf_token": token, "name": "put", "arguments": json.dumps(given), "base": str(number), "next": FORM}, cookie)


def _p50(port: int, requests: list[bytes], each: int = 1) -> float:
    """Of one client; `each`: how many requests are one act."""
    found: Measured = measure(port, iter(requests), 1)
    assert set(found.statuses) <= {200, 303}, found.statuses
    if each == 1:
        return found.p50
    acts = sorted(sum(one) for one in zip(*[iter(found.latencies)] * each, strict=True))
    return acts[len(acts) // 2]
