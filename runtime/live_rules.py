"""The rules of a form for one person: what the browser may work out by itself, and with which data.

A rule travels only if everything it reads is shown to this person; the rest stays with the server,
which the page then asks (`asks`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from ..platform.access.rights import READABLE
from ..platform.definition.flow import Rule
from ..platform.definition.model import Field, say
from ..platform.field_type import FieldType
from ..platform.records.beyond import linked_values, seen_past
from ..platform.records.compiled import CompiledForm
from ..platform.records.draft import Draft, Surroundings, rule_data
from ..platform.records.query import Gate
from ..platform.records.results import Record
from ..platform.records.seen import OWN_OF_LINES
from ..platform.rules.browser import shape
from ..platform.rules.types import Type
from ..platform.rules.typing import paths

AROUND = ("user", "today", "now", "id", "status", "created_by", "created_at")


class LiveRules:
    """Rules and data of one record (or a new one) as one person sees it."""

    def __init__(self, gate: Gate, form: CompiledForm, record: Record, language: str):
        self.gate = gate
        self.form = form
        self.record = record
        self.language = language
        self.sent = _kept(self)

    @cached_property
    def linked(self):
        return linked_values(self.gate, self.form, self.record.values, self.sent.seen)

    @cached_property
    def data(self) -> dict[str, Any]:
        """The record as rules see it, without what is not shown to this person."""
        draft = Draft(self.form, dict(self.record.values), id=self.record.id, status=self.record.status or "")
        draft.created_by, draft.created_at = self.record.created_by, self.record.created_at
        around = Surroundings(self.gate.actor, self.form.app, self.gate.now)
        return rule_data(draft, self.linked, around)

    def holds(self, path: str, rule: Rule) -> bool | None:
        """Whether a rule of a header field holds now; None where only the server may work it out."""
        if isinstance(rule, bool):
            return rule
        if not self.sent.travels(rule, ""):
            return None
        return self.form.rule(rule, self.form.scope)(self.data) is True

    @property
    def payload(self) -> str:
        """What static/record.js starts from, as JSON."""
        around = {
            "user": {
                "id": self.gate.actor.id,
                "roles": sorted(self.gate.actor.roles_in(self.form.app.key)),
                "department": self.gate.actor.department,
            },
            "today": self.form.app.day(self.gate.now).isoformat(),
            "now": self.gate.now.isoformat(timespec="seconds") + "Z",
            "id": self.record.id,
            "status": self.record.status or self.form.start_status,
            "created_by": self.record.created_by,
            "created_at": self.record.created_at.isoformat(timespec="seconds") + "Z" if self.record.created_at else None,
        }
        return json.dumps(
            {
                "around": around,
                "values": {key: self._dumped(key, value) for key, value in self.record.values.items()},
                "fields": self.sent.fields,
                "asks": self.sent.asks,
                "isNew": self.record.id is None,
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )

    def _dumped(self, key: str, value: Any) -> Any:
        if key not in self.form.rows:
            return self._cell(key, value)
        return [
            {"id": line.get("id")}
            | {c: self._cell(f"{key}.{c}", v) for c, v in line.items() if c not in OWN_OF_LINES and v is not None}
            for line in value or []
        ]

    def _cell(self, path: str, value: Any) -> Any:
        """A value in JSON form, a link with what rules read past it."""
        if value is None:
            return None
        field_type, shown = self.form.shown[path]
        if field_type.name != "link":
            return field_type.dump(value, shown)
        return {"id": value} | dumped_fields(self.gate, shown.settings["form"], self.linked.get((shown.settings["form"], value), {}))


def dumped_fields(gate: Gate, form_key: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of a record in JSON form."""
    found = {}
    for key, value in values.items():
        field_type, shown = gate.compiled.form(form_key).shown[key]
        found[key] = None if value is None else field_type.dump(value, shown)
    return found


class Sent:
    """What of a form's rules goes to the browser, for the people of some roles at one step."""

    def __init__(self, rules: LiveRules):
        self.form = rules.form
        self.modes = rules.record.modes
        self.language = rules.language
        self.seen = seen_past(rules.gate, rules.form)
        self.asks = False
        self.fields = {path: self._field(path) for path in self._paths()}

    def travels(self, rule: Rule, rows: str) -> bool:
        return all(self._shown(path.split("."), rows) for path in paths(rule, self._scope(rows)))

    def _paths(self) -> Iterator[str]:
        """What is shown, in the order in which one stands on the other."""
        order = list(dict.fromkeys((*self.form.order, *self.form.form.paths)))
        return (path for path in order if self.modes.get(path) in READABLE)

    def _field(self, path: str) -> dict[str, Any]:
        field, rows = self.form.form.field_at(path), path.rpartition(".")[0]
        field_type, shown = self.form.shown[path]
        entry: dict[str, Any] = {"kind": field_type.name, "asks": field_type.asks}
        if field_type.plain or field_type.figures:  # what the browser can write as the server does
            entry["plain"] = True
        if field_type.parts:
            entry["parts"] = field_type.parts
        if field_type.figures:
            entry["places"] = field_type.places(shown)
            entry["scale"] = shown.settings.get("scale", field_type.scale)
        if field.type in ("formula", "lookup", "match"):
            self.asks = self.asks or "plain" not in entry
        entry |= self._own_rules(field, field_type, rows)
        if field.type == "lookup":
            entry |= self._copied(field, rows)
        return entry

    def _own_rules(self, field: Field, field_type: FieldType, rows: str) -> dict[str, Any]:
        read: set[str] = set()
        given = {"show": field.show, "must": field.required, "lock": field.lock, "start": field.default}
        if field.type == "formula":
            given["formula"] = field.settings["rule"]
        usual = {"show": True, "must": False, "lock": False, "start": None}
        found = {name: rule for name, rule in given.items() if rule != usual.get(name) and self._sends(rule, rows, read)}
        checks = [[c.rule, say(c.message, self.language)] for c in field.checks if self._sends(c.rule, rows, read)]
        found |= {"checks": checks} if checks else {}
        return found | ({"types": shape(self._scope(rows), read)} if found else {})

    def _copied(self, field: Field, rows: str) -> dict[str, Any]:
        via, key = field.settings["via"], field.settings["field"]
        path = f"{rows}.{via}" if rows else via
        if key not in self.seen.get(path, ()) or self.modes.get(path) not in READABLE:
            self.asks = True
            return {}
        return {"via": via, "of": key}

    def _sends(self, rule: Rule, rows: str, read: set[str]) -> bool:
        """Whether a rule travels; what it reads is added to `read`."""
        if not self.travels(rule, rows):
            self.asks = True
            return False
        read |= paths(rule, self._scope(rows))
        return True

    def _scope(self, rows: str) -> Type:
        return self.form.line_scope(rows) if rows else self.form.scope

    def _shown(self, parts: list[str], rows: str) -> bool:
        """Whether a path that a rule reads may be known in the browser."""
        if rows and parts[0] == "header":
            return self._shown(parts[1:], "")
        if rows in self.form.line_statuses and parts[0] == "status":
            return False  # a new line has none in the browser
        if parts[0] in AROUND:
            return True
        path = f"{rows}.{parts[0]}" if rows else parts[0]
        if self.modes.get(path) not in READABLE:
            return False
        if path in self.form.rows:
            return len(parts) == 1 or self._shown(parts[1:], path)
        own = len(parts) == 1 or parts[1:] == ["id"] or bool(self.form.shown[path][0].parts)
        return own or (len(parts) == 2 and parts[1] in self.seen.get(path, ()))


def _kept(rules: LiveRules) -> Sent:
    """Worked out once for each kind of reader and step."""
    roles = tuple(grant.role for grant in rules.form.actor_grants(rules.gate.actor))
    key = ("live", roles, frozenset(rules.record.modes.items()), rules.language)
    if key not in rules.form.statements:
        rules.form.statements[key] = Sent(rules)
    return rules.form.statements[key]
