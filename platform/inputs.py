"""Inputs as HTML, the same in a record's header and in its line items: by how a field type asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from markupsafe import escape

from .field_type import FieldType
from .files_said import FilesSaid

GROUPED = ("boxes", "stars", "parts", "files")
"""What is asked with several inputs, and so has a legend instead of a label."""

Options = Iterable[tuple[str, str]]


@dataclass(frozen=True)
class Input:
    """One field or cell to fill in.

    marks: the attributes that name and describe it.  options: what it offers.  source: where a picker finds more.
    place: the address of the record, below which its files are.  ids: what the ids of its parts begin with.
    """

    field_type: FieldType
    field: Any
    name: str
    typed: str
    marks: str
    options: Options = ()
    source: str = ""
    place: str = ""
    files: FilesSaid | None = None
    ids: str = ""

    @property
    def named(self) -> str:
        return f'name="{escape(self.name)}" {self.marks}'


def draw_input(asked: Input) -> str:
    return DRAWN[asked.field_type.asks](asked)


def draw_in_line(asked: Input) -> str:
    """In a line of a table there is no room for stars."""
    if asked.field_type.asks == "stars":
        return _select(asked)
    return draw_input(asked)


def _line(asked: Input) -> str:
    drawn = f'<input class="input" type="{asked.field_type.line_type}" {asked.named} value="{escape(asked.typed)}" autocomplete="off">'
    return _scanned(drawn) if asked.field.settings.get("scan") else drawn


def _scanned(drawn: str) -> str:
    """With a button that static/scan.js shows where there is a camera."""
    words = {"hint": _("Hold the code in front of the camera."), "failed": _("The camera can’t be used. Allow it in the browser’s settings, or enter the code.")}
    said = "".join(f' data-{name}="{escape(text)}"' for name, text in words.items())
    button = f'<button class="button quiet only" type="button" aria-label="{escape(_("Scan a code"))}" hidden>{_icon("scan-barcode")}</button>'
    return f'<scan-code{said} data-close="{escape(_("Close"))}">{drawn}{button}</scan-code>'


def _figure(asked: Input) -> str:
    return f'<input class="input n" inputmode="decimal" type="text" {asked.named} value="{escape(asked.typed)}" autocomplete="off">'


def _lines(asked: Input) -> str:
    return f'<textarea class="input" {asked.named}>\n{escape(asked.typed)}</textarea>'


def _box(asked: Input) -> str:
    checked = " checked" if asked.typed == "true" else ""
    return f'<input type="hidden" name="{asked.name}" value="false"><input type="checkbox" {asked.named} value="true"{checked}>'


def _select(asked: Input) -> str:
    drawn = "".join(
        f'<option value="{escape(value)}"{" selected" if value == asked.typed else ""}>{escape(label)}</option>'
        for value, label in asked.options
    )
    return f'<select class="input" {asked.named}><option value=""></option>{drawn}</select>'


def _picker(asked: Input) -> str:
    return f'<link-picker data-source="{asked.source}">{_select(asked)}</link-picker>'


def _boxes(asked: Input) -> str:
    """After a hidden empty one, so that all unchecked is told from never sent."""
    chosen = asked.typed.split(",") if asked.typed else []
    options = [(str(value), label) for value, label in asked.options]
    options += [(key, key) for key in chosen if key not in dict(options)]
    boxes = "".join(_check(asked.name, value, escape(label), value in chosen) for value, label in options)
    return f'<div class="boxes" role="group" {asked.marks}>{_empty(asked)}{boxes}</div>'


def _stars(asked: Input) -> str:
    label, checked = escape(_("None")), "" if asked.typed else " checked"
    none = f'<label class="none"><input type="radio" name="{asked.name}" value=""{checked}><span>{label}</span></label>'
    stars = "".join(
        f'<label><input type="radio" name="{asked.name}" value="{value}"{" checked" if value == asked.typed else ""}>'
        f'<span class="star" aria-hidden="true">★</span><span class="seen">{escape(label)}</span></label>'
        for value, label in asked.options
    )
    return f'<div class="rate" role="radiogroup" {asked.marks}>{none}{stars}</div>'


def _parts(asked: Input) -> str:
    texts = dict(zip(asked.field_type.parts, asked.typed.split("\n"), strict=False))
    drawn = "".join(_part(asked, key, label, texts.get(key, "")) for key, label in asked.options)
    return f'<div class="parts" role="group" {asked.marks}>{drawn}</div>'


def _part(asked: Input, key: str, label: str, text: str) -> str:
    id = f"{asked.ids}-{key}"
    return (
        f'<div class="part {key}"><label class="label" for="{id}">{escape(label)}</label>'
        f'<input class="input" id="{id}" name="{asked.name}.{key}" value="{escape(text)}" autocomplete="off"></div>'
    )


def _files(asked: Input) -> str:
    """Those that are there, each with a box that keeps it, and an input for more."""
    kept = asked.typed.split("\n") if asked.typed else []
    draw, keep = asked.field_type.drawn, escape(_("Keep"))
    boxes = "".join(f"<li>{draw(reference, asked.place)}{_check(asked.name, reference, keep, True)}</li>" for reference in kept)
    listed = f'<ul class="kept">{boxes}</ul>' if boxes else ""
    label = escape(_("Add files"))
    said = asked.files
    accept = f' accept="{",".join(said.accept)}"' if said.accept else ""
    pictures = said.accept and all(kind.startswith("image/") for kind in said.accept)
    weighed = f' data-largest="{said.largest}" data-too-large="{escape(said.too_large)}"'
    return (
        f'<div class="uploads" role="group" {asked.marks}>{_empty(asked)}{listed}'
        f'<input type="file" name="{asked.name}" multiple aria-label="{label}"{accept}{weighed}>{_camera(asked, weighed) if pictures else ""}'
        f'<span class="help">{escape(said.note)}</span></div>'
    )


def _camera(asked: Input, weighed: str) -> str:
    """Of a phone, which else offers no more than the pictures that it has."""
    taken = f'<input type="file" name="{asked.name}" accept="image/*" capture="environment"{weighed}>'
    return f'<label class="camera"><span>{escape(_("Take a photo"))}</span>{taken}</label>'


def _check(name: str, value: str, label: str, checked: bool) -> str:
    box = f'<input type="checkbox" name="{name}" value="{escape(value)}"{" checked" if checked else ""}>'
    return f'<label class="check">{box}<span>{label}</span></label>'


def _empty(asked: Input) -> str:
    return f'<input type="hidden" name="{asked.name}" value="">'


def _icon(name: str) -> str:
    return current_app.jinja_env.globals["draw_icon"](name)


DRAWN: dict[str, Callable[[Input], str]] = {
    "line": _line, "lines": _lines, "figure": _figure, "box": _box, "choice": _select, "boxes": _boxes, "stars": _stars,
    "picker": _picker, "parts": _parts, "files": _files,
}  # fmt: skip


def offered(typed: str, text: str, options: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The options, and before them what stands there now if it is none of them."""
    options = [(str(value), label) for value, label in options]
    return options if not typed or typed in dict(options) else [(typed, text or typed), *options]


def marks(id: str, described: str = "", needed: bool = False, wrong: bool = False, labelled: str = "", grouped: bool = False) -> str:
    """The attributes that a field's input has whatever its kind; a group of inputs is not needed or wrong itself."""
    found = f'id="{id}"'
    if labelled:
        found += f' aria-labelledby="{labelled}"'
    if described:
        found += f' aria-describedby="{described}"'
    if grouped:
        return found + ' tabindex="-1"'
    if needed:
        found += ' aria-required="true"'
    return found + (' aria-invalid="true"' if wrong else "")
