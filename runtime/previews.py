"""What a record would be with what is being typed: for the rules that only the server may work out."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify, request

from ..platform.access.policy import member
from ..platform.access.rights import READABLE
from ..platform.errors import Invalid, Problem
from ..platform.workflow.commands import Preview
from .opening import commands_of
from .record_form import place, values_from
from .record_page import RecordPage
from .showing import blank, opened

blueprint = Blueprint("previews", __name__, url_prefix="/apps/<app_key>/<form_key>")


@blueprint.post("/preview")
@member
def show(app_key: str, form_key: str):
    """JSON: {texts: {name: text}, hidden: [key], locked: [key], problems: {name: sentence}} by names on the page."""
    record_id = request.args.get("record", type=int)
    page = opened(app_key, form_key, record_id, request.form) if record_id else blank(app_key, form_key, request.form)
    try:
        changes, _base = values_from(page.form)
    except Invalid:
        return jsonify(texts={}, hidden=[], locked=[], problems={})
    preview = commands_of(app_key).preview(form_key, record_id, changes)
    return jsonify(texts=_texts(page, preview), hidden=_hidden(page, preview), locked=[key for key in preview.locked if page.record.modes.get(key) in READABLE], problems=_placed(page, preview.problems))


def _texts(page: RecordPage, preview: Preview) -> dict[str, str]:
    """What is worked out, as it reads; inputs keep what was typed into them."""
    titles = page.record.titles
    texts: dict[str, str] = {}
    for key, value in preview.values.items():
        if key in page.form.lines:
            for line, values in zip(page.form.lines[key].sent(), value, strict=False):
                closed = [cell for cell in line.cells.values() if not cell.column.writable]
                texts |= {cell.name: _said(page, f"{key}.{cell.column.key}", values, titles) for cell in closed}
        elif key not in page.form:
            texts[key] = _said(page, key, preview.values, titles)
    return texts


def _said(page: RecordPage, path: str, values: Any, titles) -> str:
    value = values.get(path.rpartition(".")[2])
    field_type, shown = page.compiled.shown[path]
    return "" if value is None else field_type.display(value, shown, page.formats, titles)


def _hidden(page: RecordPage, preview: Preview) -> list[str]:
    return [key for key, mode in page.record.modes.items() if mode != "hidden" and preview.modes.get(key) == "hidden"]


def _placed(page: RecordPage, problems: tuple[Problem, ...]) -> dict[str, str]:
    place(page.form, Invalid(problems))
    return {problem.path: str(problem.message) for problem in page.problems}
