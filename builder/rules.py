"""The editor of rules: sentences or a formula, what they mean, and what they give on a record."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

from flask import g, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from ..platform.access import members
from ..platform.access.policy import admin
from ..platform.condition_form import Conditions, changed, conditions_from
from ..platform.definition.diff import find
from ..platform.definition.model import SCOPES, Field, say
from ..platform.definition.paths import kinds, parsed
from ..platform.errors import Invalid, NotFound
from ..platform.local_path import local_path
from ..platform.registry import operators
from ..platform.relative_dates import UNITS, unit_of
from ..platform.rules.formula import FormulaError, parse, write
from ..platform.rules.literals import fit
from ..platform.rules.sentence import sentence
from ..platform.rules.types import FLAG, KINDS, RuleError, Type
from ..platform.rules.typing import elaborate
from .attributes import SCOPE_NAMES, attribute_name
from .conditions import NAMES, Named, comparisons, names_of, read, rule_of
from .made_up import Input, data, inputs, today
from .naming import holder_at, place_name
from .rule_places import is_rule, judges
from .scopes import scope_for
from .trying import Answer, Part, Trial, found
from .workshop import Workshop, design_pages

blueprint = design_pages("rules", "/rules")

@dataclass(frozen=True)
class Mistake:
    """What is wrong with a formula, and where in it."""

    sentence: str
    before: str
    marked: str
    after: str


class RuleEditor:
    """One rule of a draft, by its path, with what was typed laid over it."""

    def __init__(self, workshop: Workshop, path: str, form: MultiDict | None = None):
        self.workshop = workshop
        self.path = path
        self.place = parsed(path)
        self.form = form
        self.mistake: Mistake | None = None
        if not is_rule(self.place, workshop.document):
            raise NotFound
        self.stored = find(workshop.document, self.place)
        scope = scope_for(self.stored, self.place, workshop.app)
        if scope is None:
            raise NotFound
        self.scope: Type = scope
        self.how = form.get("how", "") if form else self._how
        self.rule = self.stored

    @property
    def whether(self) -> bool:
        """Whether it answers yes or no."""
        return judges(self.place)

    @property
    def default(self) -> Any:
        """What nothing there means."""
        return ({"required": False, "lock": False, "scope": "none"}.get(self.place[-1], True)) if self.whether else None

    @property
    def _how(self) -> str:
        if self.place[-1] == "scope" and isinstance(self.stored, str | None):
            return "named"
        if self.stored in (True, False, None) and self.whether:
            held = self.default if self.stored is None else self.stored
            return "always" if held is True else "never" if held is False else "sentences"
        return "sentences" if self.whether and self.conditions is not None else "formula"

    @cached_property
    def conditions(self) -> Conditions | None:
        """The rule as sentences; None where it says more."""
        if self.form is not None and "join" in self.form:
            return conditions_from(self.form)
        return self._stored_conditions

    @property
    def _stored_conditions(self) -> Conditions | None:
        return read(self.stored if isinstance(self.stored, dict) else True, self.scope, g.language)

    @property
    def title(self) -> str:
        last = max(at for at, kind in enumerate(kinds(self.place)) if kind == "key")
        about = attribute_name(self.place[last + 1 :], holder_at(self.place, self.workshop.app))
        return f"{place_name(self.place, self.workshop.app)} · {about}"

    @property
    def formula(self) -> str:
        if self.form is not None and "formula" in self.form:
            return self.form["formula"]
        return self._stored_formula

    @property
    def _stored_formula(self) -> str:
        stored = self.stored
        if stored is None or isinstance(stored, bool | str) and self.whether:
            return ""
        try:
            return write(stored, self.scope, g.language)
        except RuleError:
            return ""

    @property
    def said(self) -> str:
        """The rule in words, as it would be saved."""
        if not isinstance(self.rule, dict):
            return ""
        try:
            return sentence(self.rule, self.scope, g.language)
        except RuleError:
            return ""

    @property
    def untouched(self) -> bool:
        """Whether the page comes back as it was drawn; what it could not show in full then stays as it is."""
        if self.how == "sentences":
            return isinstance(self.stored, dict) and self.conditions == self._stored_conditions
        return self.how == "formula" and self.formula.split() == self._stored_formula.split()

    @property
    def strange(self) -> bool:
        """Whether a rule stands there that no formula can say any more."""
        return isinstance(self.stored, dict) and not self._stored_formula

    def read(self) -> Any:
        """The rule that was filled in; `mistake` says what is wrong, and Invalid is raised."""
        if self.untouched:
            return self.stored
        self.rule = None
        try:
            given = self._read()
            if not isinstance(given, str):
                node = elaborate(given, self.scope)
                fit(node, FLAG if self.whether else node.type)
            self.rule = given
        except FormulaError as error:
            at = min(error.position, len(self.formula))
            self.mistake = Mistake(str(error.sentence), self.formula[:at], self.formula[at : at + 1] or "␣", self.formula[at + 1 :])
            raise Invalid([]) from error
        except RuleError as error:
            self.mistake = Mistake(str(error.sentence), "", "", "")
            raise Invalid([]) from error
        return self.rule

    def _read(self) -> Any:
        if self.how in ("always", "never"):
            return self.how == "always"
        if self.how == "named":
            named = self.form.get("named", "none")
            return named if named in SCOPES else "none"
        if self.how == "sentences":
            return rule_of(self.conditions or Conditions(), self.scope)
        text = self.formula.strip()
        return parse(text, self.scope) if text else self.default

    @cached_property
    def names(self) -> list:
        return names_of(self.scope, g.language)

    @cached_property
    def groups(self) -> list[tuple[str, list[Named]]]:
        """What a condition can be about, under what it belongs to."""
        return [(label, list(group)) for label, group in groupby(self.names, lambda one: one.group)]

    @cached_property
    def people(self) -> list:
        with g.workspace.reading() as connection:
            return members.members(connection)

    @property
    def lists(self) -> list[Named]:
        """Line items and lists, which formulas sum and count."""
        kinds_of = ((key, kind) for key, kind in self.scope.members.items() if kind.kind == "rows")
        return [Named(key, say(kind.label, g.language) or key, kind, self.scope) for key, kind in kinds_of]

    @property
    def functions(self) -> list:
        return [operator for operator in operators if operator.formula and operator.formula not in ("PLUS", "TIMES")]

    @property
    def field(self) -> Field | None:
        holder = holder_at(self.place, self.workshop.app)
        return holder if isinstance(holder, Field) else None

    @cached_property
    def trial(self) -> Trial | None:
        return Trial(self.workshop, self.rule, self.scope) if self.said else None

    @property
    def on_records(self) -> bool:
        """Whether records of the form are what it is about; an effect has its line and target besides, a link those it leads to."""
        return "settings" not in self.place or getattr(self.field, "type", "") == "formula"

    @cached_property
    def chosen(self) -> int | None:
        """The record it is tried on."""
        act = request.values.get("act", "")
        chosen = act.removeprefix("try-") if act.startswith("try-") else request.values.get("record", "")
        return int(chosen) if chosen.isdecimal() and len(chosen) < 16 and act != "find" else None

    @property
    def answers(self) -> list[Answer] | None:
        return self.trial.on_record(self.place[1], self.chosen, self.rows)

    @property
    def found(self) -> list[tuple[int, str]]:
        """The records that were searched for."""
        return found(self.workshop, self.place[1], request.values.get("find", "")) if request.values.get("act") == "find" else []

    @cached_property
    def made(self) -> list[Input]:
        """Values made up for what the rule reads."""
        return inputs(self.trial.node, g.language, {"made-today": today(self.workshop.app.zone)} | request.values.to_dict()) if self.trial else []

    @property
    def imagined(self) -> list[Part]:
        return self.trial.parts(data(self.made))

    @property
    def rows(self) -> str | None:
        """The line items whose lines the rule is about; None where it is about the record."""
        if "header" not in self.scope.members:
            return None
        form = self.workshop.app.form_by_key[self.place[1]]
        transition = form.transition_by_key.get(self.place[3])
        return transition.rows if self.place[2] == "transitions" and transition else self.place[3]


@blueprint.get("")
@admin
def show(app_key: str):
    return _page(RuleEditor(Workshop(app_key), request.args.get("path", "")))


@blueprint.post("")
@admin
def save(app_key: str):
    """Keep the rule; or, where a button changes the sentences or tries them, the page with that."""
    editor = RuleEditor(Workshop(app_key), request.form.get("path", ""), request.form)
    if "act" in request.form:
        return _acted(editor, request.form["act"])
    try:
        rule = editor.read()
    except Invalid:
        return _page(editor), 422
    if rule != (editor.default if editor.stored is None else editor.stored):
        editor.workshop.edit("put", path=editor.path, value=rule)
    return redirect(local_path(request.form.get("next"), url_for("apps.show", app_key=app_key)), 303)


@blueprint.post("/meaning")
@admin
def meaning(app_key: str):
    """What is being typed means, or what is wrong with it; for under the formula."""
    editor = RuleEditor(Workshop(app_key), request.form.get("path", ""), request.form)
    _tried(editor)
    return render_template("builder/rule_meaning.html", editor=editor)


def _acted(editor: RuleEditor, act: str):
    """A condition or a group more or less; else the rule on the chosen record."""
    found = editor.conditions
    if found is not None and not act.startswith(("try", "find", "made")):
        editor.__dict__["conditions"] = changed(found, act)
    _tried(editor)
    return _page(editor)


def _tried(editor: RuleEditor) -> None:
    try:
        editor.read()
    except Invalid:
        editor.rule = None


def _page(editor: RuleEditor) -> str:
    back = local_path(request.values.get("next"), url_for("apps.show", app_key=editor.workshop.key))
    return render_template(
        "builder/rule.html", workshop=editor.workshop, editor=editor, back=back, scopes=SCOPE_NAMES, comparison_names=NAMES,
        comparisons=comparisons, units=UNITS, unit_of=unit_of, kinds_of=KINDS,
    )  # fmt: skip
