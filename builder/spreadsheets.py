"""An app from spreadsheets: read, guessed, changed by whoever knows better, made, and the rows brought in."""

from __future__ import annotations

import csv
import json
import re
import secrets
import shutil
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from ..platform import gallery
from ..platform.access import members
from ..platform.access.actor import SYSTEM
from ..platform.access.policy import admin
from ..platform.definition import store
from ..platform.definition.beginning import key_from
from ..platform.definition.inference import ColumnGuess, SheetGuess, Table, infer, raw
from ..platform.errors import FormloomError, Invalid, NotFound, Problem
from ..platform.records.reading import tables_in
from ..platform.registry import fields
from ..platform.workflow.intake import run_import
from ..platform.workflow.publication import publish

blueprint = Blueprint("spreadsheets", __name__, url_prefix="/build/spreadsheets")

TOKEN = re.compile(r"[0-9a-f]{24}")
KEPT = 7 * 24 * 3600  # seconds that an upload waits to be made into an app
PATIENCE = 2
OFFERED = ("text", "long_text", "number", "money", "percent", "date", "moment", "time", "choice", "flag", "mail", "phone", "url", "serial", "link")
ROW = "_row"


@blueprint.get("")
@admin
def new():
    return render_template("builder/spreadsheet_new.html", wrong=())


@blueprint.post("")
@admin
def upload():
    """The files, kept as plain sheets beside the guesses about them."""
    sent = [one for one in request.files.getlist("files") if one.filename]
    folder = _folder(secrets.token_hex(12))
    _forget_old(folder.parent)
    folder.mkdir(parents=True)
    try:
        if not sent:
            raise Invalid([Problem("", _("Choose a file."))])
        tables = [table for number, one in enumerate(sent) for table in _read(folder, number, one)]
        guesses = infer(tables)
    except Invalid as refusal:
        shutil.rmtree(folder)
        return render_template("builder/spreadsheet_new.html", wrong=refusal.problems), 422
    for guess, table in zip(guesses, tables, strict=True):
        (folder / f"{guess.key}.json").write_text(json.dumps([table.heads, table.rows], ensure_ascii=False), "utf-8")
    _keep(folder, {"by": g.actor.id, "name": Path(sent[0].filename).stem, "sheets": [asdict(one) for one in guesses]})
    return redirect(url_for("spreadsheets.show", token=folder.name), 303)


upload.takes_files = True


def _read(folder: Path, number: int, sent) -> list[Table]:
    file = folder / f"sent-{number}"
    sent.save(file)
    return tables_in(file, Path(sent.filename).name, g.language)


@blueprint.get("/<token>")
@admin
def show(token: str):
    """Every guess, with values beside it, to be changed."""
    kept = _kept(token)
    if "app" in kept:
        return render_template("builder/spreadsheet_made.html", kept=kept, token=token)
    return _page(token, kept)


@blueprint.post("/<token>")
@admin
def make(token: str):
    """The app as it was settled: made, published, its rows brought in beside this request."""
    kept, folder = _kept(token), _folder(token)
    sheets = [_settled(sheet, request.form) for sheet in _sheets(kept)]
    name = request.form.get("name", "").strip()[:60] or kept["name"]
    chosen = [sheet for sheet in sheets if sheet.kept and any(column.kept for column in sheet.columns)]
    if "app" in kept or not chosen:
        wrong = _("This was made into an app already.") if "app" in kept else _("Keep one sheet at least.")
        return _page(token, {**kept, "sheets": [asdict(one) for one in sheets]}, wrong), 422
    key = gallery.free_key(g.workspace, key_from(name, "app"))
    document = app_document(key, name, chosen, g.language)
    with g.workspace.writing() as connection:
        store.create_app(connection, document, g.actor.id)
        members.set_roles(connection, g.actor.id, key, ["everyone"])
    publish(g.workspace, key, g.actor.id)
    mapping = _written(folder, key, chosen)
    kept |= {"app": key, "first": chosen[0].key, "state": "running", "lines": []}
    _keep(folder, kept)
    _bring_in(folder, key, mapping)
    return redirect(url_for("spreadsheets.show", token=token), 303)


def _bring_in(folder: Path, key: str, mapping: dict[str, Any]) -> None:
    app, workspace = current_app._get_current_object(), g.workspace

    def run() -> None:
        with app.app_context():
            try:
                report = run_import(workspace, SYSTEM, mapping, folder, key)
                lines, state = list(report.lines()), "done"
            except (FormloomError, OSError) as error:
                lines, state = [str(error), *(str(problem.message) for problem in getattr(error, "problems", ()))], "stopped"
            kept = json.loads((folder / "kept.json").read_text("utf-8"))
            _keep(folder, kept | {"state": state, "lines": lines[:200]})

    thread = threading.Thread(target=run, name=f"rows {key}", daemon=True)
    thread.start()
    thread.join(PATIENCE)
    flash(_("The app is made and runs."), "good")


def app_document(key: str, name: str, sheets: Sequence[SheetGuess], language: str) -> dict[str, Any]:
    """The app of these sheets: a form each, one role that may do everything."""
    return {
        "format": 1, "key": key, "label": _both(name, language), "icon": "table",
        "roles": [{"key": "everyone", "label": {"en": "Everyone", "zh": "所有人"}}],
        "forms": [_form(sheet, language) for sheet in sheets],
    }  # fmt: skip


def _form(sheet: SheetGuess, language: str) -> dict[str, Any]:
    columns = [column for column in sheet.columns if column.kept]
    label = _both(sheet.name, language)
    title = sheet.title if any(column.key == sheet.title for column in columns) else columns[0].key
    cells = {"*": {"*": "edit"}}
    shown = [column.key for column in columns if column.type != "long_text"][:8]
    return {
        "key": sheet.key, "label": label, "plural": label, "icon": "table", "title": title, "fields": [_field(one, language) for one in columns],
        "layout": [{"key": "main", "label": label, "fields": [column.key for column in columns]}],
        "access": [{"role": "everyone", "scope": "all", "create": True, "load": True, "delete": ["saved"], "cells": cells}],
        "views": [{"key": "all", "label": {"en": "All", "zh": "全部"}, "columns": shown}],
    }  # fmt: skip


def _field(column: ColumnGuess, language: str) -> dict[str, Any]:
    found = {"key": column.key, "type": column.type, "label": _both(column.head, language), "settings": dict(column.settings)}
    return found | ({"required": True} if column.required and column.type not in ("flag", "serial") else {})


def _both(words: str, language: str) -> dict[str, str]:
    """A label out of what stands in a file, which may be anything."""
    words = "".join(one for one in words if one.isprintable()).strip()[:200] or "?"
    return {"en": words, "zh": words} if language == "zh" else {"en": words}


def _written(folder: Path, key: str, sheets: Sequence[SheetGuess]) -> dict[str, Any]:
    """The sheets as an import reads them, targets before what links to them, and the mapping that says how."""
    loads = []
    for sheet in _in_order(sheets):
        heads, rows = json.loads((folder / f"{sheet.key}.json").read_text("utf-8"))
        columns = [column for column in sheet.columns if column.kept]
        identity = next((column for column in sheet.columns if column.key == sheet.identity), None)
        with (folder / f"{sheet.key}.csv").open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow([ROW, *(column.key for column in columns)])
            for number, row in enumerate(rows, 2):
                told = row[identity.place] if identity else str(number)
                writer.writerow([told, *(_cell(column, row[column.place]) for column in columns)])
        loads.append({"key": sheet.key, "sheet": f"{sheet.key}.csv", "id": ROW, "into": sheet.key, "values": {c.key: _source(c) for c in columns}})
    return {"format": 1, "key": "spreadsheet", "app": key, "date_format": "%Y-%m-%d", "loads": loads}


def _cell(column: ColumnGuess, value: str) -> str:
    """A value as the import reads it; what is not of the type as it stands, so that the import names it."""
    if value.lower() in ("null", "n/a", "#n/a"):
        return ""
    found = raw(column.type, value, column.settings, column.told) if value else ""
    return value if found is None else found


def _source(column: ColumnGuess) -> Any:
    if column.type == "link":
        return {"columns": [column.key], "refers": column.settings["form"], "optional": True}
    return column.key


def _in_order(sheets: Sequence[SheetGuess]) -> list[SheetGuess]:
    """Sheets after those that their links lead to; links that would go round in a circle lead to nothing."""
    order: list[SheetGuess] = []
    waiting = list(sheets)
    while waiting:
        done = {sheet.key for sheet in order}
        ready = next((one for one in waiting if _targets(one) <= done), None) or waiting[0]
        waiting.remove(ready)
        columns = [replace(c, kept=False) if c.type == "link" and c.settings["form"] not in done else c for c in ready.columns]
        order.append(replace(ready, columns=columns))
    return order


def _targets(sheet: SheetGuess) -> set[str]:
    return {column.settings["form"] for column in sheet.columns if column.kept and column.type == "link"}


def _settled(sheet: SheetGuess, form) -> SheetGuess:
    """A sheet with what was changed on the page: SHEET.name, SHEET.COLUMN.type ..."""
    stem = sheet.key
    if f"{stem}.name" not in form:
        return sheet
    columns = [_settled_column(column, f"{stem}.{column.key}", form) for column in sheet.columns]
    return replace(sheet, name=form[f"{stem}.name"].strip()[:60] or sheet.name, columns=columns, title=form.get(f"{stem}.title", sheet.title), kept=f"{stem}.kept" in form)


def _settled_column(column: ColumnGuess, stem: str, form) -> ColumnGuess:
    kind, head = form.get(f"{stem}.type", column.type), form.get(f"{stem}.head", "").strip()[:60] or column.head
    kind, _colon, target = kind.partition(":")
    kind = kind if kind in OFFERED else column.type
    settings: Mapping[str, Any] = column.settings if kind == column.type and not target else _settings(kind, target, column)
    return replace(column, head=head, type=kind, settings=settings, kept=f"{stem}.kept" in form, required=f"{stem}.required" in form)


def _settings(kind: str, target: str, column: ColumnGuess) -> dict[str, Any]:
    if kind == "link":
        return {"form": target}
    if kind == "serial":
        return {"pattern": "{n}"}
    return {"options": [{"key": "other", "label": {"en": "Other", "zh": "其他"}}]} if kind == "choice" else {}


def _sheets(kept: Mapping[str, Any]) -> list[SheetGuess]:
    return [SheetGuess(**{**one, "columns": [ColumnGuess(**column) for column in one["columns"]]}) for one in kept["sheets"]]


def _page(token: str, kept: Mapping[str, Any], wrong: str = "") -> str:
    names = {name: fields[name].label for name in OFFERED if name != "link"}
    return render_template("builder/spreadsheet.html", token=token, kept=kept, sheets=_sheets(kept), types=names, wrong=wrong)


def _folder(token: str) -> Path:
    if not TOKEN.fullmatch(token):
        raise NotFound
    return current_app.extensions["formloom"].instance / "spreadsheets" / g.workspace.slug / token


def _kept(token: str) -> dict[str, Any]:
    file = _folder(token) / "kept.json"
    if not file.is_file():
        raise NotFound
    return json.loads(file.read_text("utf-8"))


def _keep(folder: Path, what: Mapping[str, Any]) -> None:
    fresh = folder / "kept.new"
    fresh.write_text(json.dumps(what, ensure_ascii=False), "utf-8")
    fresh.replace(folder / "kept.json")


def _forget_old(folder: Path) -> None:
    for one in folder.glob("*") if folder.is_dir() else ():
        if one.stat().st_mtime < time.time() - KEPT:
            shutil.rmtree(one, ignore_errors=True)
