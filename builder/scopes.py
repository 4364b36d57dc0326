"""What a rule at a place of a definition sees, and what it must give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from ..platform.definition.model import App, Field, Form
from ..platform.definition.scope import effect_scope, line_scope, match_scope, record_scope, target_scope
from ..platform.rules.types import RuleError
from ..platform.rules.typing import Type, elaborate

Path = tuple[str, ...]


def scopes_at(path: Path, app: App) -> Iterator[Type]:
    """Every scope that a rule at a path may have, the likeliest first: an effect's settings leave it open."""
    if effect_settings(path, app) is not None:
        yield from effect_scopes(path, app)
    elif (scope := scope_at(path, app)) is not None:
        yield scope


def scope_for(rule: Any, path: Path, app: App) -> Type | None:
    """The first scope of a path in which a rule means something; the likeliest where it does in none."""
    found = list(scopes_at(path, app))
    return next((scope for scope in found if _fits(rule, scope)), found[0] if found else None)


def _fits(rule: Any, scope: Type) -> bool:
    try:
        elaborate(rule, scope)
    except RuleError:
        return False
    return True


def scope_at(path: Path, app: App) -> Type | None:
    """The names that a rule at a path sees; None where there is no form behind it (any more)."""
    form = app.form_by_key.get(path[1]) if path[:1] == ("forms",) and len(path) > 2 else None
    if form is None:
        return None
    part, key = path[2], path[3] if len(path) > 3 else ""
    if part == "fields":
        return _field_scope(path[4:], app, form, form.by_key.get(key))
    if part == "transitions":
        return _transition_scope(path[4:], app, form, key)
    return record_scope(app, form)


def _field_scope(rest: Path, app: App, form: Form, field: Field | None) -> Type | None:
    holder: Form | Field = form
    if rest[:1] == ("fields",) and len(rest) > 1 and field is not None:
        holder, field, rest = field, field.by_key.get(rest[1]), rest[2:]
    own = record_scope(app, form) if holder is form else line_scope(app, form, holder)
    if field is None or rest[:1] != ("settings",):
        return own
    if field.type == "link":
        target = app.form_by_key.get(field.settings.get("form", ""))
        return target_scope(app, target) if target else None
    if field.type == "match":
        target = app.form_by_key.get(field.settings.get("form", ""))
        return match_scope(app, form, holder, target) if target else None
    if field.type == "rollup":
        return _counted_scope(app, field)
    return own


def _counted_scope(app: App, field: Field) -> Type | None:
    """The records, or lines, that a roll-up counts."""
    counted = app.form_by_key.get(field.settings.get("form", ""))
    if counted is None:
        return None
    rows = counted.by_key.get(str(field.settings.get("link", "")).partition(".")[0])
    return line_scope(app, counted, rows) if rows is not None and rows.type == "rows" else record_scope(app, counted)


def _transition_scope(rest: Path, app: App, form: Form, key: str) -> Type | None:
    transition = form.transition_by_key.get(key)
    rows = form.by_key.get(transition.rows) if transition is not None and transition.rows else None
    return line_scope(app, form, rows) if rows else record_scope(app, form)


def effect_scopes(path: Path, app: App) -> Iterator[Type]:
    """What a rule of an effect may see, the likeliest first: its settings tell which line and which target go with it."""
    form, settings = app.form_by_key.get(path[1]), effect_settings(path, app)
    if settings is None:
        return
    target = effect_target(app, form, settings)
    if "where" in path and target is not None:
        yield record_scope(app, target)
    lines = [form.by_key.get(settings.get("each") or ""), *form.rows, None]
    theirs = [*(target.rows if target is not None else ()), None]
    for own, aimed, in_target in product(lines, (target, None), theirs):
        if in_target is None or aimed is not None:
            yield effect_scope(app, form, own, aimed, in_target)


def effect_settings(path: Path, app: App) -> Mapping[str, Any] | None:
    """The settings of the effect that a path leads into; None where there is none."""
    form = app.form_by_key.get(path[1]) if path[:1] == ("forms",) and path[2:3] == ("transitions",) else None
    transition = form.transition_by_key.get(path[3]) if form is not None and path[4:5] == ("effects",) else None
    effect = next((one for one in transition.effects if one.key == path[5]), None) if transition is not None else None
    return None if effect is None else transition.settings_of(effect)


def effect_target(app: App, form: Form, settings: Mapping[str, Any]) -> Form | None:
    """The form whose records an effect changes."""
    if settings.get("form") and not settings.get("target"):
        return app.form_by_key.get(settings["form"])
    link = form.field_at(str(settings.get("target") or "").replace("line.", f"{settings.get('each') or ''}."))
    return app.form_by_key.get(link.settings.get("form", "")) if link is not None else None
