"""Every page there is, as screen readers have it; in short in one shape, at length in both languages, themes and widths."""

from __future__ import annotations

import os

import pytest
from formloom.platform.workflow.talk import Talk
from inspected import Inspector
from order_world import a_customer, a_product, an_order

LONG = "FORMLOOM_SOAK" in os.environ
SHAPES = [(language, theme, width) for language in ("en", "zh") for theme in ("light", "dark") for width in (1440, 390)]
SHORT = [("en", "light", 1440)]
SHEET = {"name": "customers.csv", "mimeType": "text/csv", "buffer": b"Name;City;Tier\nKestrel Books;Hamburg;Key account\nNew Leaf;Ulm;Platinum\n"}
LIST, DESIGN = "/apps/orders/order/", "/build/orders"
ORDER = f"{DESIGN}/forms/order"
PRESS = "button => document.querySelector(button).click()"


def presses(page) -> None:
    with page.expect_navigation():
        page.locator("main form .primary").first.click()


def sheet_read(page) -> None:
    page.goto("/apps/orders/customer/import")
    page.locator("#file").set_input_files(SHEET)
    presses(page)


def sheet_tried(page) -> None:
    sheet_read(page)
    presses(page)
    page.locator("#run").wait_for()


def sheet_brought_in(page) -> None:
    sheet_tried(page)
    page.locator("#run").click()
    page.locator("a.button[href='/apps/orders/customer/']").wait_for()


def shared_with_somebody(page) -> None:
    page.goto(f"{LIST}1/sharing")
    page.locator("#label").fill("Zhang Wei")
    presses(page)
    page.locator("#link").wait_for()


def followed_by_link(page) -> None:
    shared_with_somebody(page)
    address = page.locator("#link").input_value()
    page.goto(address[address.index("/s/") :])


def invited(page, name: str = "clara") -> None:
    page.goto("/members/new")
    page.locator("#name").fill(name)
    page.locator("#email").fill(f"{name}@example.com")
    presses(page)


def invitation(page) -> None:
    invited(page, "dora")
    address = page.locator("#link").input_value()
    page.context.clear_cookies()
    page.goto(address[address.index("/invitations/") :])


def spreadsheet_guessed(page) -> None:
    page.goto("/build/spreadsheets")
    page.locator("#files").set_input_files(SHEET)
    presses(page)


def question_asked(page) -> None:
    page.goto(f"{LIST}1")
    page.locator("#do-cancel").click()
    page.locator("dialog[open] #q-reason").wait_for()


PARTS = 3

# By the endpoint that answers: who looks ("" is a stranger), and where, or how to get there.
PAGES = {
    "home.show": [("manager", "/")],
    "inbox.show": [("manager", "/inbox")],
    "inbox.started": [("sales", "/inbox/started")],
    "inbox.followed": [("manager", "/inbox/followed")],
    "inbox.told": [("manager", "/notices")],
    "lists.show": [
        ("manager", LIST + more) for more in (
            "", "?add=status", "?q=nothing", "?view=board", "?view=all&as=calendar", "?view=all&as=timeline&by=channel", "?view=all&group=status&open=draft",
            "?view=all&f=ordered~last~60%0Arush~yes~&menu=filter",
        )
    ],
    "records.show": [("sales", f"{LIST}1"), ("sales", f"{LIST}2"), ("manager", "/apps/orders/customer/1"), ("sales", question_asked)],
    "records.new": [("sales", f"{LIST}new")],
    "records.ask_deletion": [("sales", f"{LIST}1/deletion")],
    "transitions.show": [("manager", f"{LIST}2/transitions/send_back")],
    "bulk.show": [("manager", f"{LIST}bulk?all=1")],
    "saved_views.new": [("sales", f"{LIST}views/new")],
    "sharing.show": [("sales", f"{LIST}1/sharing"), ("sales", shared_with_somebody)],
    "shared.show": [("sales", followed_by_link), ("", "/s/demo/nothing", 404)],
    "sheet_imports.new": [("sales", "/apps/orders/customer/import")],
    "sheet_imports.show": [("sales", sheet_read), ("sales", sheet_tried), ("sales", sheet_brought_in)],
    "search.show": [("sales", "/search?q=kestrel"), ("sales", "/search?q=")],
    "members.show": [("admin", "/members"), ("sales", "/members", 404)],
    "members.one": [("admin", "/members/2")],
    "members.new": [("admin", "/members/new"), ("admin", invited)],
    "profile.show": [("sales", "/profile")],
    "workspaces.show": [("sales", "/workspaces")],
    "undelivered.show": [("admin", "/undelivered")],
    "sign_in.show": [("", "/sign-in")],
    "setup.show": [("", "/setup")],
    "apps.home": [("admin", "/build/")],
    "templates.show": [("admin", "/build/templates/leave")],
    "imports.new": [("admin", "/build/imports")],
    "spreadsheets.new": [("admin", "/build/spreadsheets")],
    "spreadsheets.show": [("admin", spreadsheet_guessed)],
    "forms.index": [("admin", f"{DESIGN}/forms")],
    "forms.show": [
        ("admin", f"{ORDER}/{more}") for more in (
            "", "?select=fields.customer", "?select=fields.lines", "?select=fields.lines.fields.quantity", "?select=layout.totals", "?select=views.open",
            "?select=fields.note,fields.rush",
        )
    ],
    "form_preview.show": [("admin", f"{ORDER}/preview?role=sales&step=draft")],
    "flows.show": [("admin", f"{DESIGN}/flows/order/{more}") for more in ("", "?status=submitted", "?transition=approve", "?as=table", "?rows=lines")],
    "effects.show": [("admin", f"{DESIGN}/flows/order/transitions/submit/effects/reserve")],
    "rules.show": [("admin", f"{DESIGN}/rules?path=forms[order].{place}") for place in ("transitions[pass].guards[small].rule", "fields[total].settings.rule")],
    "access.show": [("admin", f"{DESIGN}/access/order/?role={role}") for role in ("sales", "*")],
    "access.ask": [("admin", f"{DESIGN}/access/publication")],
    "roles.show": [("admin", f"{DESIGN}/roles")],
    "inspector.show": [("admin", f"{DESIGN}/inspector?form=order&person=2&record=1")],
    "sharing_design.show": [("admin", f"{DESIGN}/sharing/order/")],
    "publication.show": [("admin", f"{DESIGN}/publication")],
    "versions.show": [("admin", f"{DESIGN}/versions")],
    "backtest.show": [("admin", f"{DESIGN}/backtest")],
    "upgrade.show": [("admin", f"{DESIGN}/upgrade")],
    "invitations.show": [("", "/invitations/nothing", 404), ("admin", invitation)],  # the last that the admin sees, who is signed out
    "(nothing there)": [("sales", "/nowhere", 404), ("", "/nowhere", 404)],
}  # fmt: skip
# Pieces of pages, which are looked at within them by the tests of those pages; files; ways elsewhere.
PIECES = {
    "apps.show", "app_file.download", "backtest.result", "cell_edits.show", "choices.show", "comments.people", "comments.show", "drafts.findings",
    "drafts.news", "effects.new", "files.show", "files.show_unsaved", "inbox.counts", "links.show", "live.of_list", "live.of_record", "places.show",
    "saved_views.show", "sheet_imports.refused", "sheets.csv", "sheets.workbook", "signing.show", "transitions.show_line",
}  # fmt: skip


class Visitors:
    """A page for each person, in one shape, each looked at by an inspector."""

    def __init__(self, live, people, language: str, theme: str, width: int):
        self.live, self.people, self.language = live, people, language
        locale = "zh-CN" if language == "zh" else "en-GB"
        self.look = {"viewport": {"width": width, "height": 900}, "color_scheme": theme, "locale": locale}
        self.inspectors: dict[str, Inspector] = {}

    def __getitem__(self, who: str) -> Inspector:
        if who not in self.inspectors:
            page = self.live.visit(getattr(self.people, who) if who else None, "/profile" if who else "/sign-in", **self.look)
            if who and self.language == "zh":
                with page.expect_navigation():
                    page.evaluate(PRESS, 'form[action="/language"] [value=zh]')
            self.inspectors[who] = Inspector(page)
        return self.inspectors[who]

    def wrong(self, who: str, way, status: int = 200) -> list[str]:
        inspector = self[who]
        if isinstance(way, str):
            return inspector.goes(way, status) + inspector.wrong(status)
        way(inspector.page)
        inspector.page.wait_for_load_state("networkidle")
        return inspector.wrong(status)


def test_no_page_is_left_out(app):
    known = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in rule.methods and not rule.rule.startswith(("/static", "/api"))}
    assert known - set(PAGES) - PIECES == set()
    assert (set(PAGES) | PIECES) - known == {"(nothing there)"}


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize(("language", "theme", "width"), SHAPES if LONG else SHORT)
def test_nothing_is_wrong_on_any_page(live, orders, part, language, theme, width):
    buyer = a_customer(orders, name="Kestrel Books")
    first, second = (an_order(orders, buyer, (a_product(orders), 2)) for _order in range(2))
    orders.sales.submits(second)
    Talk(orders.workspace, orders.sales.actor, "orders").comment("order", first.id, "Look at this, please")
    visitors = Visitors(live, orders, language, theme, width)
    ways = [(endpoint, *way) for endpoint, ways in PAGES.items() for way in ways]
    looked = {(endpoint, str(way)): visitors.wrong(who, way, *status) for endpoint, who, way, *status in ways[part::PARTS]}
    assert {place: found for place, found in looked.items() if found} == {}
