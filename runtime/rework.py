"""Buttons that change the page and save nothing: for browsers without script choices to pick from and more lines, for
those with it what was typed before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug.datastructures import MultiDict

from .record_form import RecordForm

if TYPE_CHECKING:
    from .record_page import RecordPage

OFFERED = 100
MORE = 3
OWN = ("then", "find", "more", "next", "foresee", "restore")


def own_names(posted: MultiDict | None) -> list[str]:
    """What a page posts beside fields: its buttons, the search for choices, answers to clashes."""
    return [name for name in posted or () if name in OWN or name.startswith(("find-", "choice-"))]


def rework(page: RecordPage, form: RecordForm, posted: MultiDict) -> bool:
    """Whether such a button was pressed; then the page with this form is ready to be shown again."""
    if "find" in posted:
        _offer(page, form, posted["find"], posted.get(f"find-{posted['find']}", ""))
    elif "more" in posted:
        _add_lines(form, posted["more"])
    elif "restore" in posted:
        pass  # what was typed stands there already
    else:
        return False
    return True


def _offer(page: RecordPage, form: RecordForm, path: str, text: str) -> None:
    """The first choices that match, in the field's own list."""
    found = page.gate.choices(page.compiled.key, path, text, OFFERED)
    choices = [(str(choice.id), choice.title) for choice in found]
    page.offered[path] = choices
    if path in form:
        form[path].choices = choices


def _add_lines(form: RecordForm, key: str) -> None:
    items = form.lines.get(key)
    for _line in range(MORE if items is not None and items.whole else 0):
        items.add_blank()
