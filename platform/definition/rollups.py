"""Roll-ups: which records count towards which field, read from the definition."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from .flow import Rule
from .model import App, Field, Form


@dataclass(frozen=True)
class Rollup:
    """The field `key` of `form` adds up what links there: records of `source`, or of its line items `rows`.

    via: the link beside what is counted.  field: the number added up; "" counts instead.
    """

    form: str
    key: str
    source: str
    rows: str
    via: str
    field: str
    where: Rule

    def path(self, key: str) -> str:
        """The path in the source of what stands beside the link."""
        return f"{self.rows}.{key}" if self.rows else key


def rollup_of(form: Form, field: Field) -> Rollup:
    settings = field.settings
    rows, _dot, via = settings["via"].rpartition(".")
    added = settings.get("field") or "" if settings["measure"] == "sum" else ""
    where = settings.get("where")
    return Rollup(form.key, field.key, settings["form"], rows, via, added, True if where is None else where)


def rollups_of(app: App) -> tuple[Rollup, ...]:
    return tuple(rollup_of(form, field) for form in app.forms for field in form.fields if field.type == "rollup")


def watching(app: App) -> Mapping[str, tuple[Rollup, ...]]:
    """Form key -> the roll-ups that its records count towards."""
    found = defaultdict(list)
    for rollup in rollups_of(app):
        found[rollup.source].append(rollup)
    return {source: tuple(rollups) for source, rollups in found.items()}
