"""What a transition does besides: one effect with its settings, as the schema of its action has them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from marshmallow import fields

from ..platform import registry
from ..platform.access.policy import admin
from ..platform.definition.flow import Effect, Transition
from ..platform.definition.model import Form, say
from ..platform.definition.scope import effect_scope
from ..platform.errors import Invalid, NotFound, Problem
from ..platform.rules.formula import FormulaError, parse, write
from ..platform.rules.types import RuleError, Type
from ..platform.rules.typing import elaborate
from .keys import fresh_key
from .scopes import effect_scopes
from .workshop import Workshop, design_pages

blueprint = design_pages("effects", "/flows/<form_key>/transitions/<transition>/effects")


@dataclass(frozen=True)
class Piece:
    """One setting. kind: choice, flag, rule, values (field -> formula), text, pair or json."""

    name: str
    label: str
    kind: str
    value: Any
    required: bool
    options: tuple[tuple[str, str], ...] = ()
    wrong: str = ""


class EffectForm:
    """An effect of a transition, with what was typed laid over it."""

    def __init__(self, workshop: Workshop, form: Form, transition: Transition, kind: str, effect: Effect | None, posted=None):
        if kind not in registry.actions:
            raise NotFound
        self.workshop, self.form, self.transition, self.kind, self.effect = workshop, form, transition, kind, effect
        self.action = registry.actions[kind]
        self.posted = posted
        self.settings: Mapping[str, Any] = effect.settings if effect else {}
        self.wrong: dict[str, str] = {}

    def scopes(self, name: str) -> list[Type]:
        """What a rule of a setting may see, the likeliest first: the line and the target at hand are named by other settings."""
        app, form = self.workshop.app, self.form
        if self.effect is not None:
            place = ("forms", form.key, "transitions", self.transition.key, "effects", self.effect.key, "settings", name)
            return list(effect_scopes(place, app))
        own = form.by_key.get(self.transition.rows or "")
        return [effect_scope(app, form, rows) for rows in (own, *form.rows, None)]

    @property
    def pieces(self) -> list[Piece]:
        return [self._piece(name, field) for name, field in self.action.Options._declared_fields.items()]

    def _piece(self, name: str, field: fields.Field) -> Piece:
        label = say(field.metadata.get("label", {"en": name}), g.language)
        kind = _kind(field)
        options = tuple(self._options(field.metadata.get("refers", ""))) if kind == "choice" else ()
        return Piece(name, label, kind, self._shown(name, kind), field.required, options, self.wrong.get(name, ""))

    def _shown(self, name: str, kind: str) -> Any:
        if self.posted is not None:
            return self.posted.getlist(name) if kind == "values" else self.posted.get(name, "")
        value = self.settings.get(name)
        if kind == "rule":
            return "" if value is None else self._formula(name, value)
        if kind == "values":
            return [f"{key} = {self._formula(name, rule)}" for key, rule in (value or {}).items()]
        if kind == "json":
            return "" if value is None else json.dumps(value, ensure_ascii=False, indent=1)
        return value

    def _formula(self, name: str, rule: Any) -> str:
        for scope in self.scopes(name):
            try:
                elaborate(rule, scope)
                return write(rule, scope, g.language)
            except RuleError:
                continue
        return json.dumps(rule, ensure_ascii=False)

    def _options(self, refers: str) -> list[tuple[str, str]]:
        app, form = self.workshop.app, self.form
        if refers == "form":
            return [(one.key, say(one.label, g.language)) for one in app.forms]
        if refers == "rows":
            return [(one.key, say(one.label, g.language)) for one in form.rows]
        if refers == "status":
            target = app.form_by_key.get(str(self.settings.get("form") or "")) or form
            statuses = app.statuses(target)
            return [(one.key, say(one.label, g.language)) for one in statuses.statuses] if statuses else []
        own = [(one.key, say(one.label, g.language)) for one in form.fields if one.type in ("link", "match")]
        lines = [(f"line.{c.key}", f"{say(rows.label, g.language)} › {say(c.label, g.language)}") for rows in form.rows for c in rows.fields if c.type in ("link", "match")]
        return own + lines

    def read(self) -> dict[str, Any]:
        """The settings that were typed; Invalid where one can't be, with `wrong` saying which and why."""
        found: dict[str, Any] = {}
        for name, field in self.action.Options._declared_fields.items():
            try:
                value = self._read(name, _kind(field))
            except (FormulaError, RuleError, ValueError) as error:
                self.wrong[name] = str(getattr(error, "sentence", error))
                continue
            if value not in (None, "", {}):
                found[name] = value
        if self.wrong:
            raise Invalid([Problem(name, sentence) for name, sentence in self.wrong.items()])
        return found

    def _read(self, name: str, kind: str) -> Any:
        text = self.posted.get(name, "").strip()
        if kind == "flag":
            return True if self.posted.getlist(name)[-1:] == ["true"] else None
        if kind == "pair":
            return {code: said for code in ("en", "zh") if (said := self.posted.get(f"{name}-{code}", "").strip())}
        if kind == "values":
            return dict(self._assignment(name, line) for line in self.posted.getlist(name) if line.strip())
        if kind == "rule":
            return self._parsed(name, text) if text else None
        if kind == "json":
            return json.loads(text) if text else None
        return text or None

    def _assignment(self, name: str, line: str) -> tuple[str, Any]:
        """A line "field = formula"."""
        key, sign, formula = line.partition("=")
        if not sign:
            raise ValueError(_("Write it as field = formula."))
        return key.strip(), self._parsed(name, formula.strip())

    def _parsed(self, name: str, text: str) -> Any:
        """What a formula says in the first scope where it means something; the likeliest scope says what is wrong with it."""
        if text.startswith("{") and '"' in text[:3]:
            return json.loads(text)
        mistakes = []
        for scope in self.scopes(name):
            try:
                elaborate(rule := parse(text, scope), scope)
                return rule
            except (FormulaError, RuleError) as mistake:
                mistakes.append(mistake)
        raise mistakes[0]


def _kind(field: fields.Field) -> str:
    if "rule" in field.metadata:
        return "rule"
    if "refers" in field.metadata:
        return "choice"
    if isinstance(field, fields.Boolean):
        return "flag"
    if isinstance(field, fields.Dict):
        return "pair" if isinstance(field.value_field, fields.String) else "values" if isinstance(field.value_field, fields.Raw) else "json"
    return "json" if isinstance(field, fields.List | fields.Nested) else "text"


@blueprint.get("/new")
@admin
def new(app_key: str, form_key: str, transition: str):
    return _page(_opened(app_key, form_key, transition, request.args.get("type", "")))


@blueprint.post("/new")
@admin
def add(app_key: str, form_key: str, transition: str):
    form = _opened(app_key, form_key, transition, request.form.get("type", ""), posted=request.form)
    key = fresh_key({}, {one.key for one in form.transition.effects}, form.kind)
    return _saved(form, key, "add")


@blueprint.get("/<key>")
@admin
def show(app_key: str, form_key: str, transition: str, key: str):
    return _page(_opened(app_key, form_key, transition, key=key))


@blueprint.post("/<key>")
@admin
def change(app_key: str, form_key: str, transition: str, key: str):
    return _saved(_opened(app_key, form_key, transition, key=key, posted=request.form), key, "put")


def _opened(app_key: str, form_key: str, transition: str, kind: str = "", key: str = "", posted=None) -> EffectForm:
    workshop = Workshop(app_key)
    form = workshop.form(form_key)
    one = form.transition_by_key.get(transition)
    effect = next((e for e in one.effects if e.key == key), None) if one and key else None
    if one is None or (key and effect is None):
        raise NotFound
    return EffectForm(workshop, form, one, effect.type if effect else kind, effect, posted)


def _saved(form: EffectForm, key: str, edit: str):
    path = f"forms[{form.form.key}].transitions[{form.transition.key}].effects"
    try:
        element = {"key": key, "type": form.kind, "settings": form.read()}
        if edit == "add":
            form.workshop.edit("add", path=path, element=element)
        else:
            form.workshop.edit("put", path=f"{path}[{key}]", value=element)
    except Invalid as refusal:
        form.wrong = form.wrong or {_about(problem.path): str(problem.message) for problem in refusal.problems}
        return _page(form), 422
    return redirect(back(form), 303)


def _about(path: str) -> str:
    """The setting that a problem of the schema is about."""
    return path.rpartition("settings.")[2].split(".")[0].split("[")[0]


def back(form: EffectForm) -> str:
    return url_for("flows.show", app_key=form.workshop.key, form_key=form.form.key, transition=form.transition.key, rows=form.transition.rows)


def _page(form: EffectForm) -> str:
    return render_template("builder/effect.html", workshop=form.workshop, effect=form, back=back(form))


@blueprint.app_template_filter("action_name")
def action_name(kind: str) -> str:
    return say(registry.actions[kind].label, g.language) if kind in registry.actions else kind


@blueprint.app_template_global("effect_icon")
def effect_icon(kind: str) -> str:
    return getattr(registry.actions[kind], "icon", "zap") if kind in registry.actions else "zap"
