"""Inputs as HTML, the same in a record's header and in its line items: by the kind of field."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import escape

NUMERIC = ("number", "money", "percent")
LINKING = ("link", "person")
TYPES = {"date": "date", "moment": "datetime-local"}
Options = Iterable[tuple[str, str]]


def draw_input(kind: str, name: str, typed: str, attributes: str, options: Options = (), source: str = "") -> str:
    """attributes: what names and describes it.  options: what it offers.  source: where a picker finds more."""
    named = f'name="{name}" {attributes}'
    if kind == "flag":
        checked = " checked" if typed == "true" else ""
        return f'<input type="hidden" name="{name}" value="false"><input type="checkbox" {named} value="true"{checked}>'
    if kind == "choice":
        return _select(named, typed, options)
    if kind in LINKING:
        return f'<link-picker data-source="{source}">{_select(named, typed, options)}</link-picker>'
    if kind == "long_text":
        return f'<textarea class="input" {named}>\n{escape(typed)}</textarea>'
    figure = 'input n" inputmode="decimal' if kind in NUMERIC else "input"
    return f'<input class="{figure}" type="{TYPES.get(kind, "text")}" {named} value="{escape(typed)}" autocomplete="off">'


def _select(named: str, typed: str, options: Options) -> str:
    drawn = "".join(
        f'<option value="{escape(value)}"{" selected" if value == typed else ""}>{escape(label)}</option>'
        for value, label in options
    )
    return f'<select class="input" {named}><option value=""></option>{drawn}</select>'


def offered(typed: str, text: str, options: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The options, and before them what stands there now if it is none of them."""
    options = [(str(value), label) for value, label in options]
    return options if not typed or typed in dict(options) else [(typed, text or typed), *options]


def marks(id: str, described: str = "", needed: bool = False, wrong: bool = False) -> str:
    """The attributes that a field's input has whatever its kind."""
    found = f'id="{id}"'
    if described:
        found += f' aria-describedby="{described}"'
    if needed:
        found += ' aria-required="true"'
    return found + (' aria-invalid="true"' if wrong else "")
