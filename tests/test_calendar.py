"""Lists as calendars and timelines: who stands on which day, and a day changed as on the record's own page."""

from __future__ import annotations

import json
import re
from datetime import date, datetime

import pytest
from board_app import LIST
from page import Page, visit
from test_board import moved

DAYS = f"{LIST}?view=days&month=2026-11"


@pytest.fixture
def lead(boards):
    return boards.browser("lead")


def on(page: Page, day: str) -> list[str]:
    """The titles on a day, those that fold up too."""
    found = re.search(rf'data-place="{day}">(.*?)</li>\s*(?=<li class="day|</ol>)', page.html, re.S)
    return [re.sub(r"<[^>]+>", "", one).split("  ")[0].strip() for one in re.findall(r'class="key"[^>]*>(.*?)</a>', found[1], re.S)]


def base_of(page: Page, record) -> str:
    return re.search(rf'data-card="{record.id}".*?data-base="([^"]*)"', page.html, re.S)[1].replace("&#34;", '"')


def test_records_stand_on_the_days_from_their_beginning_to_their_end(boards, lead):
    boards.lead.creates("job", about="Paint", start="2026-11-11", until="2026-11-13")
    boards.lead.creates("job", about="Sweep", start="2026-11-12")
    boards.lead.creates("job", about="Long", start="2026-09-01", until="2027-01-31")
    boards.lead.creates("job", about="Mistaken", start="2026-11-20", until="2026-11-02")
    boards.lead.creates("job", about="Elsewhen", start="2026-12-24")
    boards.lead.creates("job", about="Some day")
    page = visit(lead, DAYS)
    assert "November 2026" in page.text and "1 without “Start”" in page.text
    found = {day: on(page, f"2026-11-{day}") for day in ("10", "11", "12", "13", "14", "20")}
    assert {day: [one.replace(" goes on", "") for one in titles] for day, titles in found.items()} == {
        "10": ["Long"], "11": ["Long", "Paint"], "12": ["Long", "Paint", "Sweep"], "13": ["Long", "Paint"], "14": ["Long"],
        "20": ["Long", "Mistaken"],
    }  # fmt: skip
    days = re.findall(r'<li class="day[^"]*" id="[^"]*" data-place="(.*?)"', page.html)
    assert (days[0], days[-1], len(days)) == ("2026-10-26", "2026-12-06", 42)
    assert "Elsewhen" in visit(lead, f"{LIST}?view=days&month=2026-12").text
    assert visit(lead, f"{LIST}?view=days&month=nonsense").status == 200


def test_search_and_filters_narrow_a_calendar(boards, lead):
    for about, room in (("Paint", "north"), ("Sweep", "south")):
        boards.lead.creates("job", about=about, room=room, start="2026-11-11")
    assert on(visit(lead, f"{DAYS}&q=Sweep"), "2026-11-11") == ["Sweep"]
    assert on(visit(lead, f"{DAYS}&f=room~is~north"), "2026-11-11") == ["Paint"]


def test_a_full_day_folds_up_and_leads_to_its_list(boards, lead):
    for number in range(43):
        boards.lead.creates("job", about=f"Job {number}", start="2026-11-11")
    page = visit(lead, DAYS)
    assert "36 more" in page.text
    (rest,) = re.findall(r'href="([^"]+)">All of this day', page.html)
    assert 'id="tally">43<' in visit(lead, rest.replace("&amp;", "&")).html
    page = visit(lead, f"{DAYS}&f=about~eq~Job+1&f=about~has~Job&join=or")
    (rest,) = re.findall(r'href="([^"]+)">All of this day', page.html)
    assert 'id="tally">43<' in visit(lead, rest.replace("&amp;", "&")).html


def test_a_day_is_changed_with_the_end_along(boards, lead):
    job = boards.lead.creates("job", about="Paint", start="2026-11-11", until="2026-11-13")
    base = base_of(visit(lead, DAYS), job)
    assert json.loads(base) == {"start": "2026-11-11", "until": "2026-11-13"}
    answer = moved(lead, job, by="start", end="until", to="2026-11-20", base=base, next=DAYS)
    assert (answer.status, answer.location) == (303, DAYS)
    values = boards.lead.sees(job).values
    assert (values["start"], values["until"]) == (date(2026, 11, 20), date(2026, 11, 22))
    assert moved(lead, job, by="start", end="until", to="2026-12-01", base=base).status == 409  # it moved on meanwhile
    base = base_of(visit(lead, DAYS), job)
    held = moved(lead, job, by="start", end="until", to="2026-11-24", base=base, **{"from": "2026-11-22"})  # by its last day
    assert held.status == 303 and boards.lead.sees(job).values["start"] == date(2026, 11, 22)


def test_a_moment_keeps_its_hour_where_the_company_is(boards, lead):
    job = boards.lead.creates("job", about="Paint", visit="2026-11-11T23:30:00Z")
    page = visit(lead, f"{LIST}?as=calendar&start=visit&month=2026-11")
    assert on(page, "2026-11-12") == ["00:30 Paint"] and on(page, "2026-11-11") == []  # Berlin
    answer = moved(lead, job, by="visit", to="2026-07-01", base=base_of(page, job))
    assert answer.status == 303
    assert boards.lead.sees(job).values["visit"] == datetime(2026, 6, 30, 22, 30)  # in summer


def test_a_calendar_of_when_records_were_made_cannot_be_changed(boards, lead):
    boards.lead.creates("job", about="Paint")
    page = visit(lead, f"{LIST}?as=calendar&start=created_at")
    assert "Paint" in page.text and "data-board" not in page.html and "data-ask aria-label=\"Move" not in page.html
    assert "By created" in page.text


def test_the_refusals_are_those_of_the_record_page(boards, lead):
    job = boards.lead.begins(boards.lead.creates("job", about="Paint", start="2026-11-11"))
    base = '{"start": "2026-11-11"}'
    closed = moved(boards.browser("hand"), job, by="start", to="2026-11-12", base=base)
    assert closed.status == 422 and "This cannot be changed here." in closed.text
    for to in ("", "tomorrow", "2026-02-30", "9999-99-99"):
        assert moved(lead, job, by="start", to=to, base=base).status == 422, to
    assert moved(lead, job, by="start", to="2026-11-12", base="{}").status == 422
    assert moved(lead, job, by="start", end="about", to="2026-11-12", base=base).status == 404
    assert boards.lead.sees(job).values["start"] == date(2026, 11, 11)
    menu = visit(lead, f"{LIST}{job.id}/place?by=start&end=until")
    assert menu.form("question").fields["to"] == "2026-11-11"
    assert menu.send("question", to="2026-11-30").status == 303
    assert boards.lead.sees(job).values["start"] == date(2026, 11, 30)


def test_a_timeline_has_bars_in_groups(boards, lead):
    for about, room, start, until in (
        ("Paint", "north", "2026-11-10", "2026-11-12"),
        ("Sweep", "south", "2026-11-01", "2026-12-31"),
        ("Lamp", "north", "2026-11-11", None),
        ("Gone", "north", "2026-01-01", "2026-01-02"),
    ):
        boards.lead.creates("job", about=about, room=room, start=start, until=until)
    page = visit(lead, f"{LIST}?view=plan&from=2026-11-11")
    assert re.findall(r'scope="rowgroup"[^>]*><span>(.*?)</span>', page.html) == ["North", "South"]
    assert re.findall(r'class="bar" colspan="(\d+)"', page.html) == ["3", "1", "42"]
    assert "10 Nov – 12 Nov" in page.text and "Gone" not in page.text
    assert "Nothing in these weeks" in visit(lead, f"{LIST}?view=plan&from=2031-01-01").text


def bar(page: Page, record) -> tuple[str, ...] | None:
    """The fields whose days can be pulled at the ends of a bar; nothing where it stays."""
    found = re.search(rf'data-card="{record.id}".*?data-begin="(\w*)" data-end="(\w*)"', page.html)
    return found and found.groups()


def test_bars_have_grips_for_those_who_may_change_their_days(boards, lead):
    job = boards.lead.creates("job", about="Paint", start="2026-11-10", until="2026-11-12")
    plan, hand = f"{LIST}?view=plan&from=2026-11-11", boards.browser("hand")
    assert bar(visit(lead, plan), job) == bar(visit(hand, plan), job) == ("start", "until")
    made = visit(lead, f"{LIST}?as=timeline&start=created_at")
    assert bar(made, job) in (("", "start"), ("", "until"))
    boards.lead.begins(job)
    assert bar(visit(lead, plan), job) == ("start", "until") and bar(visit(hand, plan), job) == ("", "until")
    boards.lead.skips(job)
    assert bar(visit(hand, plan), job) is None and "10 Nov – 12 Nov" in visit(hand, plan).text
    assert moved(hand, job, by="until", to="2026-11-20", base='{"until": "2026-11-12"}').status == 422


def test_an_end_of_a_bar_is_pulled_alone(boards, lead):
    job = boards.lead.creates("job", about="Paint", start="2026-11-10")
    base = base_of(visit(lead, f"{LIST}?view=plan&from=2026-11-11"), job)
    assert moved(lead, job, by="until", to="2026-11-14", base=base).status == 303  # there was none
    assert moved(lead, job, by="until", to="2026-11-15", base=base).status == 409
    assert moved(lead, job, by="start", to="2026-11-12", base=base).status == 303
    values = boards.lead.sees(job).values
    assert (values["start"], values["until"]) == (date(2026, 11, 12), date(2026, 11, 14))


@pytest.mark.parametrize("where", ["?view=days", "?as=calendar&start=start", "?view=plan", "?as=timeline", "?view=days&month=1900-01", "?view=days&month=2200-12"])
def test_those_who_see_no_records_see_empty_days(boards, where):
    boards.lead.creates("job", about="Paint", start=date.today().isoformat(), until=date.today().isoformat())
    page = visit(boards.browser("guest"), LIST + where)
    assert page.status == 200 and "Paint" not in page.text
