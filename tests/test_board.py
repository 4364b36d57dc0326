"""Lists as boards: columns with their cards, counts and sums; cards moved as the record's own page would allow."""

from __future__ import annotations

import re

import pytest
from board_app import LIST
from formloom.runtime import board
from page import Page, visit


@pytest.fixture
def lead(boards):
    return boards.browser("lead")


@pytest.fixture
def hand(boards):
    return boards.browser("hand")


def column(page: Page, name: str) -> list[str]:
    """The titles in a column."""
    found = re.search(rf'id="cards-{name}">(.*?)</ul>', page.html, re.S)
    return re.findall(r'class="key"[^>]*>(.*?)</a>', found[1]) if found else []


def heads(page: Page) -> list[str]:
    return re.findall(r'id="column-([^"]*)"', page.html)


def card(page: Page, record) -> dict[str, str]:
    """What a card says of itself, as a browser would send it."""
    found = re.search(rf'id="card-{record.id}" data-card="{record.id}" data-rev="(\d+)" data-status="(\w+)"', page.html)
    return {"rev": found[1], "status": found[2]}


def moved(client, record, **sent) -> Page:
    return Page(client, client.post(f"{LIST}{record.id}/place", {"next": f"{LIST}?view=flow", **sent}))


def test_a_board_has_a_column_for_each_status_with_its_cards_their_number_and_sum(boards, lead):
    first = boards.lead.creates("job", about="Paint", place="Hall", hours="2.5", room="north")
    boards.lead.creates("job", about="Sweep", hours="4")
    boards.lead.begins(first)
    page = visit(lead, f"{LIST}?view=flow")
    assert heads(page) == ["open", "work", "done", "dropped"]
    assert (column(page, "open"), column(page, "work"), column(page, "done")) == (["Sweep"], ["Paint"], [])
    assert re.search(r'id="column-work".*?</span>1</span>.*?2\.5</span>', page.html, re.S)
    assert "Hall" in page.text and "Hours 2.5" in page.text


def test_any_list_can_be_shown_as_a_board_and_a_board_as_a_list(boards, lead):
    boards.lead.creates("job", about="Paint", room="north")
    assert column(visit(lead, f"{LIST}?as=board"), "open") == ["Paint"]
    assert column(visit(lead, f"{LIST}?as=board&by=room"), "north") == ["Paint"]
    assert '<table class="grid' in visit(lead, f"{LIST}?view=flow&as=list").html
    assert heads(visit(lead, f"{LIST}?as=board&by=about")) == ["open", "work", "done", "dropped"]  # no choice


def test_search_and_filters_narrow_a_board(boards, lead):
    for about, room in (("Paint", "north"), ("Sweep", "south"), ("Paint again", "south")):
        boards.lead.creates("job", about=about, room=room)
    assert sorted(column(visit(lead, f"{LIST}?view=flow&q=Paint"), "open")) == ["Paint", "Paint again"]
    assert column(visit(lead, f"{LIST}?view=flow&f=room~is~north"), "open") == ["Paint"]
    assert heads(visit(lead, f"{LIST}?view=flow&f=status~is~open,work")) == ["open", "work"]
    nothing = visit(lead, f"{LIST}?view=flow&q=nobody")
    assert "Nothing matches" in nothing.text and f'href="{LIST}?view=flow"' in nothing.html


def more(page: Page, name: str) -> str:
    return re.search(rf'id="more-{name}" href="([^"]+)"', page.html)[1].replace("&amp;", "&")


def test_a_column_goes_on_after_fifty_cards_and_its_address_keeps_what_was_loaded(boards, lead, monkeypatch):
    jobs = [boards.lead.creates("job", about=f"Job {number}") for number in range(108)]
    for job in jobs[:53]:
        boards.lead.begins(job)
    page = visit(lead, f"{LIST}?view=flow")
    assert (len(column(page, "open")), len(column(page, "work"))) == (50, 50)
    page = visit(lead, more(visit(lead, more(page, "open")), "work"))
    assert heads(page) == heads(visit(lead, f"{LIST}?view=flow"))
    assert len(set(column(page, "open"))) == 55 and len(set(column(page, "work"))) == 53 and 'id="more-open"' not in page.html
    monkeypatch.setattr(board, "MOST_SHOWN", 50)
    page = visit(lead, f"{LIST}?view=flow&more=open.100+work.999+x")
    rest = visit(lead, more(page, "open"))
    assert len(column(page, "open")) == 50 and heads(rest) == ["open"] and len(column(rest, "open")) == 5
    assert set(column(page, "open")).isdisjoint(column(rest, "open"))


def test_a_card_that_is_moved_takes_the_transition_that_leads_there(boards, lead):
    job = boards.lead.creates("job", about="Paint", hours="1")
    seen = card(visit(lead, f"{LIST}?view=flow"), job)
    answer = moved(lead, job, by="status", to="work", **seen)
    assert (answer.status, answer.location) == (303, f"{LIST}?view=flow")
    assert boards.lead.sees(job).status == "work"
    assert "Paint: Begin" in answer.follow().text


def test_what_a_transition_asks_is_asked_and_leads_back_to_the_board(boards, lead):
    job = boards.lead.creates("job", about="Paint")
    question = moved(lead, job, by="status", to="dropped", **card(visit(lead, f"{LIST}?view=flow"), job))
    assert question.status == 303 and "/transitions/drop?next=" in question.location
    refused = question.follow().send("question", reason="")
    assert refused.status == 422 and boards.lead.sees(job).status == "open"
    assert refused.send("question", reason="Rain").location == f"{LIST}?view=flow"
    assert boards.lead.sees(job).status == "dropped"


def test_of_several_ways_one_is_chosen_and_what_refuses_says_why(boards, lead, hand):
    job = boards.lead.begins(boards.lead.creates("job", about="Paint", hours="3"))
    page = moved(lead, job, by="status", to="done")
    assert page.status == 200 and "Finish" in page.text and "Skip" in page.text
    assert moved(lead, job, by="status", to="done", take="finish").status == 303
    assert boards.lead.sees(job).status == "done"
    other = boards.lead.begins(boards.lead.creates("job", about="Sweep"))
    refused = moved(hand, other, by="status", to="done")
    assert refused.status == 422 and "Say how long it took first." in refused.text and "Only Lead can do this." in refused.text
    assert boards.lead.sees(other).status == "work"


def test_where_nothing_leads_is_said_with_what_can_be_done(boards, lead):
    job = boards.lead.creates("job", about="Paint")
    nowhere = moved(lead, job, by="status", to="open")
    assert nowhere.status == 422 and "Nothing leads from “Open” to “Open”." in nowhere.text
    by_itself = moved(lead, job, by="status", to="done")  # what only happens by itself says when it does
    assert by_itself.status == 422 and "Close Never." in by_itself.text
    assert moved(lead, job, by="status", to="nothing").status == 404


def test_the_menu_of_a_card_moves_it_without_script(boards, hand):
    job = boards.lead.creates("job", about="Paint")
    page = visit(hand, f"{LIST}?view=flow")
    (menu,) = re.findall(r'class="button quiet only move" href="([^"]+)"', page.html)
    menu = visit(hand, menu.replace("&amp;", "&"))
    assert "Begin" in menu.text and "Drop Only Lead can do this." in menu.text
    done = menu.send("question", take="begin")
    assert done.status == 303 and boards.lead.sees(job).status == "work"
    assert done.location == f"{LIST}?view=flow"


def test_a_card_knows_where_it_can_go(boards, lead, hand):
    job = boards.lead.creates("job", about="Paint", room="north")
    asked = {"headers": {"Accept": "application/json"}}
    assert lead.get(f"{LIST}{job.id}/place?by=status", **asked).json == {"open": ["work", "dropped"]}
    assert hand.get(f"{LIST}{job.id}/place?by=status", **asked).json == {"open": ["work"]}
    assert hand.get(f"{LIST}{job.id}/place?by=room", **asked).json == {"open": None}
    assert hand.get(f"{LIST}{job.id}/place?by=secret", **asked).status_code == 404


def test_stale_and_forged_moves_are_refused(boards, lead, hand):
    job = boards.lead.creates("job", about="Paint", hours="1")
    seen = card(visit(lead, f"{LIST}?view=flow"), job)
    boards.lead.begins(job)
    late = moved(lead, job, by="status", to="work", **seen)
    assert late.status == 409 and "Somebody was faster: this now stands at “Work”." in late.text
    now = card(visit(lead, f"{LIST}?view=flow"), job)
    boards.lead.edits(job, place="Hall")
    assert moved(lead, job, by="status", to="done", take="finish", **now).status == 409
    assert moved(hand, job, by="status", take="skip").status == 404
    assert boards.lead.sees(job).status == "work"
    assert moved(lead, job, by="status", to="done", take="finish", next="//evil.example/").location == f"{LIST}{job.id}"


def test_a_board_of_a_choice_edits_the_field_with_the_refusals_of_the_record_page(boards, lead, hand):
    job = boards.lead.creates("job", about="Paint", room="north")
    page = visit(lead, f"{LIST}?view=rooms")
    assert heads(page) == ["north", "south", "attic", "-"] and column(page, "north") == ["Paint"]
    base = '{"room": "north"}'
    assert 'data-base="{&#34;room&#34;: &#34;north&#34;}"' in page.html
    back = moved(lead, job, by="room", to="south", base=base, next=f"{LIST}?view=rooms")
    assert back.status == 303 and column(back.follow(), "south") == ["Paint"]
    stale = moved(lead, job, by="room", to="attic", base=base)
    assert stale.status == 409 and boards.lead.sees(job).values["room"] == "south"
    assert moved(lead, job, by="room", to="", base='{"room": "south"}').status == 303
    assert column(visit(lead, f"{LIST}?view=rooms"), "-") == ["Paint"]
    for sent, status in (
        ({"by": "room", "to": "cellar", "base": '{"room": null}'}, 422),
        ({"by": "room", "to": "north", "base": "{}"}, 422),
        ({"by": "about", "to": "Sweep", "base": '{"about": "Paint"}'}, 404),
        ({"by": "nothing", "to": "x"}, 404),
        ({}, 404),
    ):
        assert moved(lead, job, **sent).status == status, sent
    done = boards.lead.performs(boards.lead.begins(boards.lead.creates("job", about="Sweep", room="north")), "skip")
    refused = moved(hand, done, by="room", to="south", base=base)
    assert refused.status == 422 and "This cannot be changed here." in refused.text


def test_the_menu_of_a_choice_is_a_form(boards, lead, hand):
    job = boards.lead.creates("job", about="Paint", room="north")
    menu = visit(lead, f"{LIST}{job.id}/place?by=room")
    assert menu.form("question").fields["to"] == "north"
    assert menu.send("question", to="attic").location == f"{LIST}{job.id}"
    assert boards.lead.sees(job).values["room"] == "attic"
    done = boards.lead.performs(boards.lead.begins(job), "skip")
    assert "You can't change “Room” here." in visit(hand, f"{LIST}{done.id}/place?by=room").text


def test_nobody_learns_from_a_board_what_they_may_not_see(boards, lead, hand):
    job = boards.lead.creates("job", about="Paint", secret="north")
    assert heads(visit(hand, f"{LIST}?as=board&by=secret")) == ["open", "work", "done", "dropped"]
    assert visit(hand, f"{LIST}{job.id}/place?by=secret").status == 404
    guest = boards.browser("guest")
    assert moved(guest, job, by="status", to="work").status == 404
    assert column(visit(guest, f"{LIST}?view=flow"), "open") == []
    assert re.search(r'id="column-open".*?</span>0</span>', visit(guest, f"{LIST}?view=flow").html, re.S)


def test_a_board_is_saved_as_a_view_of_ones_own(boards, lead):
    boards.lead.creates("job", about="Paint", room="north")
    question = visit(lead, f"{LIST}views/new?as=board&by=room&q=Paint")
    mine = question.send("question", name="By room")
    page = visit(lead, mine.location)
    assert heads(page) == ["north", "south", "attic", "-"] and column(page, "north") == ["Paint"]
    assert "Save changes" not in page.text and "Save changes" in visit(lead, f"{mine.location}&edited=1&as=list").text


def test_an_option_that_is_no_longer_offered_keeps_its_cards(boards, lead):
    job = boards.lead.creates("job", about="Paint", room="attic")
    boards.publishes(lambda form: form_field(form, "room")["settings"]["options"].pop())
    page = visit(lead, f"{LIST}?view=rooms")
    assert heads(page) == ["north", "south", "--", "-"] and column(page, "--") == ["Paint"]
    assert 'aria-labelledby="column---"' in page.html and 'data-place="attic"' not in page.html
    assert moved(lead, job, by="room", to="north", base='{"room": "attic"}').status == 303
    assert heads(visit(lead, f"{LIST}?view=rooms")) == ["north", "south", "-"]


def form_field(form: dict, key: str) -> dict:
    return next(field for field in form["fields"] if field["key"] == key)
