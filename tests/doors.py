"""The ways into an app that must agree: each takes the same thing and says whether it was taken, and what is wrong."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

from formloom.platform.access import links
from formloom.platform.access.actor import SYSTEM
from formloom.platform.definition.inference import Table
from formloom.platform.errors import FormloomError, Invalid
from formloom.platform.jobs.worker import drain
from formloom.platform.workflow import sheet_log
from formloom.platform.workflow.commands import Commands, Loaded
from formloom.platform.workflow.intake import run_import
from page import Page, visit


@dataclass(frozen=True)
class Verdict:
    """names: what is named as wrong, by its key; of a refusal that is no fault of a field, none."""

    taken: bool
    names: frozenset[str] = frozenset()


TAKEN = Verdict(True)


def told(work: Callable, *arguments: Any) -> Verdict:
    """What a command says."""
    try:
        answer = work(*arguments)
    except Invalid as error:
        return Verdict(False, frozenset(key_of(problem.path) for problem in error.problems) - {"row"})
    except FormloomError:
        return Verdict(False)
    if isinstance(answer, list) and answer and isinstance(answer[0], Invalid):
        return Verdict(False, frozenset(key_of(problem.path) for problem in answer[0].problems))
    return TAKEN


def key_of(path: str) -> str:
    """ "quantity" of "lines.2.quantity", "lines-2-quantity", "loads[o].values.quantity"."""
    parts = [part for part in re.split(r"[.\-]", path) if not part.isdigit()]
    return parts[-1]


def read(page: Page, place: str) -> Verdict:
    """What a page says: taken, or the list of what is wrong."""
    if page.status == 303:
        return TAKEN
    found = re.search(rf'id="{place}".*?<ul>(.*?)</ul>', page.html, re.S) or re.search(r'class="alert bad".*?<ul>(.*?)</ul>', page.html, re.S)
    names = set()
    for item in re.findall(r"<li>(.*?)</li>", found[1] if found else "", re.S):
        linked, quoted = re.search(r'href="#[fq]-([^"]+)"', item), re.search("“(.+?)”", unescape(item))
        named = linked[1] if linked else quoted[1] if quoted else ""
        names.add(key_of(named))
    return Verdict(False, frozenset(names - {""}))


def posted(values: dict) -> dict[str, str]:
    """Values as a browser sends them."""
    sent = {}
    for key, value in values.items():
        if key != "lines":
            sent[key] = _text(value)
            continue
        for index, line in enumerate(value):
            sent[f"lines-{index}-id"] = str(line.get("id", ""))
            sent |= {f"lines-{index}-{name}": _text(cell) for name, cell in line.items() if name != "id"}
    return sent


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def by_page(client, path: str, values: dict) -> Verdict:
    page = visit(client, path)
    return read(page.send(**posted(values)), "problems") if page.status == 200 else Verdict(False)


def by_question(client, path: str, sent: dict[str, str]) -> Verdict:
    page = visit(client, path)
    if page.status != 200:
        return Verdict(False)
    return read(page.send("question", **sent), "question")


def by_load(do: Commands, values: dict) -> Verdict:
    return told(do.load, "order", [Loaded("draft", values)])


def by_import(workspace, folder: Path, values: dict) -> Verdict:
    """The values as two sheets, each case in a run of its own; names are those of columns."""
    folder.mkdir()
    header = [key for key in values if key != "lines"]
    mapping = {
        "format": 1, "key": folder.name, "app": "depot",
        "loads": [{"key": "orders", "sheet": "orders.csv", "id": "no", "into": "order", "values": {key: key for key in header}}],
    }  # fmt: skip
    _sheet(folder / "orders.csv", ["no", *header], [["1", *(_text(values[key]) for key in header)]])
    if "lines" in values:
        columns = list(dict.fromkeys(name for line in values["lines"] for name in line))
        lines = [["1", *(_text(line.get(name)) for name in columns)] for line in values["lines"]]
        _sheet(folder / "lines.csv", ["of", *columns], lines)
        rows = {"sheet": "lines.csv", "to": "of", "values": {name: name for name in columns}}
        mapping["loads"][0]["rows"] = {"lines": rows}
    try:
        report = run_import(workspace, SYSTEM, mapping, folder)
    except Invalid as error:
        return Verdict(False, frozenset(key_of(problem.path) for problem in error.problems))
    reasons = [part for one in report.refused for part in str(one.reason).split("; ") if ":" in part]
    names = frozenset(key_of(part.partition(":")[0]) for part in reasons)
    return Verdict(False, names) if report.refused else TAKEN


def _sheet(file: Path, header: list[str], rows: list[list[str]]) -> None:
    with file.open("w", newline="") as handle:
        csv.writer(handle).writerows([header, *rows])


def by_sheet(workspace, actor, values: dict, key: str = "") -> str:
    """The values as a row of a sheet that somebody tries and brings in, or one for each line; what became of it, the same
    both times.
    """
    own = {name: _text(value) for name, value in values.items() if name != "lines"}
    lines = values.get("lines") or [{}]
    names = list(dict.fromkeys(name for line in lines for name in line))
    rows = [("x", *own.values(), *(_text(line.get(name)) for name in names)) for line in lines]
    columns = dict(enumerate([*own, *(f"lines.{name}" for name in names)], 1))
    table = Table("sheet", ("", *columns.values()), rows, lines=range(2, 2 + len(rows)))
    meaning = sheet_log.Meaning(columns, key, group=0)
    with workspace.writing() as connection:
        import_id = sheet_log.keep_sheet(connection, "depot", "order", actor.id, "sheet.csv", table, meaning)
    told = []
    for state, before in ((sheet_log.CHECKING, sheet_log.READ), (sheet_log.RUNNING, sheet_log.CHECKED)):
        with workspace.writing() as connection:
            assert sheet_log.begin(connection, import_id, state, (before,))
        drain(workspace)
        with workspace.reading() as connection:
            told += [one.what for one in sheet_log.told_rows(connection, import_id) if one.what != "line"]
    tried, done = told[:1], told[len(told) // 2 :][:1]
    assert tried == done, values
    return done[0]


def by_json(client, path: str, body: dict) -> Verdict:
    sent = json.dumps(body, default=str)
    return Verdict(client.post(path, data=sent, content_type="application/json").status_code in (200, 201))


def by_cell(client, path: str, values: dict) -> Verdict:
    """A cell of a list, edited where it stands; what is posted to one that is not open all the same."""
    page = visit(client, path)
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="(.*?)">', page.html)) or {"base": "{}"}
    sent = {name: unescape(value) for name, value in hidden.items()}
    return Verdict(client.post(path, sent | posted(values)).status_code == 200)


def by_bulk(client, list_path: str, record, do: str, values: dict) -> Verdict:
    page = visit(client, f"{list_path}bulk?record={record.id}&do={do}")
    if page.status != 200:
        return Verdict(False)
    done = page.send("question", **posted(values))
    return Verdict(done.status == 200 and "1 record is done." in done.text)


def by_card(client, path: str, **sent: str) -> Verdict:
    """As the script does: what the card said, and nothing else."""
    return Verdict(client.post(f"{path}/place", sent).status_code == 303)


def by_dragged_card(client, path: str, record, transition, asked: dict) -> Verdict:
    """To another status; where that asks something, with the answers."""
    sent = {"by": "status", "to": transition.target, "take": transition.key, "status": record.status, "rev": str(record.rev)}
    answer = Page(client, client.post(f"{path}/place", sent))
    if answer.status != 303:
        return Verdict(False)
    return by_question(client, answer.location, posted(asked)) if "/transitions/" in answer.location else TAKEN


def by_button(client, path: str, name: str) -> Verdict:
    """A button of the record's page, pressed though it may not be there; without a form there is none."""
    page = visit(client, path)
    if 'id="record"' not in page.html:
        return Verdict(False)
    answer = page.send(then=name)
    if answer.status == 303 and "/transitions/" in answer.location:
        return by_question(client, answer.location, {})
    return Verdict(answer.status == 303)


def link_to(workspace, form: str, record_id: int | None) -> str:
    """The token of a new link."""
    with workspace.writing() as connection:
        return links.make_link(connection, "depot", form, record_id, "Outside", 1, 30)


def by_link(workspace, token: str) -> Commands:
    """The commands as whoever has a link."""
    with workspace.reading() as connection:
        actor = links.actor_of(links.find_link(connection, token), "en")
    return Commands(workspace, actor, "depot")
