"""Records that an effect changes, under their locks: what follows is worked out, and what must hold is checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from marshmallow import ValidationError

from ..access.rights import READABLE
from ..definition.model import say
from ..definition.placeholders import placeholders
from ..errors import Refused
from ..field_type import problems
from ..formats import formats_for
from ..records.compiled import CompiledForm
from ..records.derive import derive
from ..records.draft import Draft, opened, rule_data
from ..records.links import Needs, load_links, needs_of_paths
from ..records.visibility import own_modes
from ..rules.typing import paths
from .messages import fill, reader

Line = Mapping[str, Any] | None
"""The line of the present record that an effect works for; None: the record itself."""


class Targets:
    """Records of one form that an effect of the present record changes; `holds` must be true of each afterwards."""

    def __init__(self, change, form: CompiledForm, holds: Sequence[Mapping], rows_key: str | None):
        self.change = change
        self.form = form
        self.holds = holds
        self.rows_key = rows_key

    def before(self, drafts: Iterable[Draft]) -> dict[int, Mapping[str, Any]]:
        """What messages will say of records as they were, by id."""
        return {draft.id: opened(self.form, "", draft.values, self.change.linked) for draft in drafts}

    def load(self, drafts: Iterable[Draft]) -> None:
        """What rules over the targets read past their links."""
        load_links(self.change.connection, self.change.compiled, drafts, self._needs(), self.change.linked)

    def derive(self, drafts: list[Draft]) -> None:
        self.load(drafts)
        derive(self.change.connection, self.change.compiled, drafts, self.change.around, self.change.linked)

    def seen(self, draft: Draft, line: Line) -> dict[str, Any]:
        """What rules see: the present record, the line it works for, and the target as it now is."""
        here = self.change.seen(self.rows_key, line)
        return here | {"target": rule_data(draft, self.change.linked, self.change.around)}

    def fails(self, draft: Draft, line: Line) -> Mapping | None:
        """The first hold that is not true of a target."""
        seen = self.seen(draft, line) if self.holds else {}
        judge, key = self.change.judge, draft.form.key
        return next((hold for hold in self.holds if judge(hold["rule"], self.rows_key, key, seen) is not True), None)

    def check(self, draft: Draft, before: Mapping[str, Any], line: Line) -> None:
        """Refuse where a hold fails; the message speaks of the target as it was before."""
        hold = self.fails(draft, line)
        if hold is not None:
            said = self.said(hold["message"], line, {"id": draft.id, **before}, self.form)
            raise Refused(said, hold.get("lift", ()))

    def said(self, message: Mapping[str, str], line: Line, target: Mapping[str, Any], form: CompiledForm) -> str:
        change = self.change
        told = change.seen(self.rows_key, line) | {"target": target}
        ways = {"target": form, "line": self.rows_key or ""}
        return fill(message, change.form, told, reader(change.draft, change.person), ways)

    def show(self, drafts: Iterable[Draft]) -> None:
        """Let later rules see the targets as they now are."""
        for draft in drafts:
            known = self.change.linked.get((self.form.key, draft.id))
            if known is not None:
                now = opened(self.form, "", draft.values, self.change.linked)
                known.update({key: now[key] for key in known.keys() & now.keys()})

    def put(self, draft: Draft, path: str, values: dict[str, Any], value: Any) -> None:
        """Set the field or column at a path; raises Refused where it cannot hold the value."""
        field_type, field = self.form.shown[path]
        try:
            values[path.rpartition(".")[2]] = field_type.load(value, field)
        except ValidationError as error:
            label = say(field.label, self.change.person.language)
            raise Refused(f"{label}: {problems(error, path)[0].message}") from None

    def _needs(self) -> Needs:
        """What the holds and their messages read past links of the target."""

        def find() -> Needs:
            scope = self.change.form.effect_scope(self.rows_key, self.form.key)
            read = {path for hold in self.holds for path in (*paths(hold["rule"], scope), *placeholders(hold["message"]))}
            return self.past(read)

        return self.change.form.statement(("holds", id(self.holds), self.form.key), find)

    def past(self, read: Iterable[str]) -> Needs:
        """Of what rules read, what stands past links of the target."""
        return needs_of_paths(self.form, (path.partition(".")[2] for path in read if path.startswith("target.")))


def called(change, draft: Draft) -> str:
    """What the person calls a record: its form, and its title where they see it or a link that leads to it."""
    form, language = draft.form, change.person.language
    label, key = say(form.form.label, language), form.form.title
    if own_modes(draft, change.person).get(key) not in READABLE and not _linked(change, draft):
        return label
    if not key or draft.values.get(key) is None or form.shown[key][0].name in ("link", "person"):
        return f"{label} #{draft.id}"
    field_type, field = form.shown[key]
    return f"{label} {field_type.display(draft.values[key], field, formats_for(language, form.app.zone))}"


def _linked(change, draft: Draft) -> bool:
    """Whether a link of the record at hand, or of its lines, that the person sees leads to a record."""
    here, modes = change.draft, own_modes(change.draft, change.person)
    for prefix, links in here.form.links_at.items():
        rows_key = prefix.rstrip(".")
        if rows_key and modes.get(rows_key) not in READABLE:
            continue
        holders = here.values.get(rows_key) or () if rows_key else (here.values,)
        seen = [key for key, target in links if target == draft.form.key and modes.get(prefix + key) in READABLE]
        if any(values.get(key) == draft.id for key in seen for values in holders):
            return True
    return False
