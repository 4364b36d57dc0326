"""The templates that ship: nothing wrong with any, both languages, sample data that plays, and what each promises."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from formloom.platform.access.actor import SYSTEM
from formloom.platform.access.members import load_actor
from formloom.platform.definition.checks import problems
from formloom.platform.definition.flow import STAYS
from formloom.platform.definition.schema import load, normal
from formloom.platform.errors import Refused
from formloom.platform.gallery import TEMPLATES, start_app, template, templates
from formloom.platform.jobs.worker import drain
from formloom.platform.records.compiled import open_app
from formloom.platform.records.query import Gate
from formloom.platform.records.results import Query
from formloom.platform.workflow import timers
from formloom.platform.workflow.commands import Commands
from formloom.platform.workflow.notices import of_member
from formloom.platform.workflow.samples import add_people, play
from formloom.platform.workflow.soundness import check


class Played:
    """A template with its people, and with its sample records where they are played."""

    def __init__(self, workspace, name: str, records: bool = True):
        self.workspace, self.key = workspace, start_app(workspace, template(name), None)
        with workspace.writing() as connection:
            self.people = add_people(connection, open_app(workspace, connection, self.key).app)
        if records:
            play(workspace, self.key, self.people)

    def do(self, person: str, at: datetime | None = None) -> Commands:
        with self.workspace.reading() as connection:
            return Commands(self.workspace, load_actor(connection, self.people[person]), self.key, at)

    def sees(self, form: str, number: int, person: str | None = None):
        with self.workspace.reading() as connection:
            actor = load_actor(connection, self.people[person]) if person else SYSTEM
            return Gate(connection, open_app(self.workspace, connection, self.key), actor).record(form, number)

    def find(self, form: str, **values):
        """The first record of a form with these values."""
        with self.workspace.reading() as connection:
            where = {"and": [{"===": [{"var": key}, value]} for key, value in values.items()]}
            return Gate(connection, open_app(self.workspace, connection, self.key), SYSTEM).page(Query(form, where=where)).rows[0].id

    def told(self, person: str) -> list[str]:
        drain(self.workspace)
        with self.workspace.reading() as connection:
            return [row.text["en"] for row in of_member(connection, self.people[person], limit=100)]


@pytest.mark.parametrize("name", TEMPLATES)
def test_nothing_is_wrong_and_both_languages_are_there(name):
    document = template(name)
    app = load(document)
    assert [(one.path, str(one.message)) for one in problems(app)] == []
    assert normal(normal(document)) == normal(document)
    assert list(texts_without_chinese(document)) == []
    for form in app.forms:
        for one in form.transitions:
            assert one.key in carried_out(app) or one.automatic or one.who.roles or one.who.creator or one.who.head or one.who.fields, one.key
        if form.status_list:
            statuses = app.statuses(form)
            reached = {statuses.start.key} | {t.target for t in form.flow() if t.target != STAYS}
            assert reached >= set(statuses.by_key) or form.key == "order", form.key


def carried_out(app) -> set[str]:
    """The transitions that effects of other records take."""
    effects = (effect for form in app.forms for one in form.transitions for effect in one.effects)
    return {effect.settings.get("transition") for effect in effects}


def texts_without_chinese(value, path=""):
    if isinstance(value, dict):
        if "en" in value and isinstance(value["en"], str) and not value.get("zh"):
            yield path
        for key, inner in value.items():
            if key != "samples":
                yield from texts_without_chinese(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from texts_without_chinese(inner, f"{path}[{place}]")


def test_the_gallery_shows_orders_first():
    assert list(templates()) == ["orders", "leave", "purchase", "service"]


@pytest.mark.parametrize("name", TEMPLATES[1:])
def test_sample_data_plays_and_everything_is_sound(workspace, name):
    played = Played(workspace, name)
    drain(workspace)
    assert check(workspace) == []
    with workspace.reading() as connection:
        compiled = open_app(workspace, connection, played.key)
        gate = Gate(connection, compiled, SYSTEM)
        assert all(gate.count(Query(form.key)).number for form in compiled.app.forms)


def test_leave_takes_days_from_the_balance_and_gives_them_back(workspace):
    leave = Played(workspace, "leave", records=False)
    today = datetime(2026, 11, 25, 9)
    balance = leave.do("hanna", today).create("balance", {"name": "Annual", "employee": leave.people["emil"], "kind": "annual", "from": "2026-01-01", "until": "2027-12-31", "days": 12})
    ask = {"from": "2026-12-07", "until": "2026-12-11", "balance": balance.id}
    first = leave.do("emil", today).create("request", ask)
    leave.do("emil", today).perform("request", first.id, "submit")
    with pytest.raises(Refused):
        leave.do("emil", today).perform("request", first.id, "approve")
    leave.do("marco", today).perform("request", first.id, "approve")
    assert leave.sees("balance", balance.id).values["left"] == 7
    second = leave.do("emil", today).create("request", {**ask, "until": "2026-12-20"})
    with pytest.raises(Refused, match="not enough annual leave"):
        leave.do("emil", today).perform("request", second.id, "submit")
    leave.do("emil", today).perform("request", first.id, "cancel")
    assert leave.sees("balance", balance.id).values["left"] == 12
    long = leave.do("emil", today).create("request", {**ask, "until": "2026-12-18"})
    leave.do("emil", today).perform("request", long.id, "submit")
    with pytest.raises(Refused, match="More than ten days"):
        leave.do("marco", today).perform("request", long.id, "approve")
    leave.do("marco", today).perform("request", long.id, "pass_on")
    assert leave.do("hanna", today).perform("request", long.id, "approve_long").status == "approved"
    assert any("is approved" in one for one in leave.told("emil"))


def test_purchases_go_as_high_as_their_amount(workspace):
    purchase = Played(workspace, "purchase", records=False)
    center = purchase.do("gerd").create("center", {"name": "Laboratory", "budget": 30000})

    def asked(price: int) -> int:
        made = purchase.do("tim").create("request", {"title": "Thing", "center": center.id, "reason": "Needed", "lines": [{"what": "Thing", "quantity": 1, "price": price}]})
        purchase.do("tim").perform("request", made.id, "submit")
        return made.id

    small, middle, large = asked(900), asked(9000), asked(20000)
    assert purchase.do("sara").perform("request", small, "approve_small").status == "approved"
    with pytest.raises(Refused, match="finance decides too"):
        purchase.do("sara").perform("request", middle, "approve_small")
    purchase.do("sara").perform("request", middle, "approve_manager")
    assert purchase.do("gerd").perform("request", middle, "approve_finance").status == "approved"
    purchase.do("sara").perform("request", large, "approve_manager")
    purchase.do("gerd").perform("request", large, "approve_on")
    assert purchase.do("iris").perform("request", large, "approve_management").status == "management"
    assert purchase.do("jun").perform("request", large, "approve_management").status == "approved"
    assert purchase.sees("center", center.id).values["open"] == 100
    with pytest.raises(Refused, match="budget"):
        purchase.do("sara").perform("request", asked(500), "approve_small")
    purchase.do("gerd").perform("request", middle, "call_off", {"answer": "Not needed"})
    assert purchase.sees("center", center.id).values["open"] == 9100


def test_tickets_are_escalated_when_nobody_takes_them_in_working_time(workspace):
    service = Played(workspace, "service", records=False)
    monday = datetime(2026, 11, 23, 10)
    customer = service.do("sam", monday).create("customer", {"name": "Mill Street Bakery"})
    late = service.do("sam", monday).create("ticket", {"subject": "Slow", "description": "Slow", "customer": customer.id, "priority": "high"})
    taken = service.do("sam", monday).create("ticket", {"subject": "Bill", "description": "Bill", "customer": customer.id})
    service.do("xue", monday + timedelta(hours=1)).perform("ticket", taken.id, "take")
    assert service.sees("ticket", taken.id).values["answered_at"] == monday + timedelta(hours=1)
    with workspace.reading() as connection:
        due = connection.scalars(sa.select(timers.timer.c.due_at).where(timers.timer.c.record_id == late.id, timers.timer.c.form_key == "ticket"))
        assert sorted(due) == [monday + timedelta(hours=1), monday + timedelta(hours=8)]
    timers.hand_over(workspace, monday + timedelta(hours=6))
    assert any("urgent" in one for one in service.told("sam"))
    timers.hand_over(workspace, monday + timedelta(days=1, hours=2))
    drain(workspace)
    assert service.sees("ticket", late.id).status == "escalated"
    assert any("Nobody took" in one for one in service.told("nina"))
    assert service.sees("customer", customer.id).values["waiting"] == 2
    service.do("xue").perform("ticket", taken.id, "solve", {"solution": "Corrected"})
    service.do("xue").perform("ticket", taken.id, "reopen")
    assert service.sees("ticket", taken.id).values["reopened"] == 1
    assert service.sees("ticket", taken.id, "paul").modes["mail"] == "masked"
