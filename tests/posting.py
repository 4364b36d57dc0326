"""What a browser posts of a record's form."""

from __future__ import annotations

from werkzeug.datastructures import MultiDict


def page_of(form) -> MultiDict:
    """The form as it stands, untouched."""
    posted = MultiDict({"base": form.base_text, "csrf_token": "x"})
    for asked in form:
        posted[asked.name] = asked.typed
    for items in form.lines.values():
        for line in items.lines:
            posted[f"{items.key}-{line.index}-id"] = str(line.id or "")
            posted.update({cell.name: cell.typed for cell in line.cells.values() if cell.column.writable})
    return posted
