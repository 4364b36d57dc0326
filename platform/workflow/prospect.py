"""What a publish would do: what is wrong with it, which records stand in its way, which values a change of type loses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property

import sqlalchemy as sa
from flask_babel import gettext as _

from ..definition import store
from ..definition.checks import problems
from ..definition.checks_flow import flow_findings
from ..definition.model import NEW, SAVED, App, Form
from ..definition.pinning import following, running_statuses, same_flow
from ..definition.reworked import stages
from ..definition.schema import load
from ..errors import Problem
from ..records import restatus
from ..records.compiled import Compiled
from ..records.conversion import convert
from ..records.expand import columns_of
from ..records.line_statuses import stranded_lines
from ..records.sayable import unsayable
from ..records.switches import Switch, converted, kept_in, lost_values, switches
from .publication_log import Choices


@dataclass(frozen=True)
class Conversion:
    """A field whose type changes: how many values there are, and how many of them the new type cannot take."""

    path: str
    values: int
    lost: int


class Prospect:
    """A draft beside the live version, and what stands between them."""

    def __init__(self, connection: sa.Connection, document: Mapping, live: Compiled | None, choices: Choices):
        self.connection = connection
        self.document = document
        self.app: App = load(document)
        self.live = live
        self.choices = choices

    def seen_on(self, connection: sa.Connection) -> Prospect:
        """The same, with the records as they stand now."""
        later = copy(self)
        later.connection = connection
        later.__dict__.pop("standing", None)
        return later

    @cached_property
    def columns(self) -> dict[str, dict[str, str]]:
        """Where the new version keeps its fields; what it works out anew, beside what the live one reads."""
        running = kept_in(self.live) if self.live else {}
        columns = columns_of(self.connection, self.app, running)
        if not running or self.blocking:
            return columns
        switched = set(converted(self.app, columns, running))
        anew = {(stage.form, path) for stage in stages(self.app, self.live.app, switched) for path in stage.paths}
        return columns_of(self.connection, self.app, running, anew)

    @cached_property
    def compiled(self) -> Compiled:
        """The new version, without the flows that will go on beside it."""
        return Compiled(self.app, 0, self.columns)

    @cached_property
    def followed(self) -> Compiled:
        """The new version with the flows that records follow already."""
        flows = self.live.flows.items() if self.live else ()
        kept = {key: earlier for key, earlier in flows if key in self.app.form_by_key}
        if not kept:
            return self.compiled
        return Compiled(self.app, 0, self.columns, kept, self.live.ended if self.live else ())

    @cached_property
    def wrong(self) -> list[Problem]:
        """Why it cannot be published: itself, then the records there are."""
        return self.blocking or [*unsayable(self.compiled), *self.in_the_way()]

    @cached_property
    def blocking(self) -> list[Problem]:
        return [problem for problem in problems(self.app) if problem.severity == "block"]

    @cached_property
    def standing(self) -> dict[str, dict[int | None, dict[str, int]]]:
        """Form -> flow followed -> status -> records, of every form whose flow may change for some of them."""
        found = {}
        for form in self.app.forms:
            if not self._keeps_flow(form):
                found[form.key] = restatus.counts(self.connection, self.compiled.form(form.key))
        return {key: flows for key, flows in found.items() if flows}

    @property
    def homeless(self) -> dict[str, dict[str, int]]:
        """Form -> status that the new version lacks -> how many records stand there and cannot keep their flow."""
        found = {}
        for key, flows in self.standing.items():
            form = self.app.form_by_key[key]
            moving = [None] if form.status_list else list(flows)  # without statuses no flow can go on
            for flow_id in moving:
                for status, number in restatus.gone(self.app, form, flows.get(flow_id, {})).items():
                    lost = found.setdefault(key, {})
                    lost[status] = lost.get(status, 0) + number
        return found

    @property
    def running(self) -> dict[str, int]:
        """Form whose flow changes -> how many records are running on the live one."""
        found = {}
        for key, flows in self.standing.items():
            before = self.live.app.form_by_key.get(key) if self.live else None
            if before is not None and not same_flow(self.app, self.app.form_by_key[key], self.live.app):
                going = running_statuses(self.live.app.statuses(before))
                found[key] = sum(number for status, number in flows.get(None, {}).items() if status in going)
        return {key: number for key, number in found.items() if number}

    @cached_property
    def switches(self) -> dict[str, list[Switch]]:
        """Form -> the fields that another column holds from now on."""
        return switches(self.connection, self.compiled, self.live)

    def conversions(self) -> list[Conversion]:
        """Every change of type of a field that records fill, with what would be lost: a look at each value."""
        found = []
        for key, changed in self.switches.items():
            for switch in (switch for switch in changed if switch.converting):
                old, new = (compiled.form(key).shown[switch.path] for compiled in (self.live, self.compiled))
                values, lost = lost_values(self.connection, self.live.form(key), switch.path, lambda raw, o=old, n=new: convert(o, n, raw))
                found.append(Conversion(f"forms[{key}].fields[{switch.path}]", values, lost))
        return found

    def pinned(self, form: Form) -> list[str]:
        """The statuses whose records keep to the live flow, where the form's are to finish on it."""
        if form.key not in self.choices.finish or not self.live or form.key not in self.live.app.form_by_key:
            return []
        before = self.live.app.statuses(self.live.app.form_by_key[form.key])
        if before is None or form.status_list is None or same_flow(self.app, form, self.live.app):
            return []
        moving = self.moves(form)
        lost = restatus.gone(self.app, form, {s.key: 1 for s in before.statuses if not s.retired})
        return [key for key in {*running_statuses(before), *lost} if key not in moving]

    def moves(self, form: Form) -> dict[str, str]:
        """Status that the new version lacks -> where its records go, as far as the mapping says so soundly."""
        known = set(self.app.steps(form)) - {NEW}
        asked = self.choices.mapping.get(form.key, {})
        return {status: target for status, target in asked.items() if status not in known and target in known}

    def in_the_way(self) -> list[Problem]:
        return [*self._unmapped(), *self._broken_flows(), *stranded_lines(self.connection, self.app, self.columns)]

    def _keeps_flow(self, form: Form) -> bool:
        """Whether no record can be touched: the same flow as before, and nobody on an earlier one."""
        if self.live is None or form.key not in self.live.app.form_by_key or form.key in self.live.flows:
            return False
        return same_flow(self.app, form, self.live.app)

    def _unmapped(self) -> Iterator[Problem]:
        """The statuses that are gone, still have records, and are not mapped to one that is there."""
        for form_key, lost in self.homeless.items():
            form = self.app.form_by_key[form_key]
            covered = {*self.moves(form), *self.pinned(form)}
            for status, number in lost.items():
                if status not in covered:
                    yield Problem(_place(form, status), _("%(n)s records stand here. Say which status they move to.", n=number))

    def _broken_flows(self) -> Iterator[Problem]:
        """What records need that go on with an earlier flow, and the new version does not have."""
        for form_key, flows in self.standing.items():
            form = self.app.form_by_key[form_key]
            if form.status_list is None:
                continue
            for old, number, version in self._followed(form, flows):
                mixed = following(self.app, form_key, old, running=True)
                found = flow_findings(mixed, mixed.form_by_key[form_key], f"forms[{form_key}]")
                for finding in (finding for finding in found if finding.severity == "block"):
                    told = {"n": number, "version": version, "why": finding.message}
                    sentence = _("%(n)s records still follow version %(version)s: %(why)s", **told)
                    yield replace(finding, message=sentence)

    def _followed(self, form: Form, flows: Mapping[int | None, Mapping[str, int]]) -> Iterator[tuple[App, int, int]]:
        """(earlier app, records running on its flow, its number) of each flow that goes on beside the new one."""
        moving = self.moves(form)
        for flow_id, standing in flows.items():
            live = flow_id is None
            statuses = self.pinned(form) if live else standing
            earlier = (self.live.app if live else self.live.flows[form.key][flow_id]) if statuses else None
            if earlier is None:
                continue
            going = running_statuses(earlier.statuses(earlier.form_by_key[form.key]))
            number = sum(n for s, n in standing.items() if s in going and s in statuses and s not in moving)
            if number:
                version_id = self.live.version_id if live else flow_id
                yield earlier, number, store.number_of(self.connection, version_id)


def _place(form: Form, status: str) -> str:
    return f"forms[{form.key}].statuses[{status}]" if status != SAVED else f"forms[{form.key}].status_list"
