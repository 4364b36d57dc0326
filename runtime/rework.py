"""Buttons that change the page and save nothing, for browsers without script: choices to pick from, more lines."""

from __future__ import annotations

from werkzeug.datastructures import MultiDict

from .record_page import RecordPage

OFFERED = 100
MORE = 3


def rework(page: RecordPage, posted: MultiDict) -> bool:
    """Whether such a button was pressed; then the page is ready to be shown again."""
    if "find" in posted:
        _offer(page, posted["find"], posted.get(f"find-{posted['find']}", ""))
    elif "more" in posted:
        _add_lines(page, posted["more"])
    else:
        return False
    return True


def _offer(page: RecordPage, path: str, text: str) -> None:
    """The first choices that match, in the field's own list."""
    found = page.gate.choices(page.compiled.key, path, text, OFFERED)
    choices = [(str(choice.id), choice.title) for choice in found]
    page.offered[path] = choices
    if path in page.form:
        page.form[path].choices = choices


def _add_lines(page: RecordPage, key: str) -> None:
    items = page.form.lines.get(key)
    for _line in range(MORE if items is not None and items.whole else 0):
        items.add_blank()
