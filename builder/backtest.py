"""The flow that is being built, asked about the past: how many transitions would have gone another way, and which."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from flask import g, render_template, request

from ..platform.access.policy import admin
from ..platform.definition.model import App, Form
from ..platform.definition.pinning import same_flow
from ..platform.errors import NotFound
from ..platform.formats import formats_for
from ..platform.ids import storable
from ..platform.records.beyond import named_in_sight
from ..platform.records.compiled import open_app
from ..platform.records.query import Gate
from ..platform.workflow.backtest import Other, Report, backtest
from .workshop import Workshop, design_pages

blueprint = design_pages("backtest", "/backtest")

RECORDS = 200  # looked at in one go
EXAMPLES = 5


@dataclass(frozen=True)
class Group:
    """What goes another way for one reason: how often, and some of the records."""

    why: str
    count: int
    examples: list[Other]


@blueprint.get("")
@admin
def show(app_key: str):
    """Which form is asked about; the answer comes by itself."""
    workshop = Workshop(app_key)
    forms = _forms(workshop)
    return render_template("builder/backtest.html", workshop=workshop, forms=forms, form=_chosen(forms), changed=_changed(workshop, forms))


@blueprint.get("/result")
@admin
def result(app_key: str):
    """The newest records, or those before one (`before`)."""
    workshop = Workshop(app_key)
    form, before = _chosen(_forms(workshop)), request.args.get("before", type=int)
    if form is None or workshop.blocking or (before is not None and not storable(before)):
        raise NotFound
    report = backtest(g.workspace, app_key, form.key, RECORDS, before, language=g.language)
    found = [(tally, _groups(tally.others)) for tally in report.tallies]
    formats = formats_for(g.language, workshop.app.zone)
    return render_template(
        "builder/backtest_result.html", workshop=workshop, form=form, report=report, found=found, titles=_titles(workshop, form, report), formats=formats
    )


def _forms(workshop: Workshop) -> list[Form]:
    """The forms of the draft that have a flow, and records that took it."""
    live = _live(workshop)
    return [form for form in workshop.app.forms if form.flow() and live is not None and form.key in live.form_by_key]


def _live(workshop: Workshop) -> App | None:
    if workshop.row.live_version is None:
        return None
    with g.workspace.reading() as connection:
        return open_app(g.workspace, connection, workshop.key).app


def _changed(workshop: Workshop, forms: list[Form]) -> set[str]:
    """The forms whose flow is other than the one that runs."""
    live = _live(workshop)
    return {form.key for form in forms if not same_flow(workshop.app, form, live)}


def _chosen(forms: list[Form]) -> Form | None:
    wanted = request.args.get("form")
    found = next((form for form in forms if form.key == wanted), None)
    if wanted and found is None:
        raise NotFound
    return found or next(iter(forms), None)


def _groups(others: Iterable[Other]) -> list[Group]:
    """By reason, the most frequent first."""
    by_why = sorted(others, key=lambda one: one.why)
    found = [(why, list(ones)) for why, ones in groupby(by_why, key=lambda one: one.why)]
    return sorted((Group(why, len(ones), ones[-EXAMPLES:][::-1]) for why, ones in found), key=lambda group: -group.count)


def _titles(workshop: Workshop, form: Form, report: Report) -> dict[int, str]:
    """What the records of the examples are called, of those that the reader may see."""
    ids = {one.record_id for tally in report.tallies for group in _groups(tally.others) for one in group.examples}
    with g.workspace.reading() as connection:
        gate = Gate(connection, open_app(g.workspace, connection, workshop.key), g.actor)
        return {record_id: title for (_key, record_id), title in named_in_sight(gate, {form.key: ids}).items()}
