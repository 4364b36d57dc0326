"""A board, a calendar and a timeline in a browser: a story by mouse, one by keys alone; every page for everybody, wide and narrow."""

from __future__ import annotations

import re

import pytest
from board_app import LIST
from inspected import NARROW, WIDE, complaints, findings
from playwright.sync_api import expect
from web import Live, served


@pytest.fixture
def live(boards, browser):
    with served(boards.app) as url:
        opened = Live(boards.app, url, browser)
        yield opened
        opened.close()


def carry(page, card, place) -> None:
    """By mouse, in steps as a hand does."""
    page.mouse.move(*middle(card))
    page.mouse.down()
    page.mouse.move(*middle(place), steps=8)
    expect(page.locator(".carried")).to_be_visible()
    page.mouse.up()


def middle(locator) -> tuple[float, float]:
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + min(box["height"] / 2, 40)


def dialog_of(page, name: str):
    """The question in front of the page, as soon as it answers."""
    found = page.get_by_role("dialog", name=name)
    expect(found).to_be_visible()
    expect(found).not_to_have_class(re.compile("htmx-"))
    return found


def column(page, name: str):
    return page.get_by_role("region", name=name, exact=True)


def test_cards_are_carried_by_mouse(live, boards):
    paint = boards.lead.creates("job", about="Paint", room="north", hours="2")
    boards.lead.creates("job", about="Sweep", room="north")
    page = live.visit(boards.lead, f"{LIST}?view=flow", viewport=WIDE)
    said = complaints(page)
    card = page.locator(f"#card-{paint.id}")
    page.mouse.move(*middle(card))
    page.mouse.down()
    page.mouse.move(*middle(column(page, "Work")), steps=4)
    expect(column(page, "Done")).to_have_class(re.compile("shut"))
    page.keyboard.press("Escape")
    page.mouse.up()
    carry(page, card, column(page, "Work"))
    expect(column(page, "Work")).to_contain_text("Paint")
    expect(page.get_by_text("Paint: Begin")).to_be_visible()
    assert boards.lead.sees(paint).status == "work"
    carry(page, card, column(page, "Done"))  # two ways lead there
    dialog = dialog_of(page, "Move Paint")
    dialog.get_by_role("link", name="Skip").click()
    question = dialog_of(page, "Skip")
    expect(question).to_contain_text("Without any check?")
    question.get_by_role("link", name="Cancel").click()
    expect(column(page, "Work")).to_contain_text("Paint")  # it went back
    carry(page, card, column(page, "Open"))
    expect(page.get_by_role("dialog")).to_contain_text("Nothing leads from “Work” to “Open”.")
    page.keyboard.press("Escape")
    expect(column(page, "Work")).to_contain_text("Paint")
    carry(page, card, column(page, "Done"))
    dialog = dialog_of(page, "Move Paint")
    dialog.get_by_role("button", name="Finish").click()
    expect(column(page, "Done")).to_contain_text("Paint")
    expect(page.get_by_role("dialog")).to_be_hidden()
    carry(page, page.locator(".card-of", has_text="Sweep"), column(page, "Dropped"))
    asked = dialog_of(page, "Drop")
    asked.get_by_label("Reason").fill("Rain")
    asked.get_by_role("button", name="Drop").click()
    expect(column(page, "Dropped")).to_contain_text("Sweep")
    assert page.url.endswith(f"{LIST}?view=flow")
    assert {one for one in said if "422" not in one} == set()
    page.get_by_role("link", name="Rooms").click()
    with page.expect_response(lambda answer: answer.request.method == "POST" and "/place" in answer.url):  # the card is there at once
        carry(page, card, column(page, "Attic"))
    expect(column(page, "Attic")).to_contain_text("Paint")
    assert boards.lead.sees(paint).values["room"] == "attic"


class Finger:
    """Is put down, moves and is lifted, with whatever the browser itself makes of that."""

    def __init__(self, page):
        self.session = page.context.new_cdp_session(page)

    def down(self, x: float, y: float) -> None:
        self._send("touchStart", {"x": x, "y": y})
        self.at = (x, y)

    def move(self, x: float, y: float, steps: int = 8) -> None:
        (left, top) = self.at
        for step in range(1, steps + 1):
            self._send("touchMove", {"x": left + (x - left) * step / steps, "y": top + (y - top) * step / steps})

    def up(self) -> None:
        self._send("touchEnd")

    def _send(self, kind: str, *points) -> None:
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def test_cards_are_carried_by_a_finger_that_stays_on_them(live, boards):
    jobs = [boards.lead.creates("job", about=f"Paint {number}") for number in range(20)]
    page = live.visit(boards.lead, f"{LIST}?view=flow", viewport={"width": 1024, "height": 800}, has_touch=True)
    card, finger = page.locator(f"#card-{jobs[-1].id}"), Finger(page)
    x, y = middle(card)
    finger.down(x, y)
    finger.move(x, y - 300)
    page.wait_for_function("() => document.querySelector('#cards-open').scrollTop > 100")  # it scrolls
    expect(page.locator(".carried")).to_have_count(0)
    finger.up()
    page.reload()
    finger.down(*middle(card))
    expect(page.locator(".carried")).to_have_text("Paint 19")
    finger.move(*middle(column(page, "Work")))
    expect(page.locator(".drop-line")).to_be_visible()
    finger.up()
    expect(column(page, "Work")).to_contain_text("Paint 19")
    expect(page.locator(".carried")).to_have_count(0)
    expect(page.get_by_text("Paint 19: Begin")).to_be_visible()


def test_days_are_changed_by_mouse_and_by_keys(live, boards):
    paint = boards.lead.creates("job", about="Paint", start="2026-11-11", until="2026-11-12")
    page = live.visit(boards.lead, f"{LIST}?view=days&month=2026-11", viewport=WIDE)
    said = complaints(page)
    carry(page, page.locator(f"#card-{paint.id}"), page.locator("[data-place='2026-11-18']"))
    expect(page.locator("[data-place='2026-11-19']")).to_contain_text("Paint")
    assert boards.lead.sees(paint).values["until"].isoformat() == "2026-11-19"
    page.locator(f"#card-{paint.id} .key").focus()
    page.keyboard.press("m")
    dialog = dialog_of(page, "Move Paint")
    dialog.get_by_label("Start").fill("2026-12-01")
    page.keyboard.press("Enter")
    expect(page.locator("[data-place='2026-12-01']")).to_contain_text("Paint")
    page.get_by_role("link", name="Later").press("Enter")
    expect(page.get_by_role("heading", level=2, name="December 2026")).to_be_visible()
    expect(page.locator("[data-place='2026-12-02']")).to_contain_text("Paint")
    page.go_back()
    expect(page.get_by_role("heading", level=2, name="November 2026")).to_be_visible()
    assert said == []


def test_what_was_loaded_and_unfolded_stays_when_somebody_changes_something(live, boards):
    for number in range(52):
        boards.lead.creates("job", about=f"Job {number}", start="2026-11-11" if number < 8 else None)
    page = live.visit(boards.lead, f"{LIST}?view=flow", viewport=WIDE)
    said, look = complaints(page), "document.dispatchEvent(new Event('visibilitychange'))"
    page.locator("#more-open").press("Enter")
    expect(column(page, "Open").locator("[data-card]")).to_have_count(52)
    boards.lead.creates("job", about="Newcomer")
    page.evaluate(look)
    expect(column(page, "Open").locator("[data-card]")).to_have_count(53)
    page.reload()
    expect(column(page, "Open").locator("[data-card]")).to_have_count(53)
    page.goto(f"{LIST}?view=days&month=2026-11")
    day = page.locator("#day-2026-11-11")
    day.locator(".folded > summary").press("Enter")
    boards.lead.creates("job", about="Zealot", start="2026-11-11")
    page.evaluate(look)
    expect(day.locator("[data-card]")).to_have_count(9)
    expect(day.locator(".folded")).to_have_attribute("open", "")
    assert said == []


def pull(page, what, days: int) -> None:
    """By so many days of a timeline to the right."""
    x, y = middle(what)
    day = page.locator("[data-day]").first.bounding_box()["width"]
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + day * days, y, steps=6)
    expect(page.locator(".drop-line")).to_be_visible()
    page.mouse.up()


def test_bars_are_pulled_by_mouse(live, boards):
    paint = boards.lead.creates("job", about="Paint", start="2026-11-11", until="2026-11-13")
    page = live.visit(boards.lead, f"{LIST}?view=plan&from=2026-11-02", viewport=WIDE)
    said = complaints(page)
    bar = page.locator(f"#bar-{paint.id}")
    for what, days, words in (
        (bar, 2, "13 Nov – 15 Nov"),
        (bar.locator("[data-grip=end]"), 5, "13 Nov – 20 Nov"),
        (bar.locator("[data-grip=begin]"), -3, "10 Nov – 20 Nov"),
        (bar.locator("[data-grip=end]"), -20, "10 Nov"),  # no further than the beginning
    ):
        pull(page, what, days)
        expect(bar).to_have_attribute("title", words)
    boards.lead.edits(paint, until="2026-11-30")
    pull(page, bar, 2)
    refusal = page.get_by_role("dialog")
    expect(refusal).to_contain_text("Look at what stands here now")
    refusal.get_by_role("link", name="Cancel").click()
    expect(bar).to_have_attribute("title", "10 Nov – 30 Nov")  # where it stands by now
    bar.click()
    dialog_of(page, "Move Paint").get_by_label("Start").fill("2026-11-12")
    page.keyboard.press("Enter")
    expect(bar).to_have_attribute("title", "12 Nov – 2 Dec")
    assert [words for words in said if "409" not in words] == []


def test_bars_are_moved_by_keys_as_far_as_one_may(live, boards):
    paint = boards.lead.creates("job", about="Paint", start="2026-11-11", until="2026-11-13")
    boards.lead.creates("job", about="Sweep", start="2026-11-04")
    page = live.visit(boards.lead, f"{LIST}?view=plan&from=2026-11-02", viewport=WIDE)
    bar = page.locator(f"#bar-{paint.id}")
    page.locator(".bars [data-card]").first.focus()
    page.keyboard.press("ArrowDown")
    expect(bar).to_be_focused()
    page.keyboard.down("Alt")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(bar.locator(".days-of")).to_have_text("14 Nov – 16 Nov")
    page.keyboard.up("Alt")
    expect(bar).to_have_attribute("title", "14 Nov – 16 Nov")
    expect(bar).to_be_focused()
    page.keyboard.press("Shift+ArrowRight")
    expect(bar).to_have_attribute("title", "14 Nov – 17 Nov")
    page.keyboard.press("Alt+Shift+ArrowLeft")
    expect(bar).to_have_attribute("title", "13 Nov – 17 Nov")
    boards.lead.begins(paint)
    page = live.visit(boards.hand, f"{LIST}?view=plan&from=2026-11-02", viewport=WIDE)
    bar = page.locator(f"#bar-{paint.id}")
    expect(bar.locator("[data-grip]")).to_have_count(1)
    bar.focus()
    page.keyboard.press("Alt+ArrowRight")  # not the beginning
    page.keyboard.press("Shift+ArrowRight")
    expect(bar).to_have_attribute("title", "13 Nov – 18 Nov")


def test_a_board_is_used_with_keys_alone(live, boards):
    boards.lead.creates("job", about="Paint", hours="1")
    boards.lead.creates("job", about="Sweep")
    page = live.visit(boards.lead, LIST)
    page.get_by_role("link", name="Board", exact=True).press("Enter")
    page.wait_for_url("**/?as=board")
    page.locator(".card-of .key", has_text="Sweep").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".card-of .key", has_text="Paint")).to_be_focused()
    page.keyboard.press("m")
    dialog = dialog_of(page, "Move Paint")
    expect(dialog.get_by_role("button", name="Begin")).to_be_focused()
    page.keyboard.press("Enter")
    expect(column(page, "Work")).to_contain_text("Paint")
    expect(page.locator(".card-of .key", has_text="Paint")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".card-of .key", has_text="Sweep")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    dialog = dialog_of(page, "Move Sweep")
    dialog.get_by_role("link", name="Drop").press("Enter")
    dialog_of(page, "Drop").get_by_label("Reason").fill("Rain")
    page.keyboard.press("Enter")
    expect(column(page, "Dropped")).to_contain_text("Sweep")
    page.locator(".card-of .key", has_text="Sweep").press("Enter")
    expect(page.locator("h1")).to_have_text("Sweep")


PAGES = ("?view=flow", "?view=rooms", "?view=days&month=2026-11", "?view=plan&from=2026-11-02")


def test_nobody_is_shut_out_of_boards(live, boards):
    job = boards.lead.creates("job", about="Paint", place="Hall", room="north", hours="2", start="2026-11-11", until="2026-11-13")
    for number in range(7):
        boards.lead.creates("job", about=f"Sweep {number}", start="2026-11-12")
    page = live.visit(boards.lead, "/profile")
    wrong = []
    for language in ("English", "简体中文"):
        page.get_by_role("button", name=language).first.click()
        for path in (*PAGES, f"{job.id}/place?by=status", f"{job.id}/place?by=room", f"{job.id}/place?by=start"):
            page.goto(LIST + path)
            wrong += [(path, language, *found) for size in (WIDE, NARROW) for found in findings(page, size)]
        page.set_viewport_size(WIDE)
        page.goto("/profile")
    assert wrong == []
