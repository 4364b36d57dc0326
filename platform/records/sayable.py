"""Whether SQL can say what a definition asks of it: row scopes, filters of views, conditions of links."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.dialects import postgresql, sqlite

from ..access.actor import SYSTEM
from ..access.rights import scope_rule
from ..definition.findings import Finding, below
from ..definition.model import Rule
from ..rules.typing import RuleError
from .compiled import Compiled, CompiledForm
from .visibility import Sight

DIALECTS = {"sqlite": sqlite.dialect(), "postgresql": postgresql.dialect()}


def unsayable(compiled: Compiled) -> Iterator[Finding]:
    """What no query can ask, of a definition that is right otherwise."""
    app = compiled.app
    for form in compiled.forms.values():
        place = f"forms[{form.key}]"
        for access in form.form.access:
            yield from _said(form, scope_rule(app, form.form, access), f"{place}.access[{access.role}].scope")
        for view in form.form.views:
            yield from _said(form, view.where, f"{place}.views[{view.key}].where")
        for path in form.form.paths:
            field = form.form.field_at(path)
            if field.type == "link":
                here = f"{place}.fields[{path.replace('.', '].fields[')}].settings.where"
                yield from _said(compiled.form(field.settings["form"]), field.settings.get("where"), here)


def _said(form: CompiledForm, rule: Rule, place: str) -> Iterator[Finding]:
    if rule is None or isinstance(rule, bool | str):
        return
    for name, dialect in DIALECTS.items():
        try:
            Sight(form, SYSTEM, name).condition(rule).compile(dialect=dialect)
        except RuleError as error:
            yield Finding(below(place, error.path), error.sentence)
            return
