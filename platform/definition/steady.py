"""What may be kept: a stored value stands only on what changes by a command on its own record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _

from ..rules.typing import paths
from .findings import Finding
from .flow import Rule
from .model import App, Form
from .scope import AROUND, line_scope, record_scope


def unsteady(app: App, form: Form, rows_key: str, rule: Rule) -> Iterator[tuple[str, Any]]:
    """(what a rule reads, why no stored value may stand on that); `rows_key`: of the column that holds the rule."""
    scope = line_scope(app, form, form.by_key[rows_key]) if rows_key else record_scope(app, form)
    for path in sorted(paths(rule, scope)):
        parts = path.split(".")
        first = parts[1] if rows_key and parts[0] == "header" and len(parts) > 1 else parts[0]
        if first in (*AROUND, "old"):
            yield first, _("A stored value cannot stand on “%(name)s”, which changes by itself.", name=first)
            continue
        own, beyond = read_at(form, rows_key, path)
        read = form.field_at(own)
        if beyond:
            yield path, _("A stored value cannot stand on “%(name)s” of another record; add a look-up of it.", name=path)
        elif read is not None and read.type == "lookup" and read.settings.get("live"):
            yield path, _("A stored value cannot stand on the live look-up “%(name)s”.", name=path)


def steady(place: str, app: App, form: Form, rows_key: str, rule: Rule) -> Iterator[Finding]:
    """The rule of a stored value reads nothing that no command would tell of when it changes."""
    for _path, sentence in unsteady(app, form, rows_key, rule):
        yield Finding(place, sentence)


def read_at(form: Form, rows_key: str, path: str) -> tuple[str, str]:
    """A path that a rule reads, as a path of the form and what lies beyond its link."""
    parts = path.split(".")
    if rows_key and parts[0] == "header":
        parts = parts[1:]
    elif rows_key:
        parts = [rows_key, *parts]
    length = 2 if form.by_key.get(parts[0]) in form.rows else 1
    return ".".join(parts[:length]), ".".join(parts[length:])
