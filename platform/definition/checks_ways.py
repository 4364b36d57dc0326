"""Checks of where a flow leads: statuses without a way on, transitions that nobody can take, ways that both apply or
leave a case out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

from flask_babel import gettext as _

from ..rules.cells import Cell, NotAnalysed, cells, data_of
from ..rules.evaluate import compile_node
from ..rules.node import Node
from ..rules.types import Type
from ..rules.typing import RuleError, elaborate
from .findings import Finding, example, named, warning
from .flow import Status, StatusList, Transition, Who
from .model import App, Field, Form, RoleAccess
from .scope import line_scope, record_scope

ENDS = ("done", "cancelled")


def way_findings(app: App, form: Form, place: str, carried_out: frozenset[str]) -> Iterator[Finding]:
    """carried_out: the transitions that effects let records of this form take."""
    for rows in (None, *form.rows):
        statuses = app.line_statuses(rows) if rows is not None else app.statuses(form)
        if statuses is not None:
            flow = form.flow(rows.key if rows is not None else None)
            yield from _ended(form, statuses, flow)
            ways = Ways(app, form, rows, statuses, flow)
            yield from _takers(ways, place, carried_out)
            for status in statuses.statuses:
                yield from _choices(ways, status, place)


def unanalysed(app: App, form: Form) -> list[Status]:
    """The statuses of a form of whose ways out it is not known whether they leave a case out or both apply."""
    statuses = app.statuses(form)
    if statuses is None:
        return []
    ways = Ways(app, form, None, statuses, form.flow())
    guarded = {status.key: [one for one in ways.out_of(status.key) if one.guards] for status in statuses.statuses}
    return [status for status in statuses.statuses if len(guarded[status.key]) > 1 and not ways.exact(guarded[status.key])]


@dataclass(frozen=True)
class Ways:
    """The transitions of a form, or of its lines, with what their guards can tell apart."""

    app: App
    form: Form
    rows: Field | None
    statuses: StatusList
    flow: Sequence[Transition]

    @cached_property
    def scope(self) -> Type:
        return record_scope(self.app, self.form) if self.rows is None else line_scope(self.app, self.form, self.rows)

    def out_of(self, status: str) -> list[Transition]:
        return [t for t in self.flow if status in t.sources and t.leads(status) != status]

    @cached_property
    def _guards(self) -> dict[str, tuple[list[Node], bool]]:
        return {one.key: self._readable(one) for one in self.flow}

    def _readable(self, transition: Transition) -> tuple[list[Node], bool]:
        """The guards that can be analysed, and whether that is all of them."""
        nodes, all_of_them = [], transition.wait is None
        for guard in transition.guards:
            try:
                node = elaborate(guard.rule, self.scope)
                cells([node])
                nodes.append(node)
            except (NotAnalysed, RuleError):
                all_of_them = False
        return nodes, all_of_them

    def guards(self, transition: Transition) -> list[Node]:
        return self._guards[transition.key][0]

    def exact(self, transitions: Sequence[Transition]) -> bool:
        return all(self._guards[one.key][1] for one in transitions)

    def reads(self, transition: Transition) -> frozenset[tuple[str, ...]]:
        """What its guards depend on."""
        return frozenset(_paths(self.guards(transition)))

    def told_apart(self, transitions: Sequence[Transition], status: str) -> tuple[list[Cell], list[frozenset[int]]]:
        """Every case, and for each of the transitions the places of those in which its guards hold."""
        nodes = [self.guards(one) for one in transitions]
        cases = cells([node for group in nodes for node in group], {("status",): status})
        tests = [[compile_node(node) for node in group] for group in nodes]
        return cases, [frozenset(at for at, case in enumerate(cases) if _all(group, case)) for group in tests]


def _paths(nodes: Sequence[Node]) -> Iterator[tuple[str, ...]]:
    for node in nodes:
        if node.operator.name == "var":
            yield tuple(node.value)
        yield from _paths(node.args)


def _all(tests: Sequence[Callable[[Any], Any]], case: Cell) -> bool:
    data = data_of(case)
    return all(test(data) is True for test in tests)


def _ended(form: Form, statuses: StatusList, flow: Sequence[Transition]) -> Iterator[Finding]:
    left = {status for one in flow for status in one.sources if one.leads(status) != status}
    for status in statuses.statuses:
        if flow and status.kind not in ENDS and status.key not in left:
            said = {"form": named(form.label), "status": named(status.label)}
            words = _("%(form)s: nothing leads on from “%(status)s”. If it is an end, say so by its kind.", **said)
            yield warning(f"status_lists[{statuses.key}].statuses[{status.key}]", words)


def _takers(ways: Ways, place: str, carried_out: frozenset[str]) -> Iterator[Finding]:
    """Transitions that those who may take them do not see, or whose conditions exclude each other."""
    for one in ways.flow:
        here = f"{place}.transitions[{one.key}]"
        roles = one.who.roles
        alone = roles and one.who == Who(roles=roles) and one.key not in carried_out and not one.automatic
        if alone and not any(_sees(ways, ways.form.access_by_role.get(role), one) for role in roles):
            yield warning(f"{here}.who", _("Those who may take this do not see the record then, so nobody can."))
        if len(one.guards) > 1 and one.sources and not any(_possible(ways, one, status) for status in one.sources):
            yield warning(f"{here}.guards", _("These conditions exclude each other, so this never happens."))


def _possible(ways: Ways, one: Transition, status: str) -> bool:
    try:
        return bool(ways.told_apart([one], status)[1][0])
    except NotAnalysed:
        return True


def _sees(ways: Ways, access: RoleAccess | None, one: Transition) -> bool:
    """Whether a role may see records, or lines, at one of the statuses that a transition leaves."""
    if access is None or access.scope in ("none", False):
        return False
    if ways.rows is not None:
        return any(access.mode(ways.rows.key, step) != "hidden" for step in ways.app.steps(ways.form))
    if access.scope == "in_charge":
        by_key: Mapping[str, Status] = ways.statuses.by_key
        return any(key in by_key and by_key[key].in_charge == access.role for key in one.sources)
    if isinstance(access.scope, bool | str):
        return True
    return any(_in_scope(ways, access, status) for status in one.sources)


def _in_scope(ways: Ways, access: RoleAccess, status: str) -> bool:
    try:
        node = elaborate(access.scope, ways.scope)
        test = compile_node(node)
        return any(test(data_of(case)) is True for case in cells([node], {("status",): status}))
    except (NotAnalysed, RuleError):
        return True


def _choices(ways: Ways, status: Status, place: str) -> Iterator[Finding]:
    """Of the ways out of a status: which both apply, and when none does."""
    leaving = ways.out_of(status.key)
    for one, other in combinations(leaving, 2):
        if one.automatic == other.automatic and one.target != other.target and ways.exact([one, other]):
            yield from _both(ways, one, other, status, place)
    yield from _neither(ways, [t for t in leaving if _leads_on(ways, t, status)], status, place)


def _both(ways: Ways, one: Transition, other: Transition, status: Status, place: str) -> Iterator[Finding]:
    """Each has cases of its own and both have some in common; or the first takes all that the second could."""
    shared = ways.reads(one) & ways.reads(other) - {("status",)}
    alike = ways.reads(one) == ways.reads(other) and set(one.who.roles) & set(other.who.roles)
    if not shared or not (one.automatic or alike):
        return
    try:
        cases, (mine, theirs) = ways.told_apart([one, other], status.key)
    except NotAnalysed:
        return
    here, common = f"{place}.transitions[{other.key}].guards", sorted(mine & theirs)
    if one.automatic and theirs and theirs <= mine:
        yield warning(here, _("This never happens: wherever it could, “%(other)s” comes first.", other=named(one.label)))
    elif common and mine - theirs and theirs - mine:
        case = next((cases[at] for at in common if None not in cases[at].values()), None)
        if case is not None:
            told = example(case, ways.scope)
            yield warning(here, _("This and “%(other)s” both apply, as with %(example)s.", other=named(one.label), example=told))


def _leads_on(ways: Ways, transition: Transition, status: Status) -> bool:
    """Whether it is a way forward: not back, and not a cancellation."""
    order = list(ways.statuses.by_key)
    target = ways.statuses.by_key.get(transition.target)
    return target is not None and target.kind not in ("cancelled", "exception") and order.index(target.key) > order.index(status.key)


def _neither(ways: Ways, on: list[Transition], status: Status, place: str) -> Iterator[Finding]:
    """A case in which no way leads on, though they were made to share the cases among them."""
    if len(on) < 2 or not all(ways.guards(one) for one in on):
        return
    try:
        cases, held = ways.told_apart(on, status.key)
    except NotAnalysed:
        return
    apart = any(a and b and not a & b and ways.reads(one) & ways.reads(other) for (one, a), (other, b) in combinations(zip(on, held, strict=True), 2))
    left = [case for at, case in enumerate(cases) if not any(at in one for one in held) and None not in case.values()]
    if apart and left:
        words = _("From “%(status)s” no way leads on, as with %(example)s.", status=named(status.label), example=example(left[0], ways.scope))
        yield warning(f"{place}.transitions[{on[0].key}].guards", words)
