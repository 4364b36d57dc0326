"""How pages of the demo are reached that have no address of their own, for their pictures: what somebody does there."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page

ORDERS = "/apps/orders/order/"
DESIGN = "/build/orders/"
CITIES = ("Hamburg", "Bremen", "Kiel", "Husum")  # one for each shape, so that there is something to bring in
NARROW = 600
NORTHWIND = Path(__file__).parent / "northwind"


def to_first(page: Page, address: str) -> None:
    """The first record of a list."""
    page.goto(address)
    page.goto(page.locator("a.key").first.get_attribute("href"))


def refused(page: Page) -> None:
    """An order whose only line is taken off while it is submitted."""
    picked(page)
    page.locator("[role=option]:visible").first.click()
    page.locator("[data-add-line=lines]").click()
    page.locator("#f-lines-0-product").press_sequentially("a")
    page.locator("[role=option]:visible").first.click()
    page.locator("#f-lines-0-quantity").fill("2")
    page.locator("#save").click()
    page.wait_for_url(re.compile(r"/order/\d+$"))
    page.locator("label.gone").click()
    page.locator("#next .primary").click()
    page.locator("#refusal").wait_for()


def asked(page: Page) -> None:
    """The question before an order goes back to sales."""
    to_first(page, f"{ORDERS}?view=all&f=status~is~submitted")
    page.locator("#do-send_back").click()
    page.locator("dialog #q-reason").fill("Please check the price")


def clash(page: Page) -> None:
    """Two people changed one note."""
    to_first(page, f"{ORDERS}?view=all&f=status~is~draft")
    other = page.context.new_page()
    other.goto(page.url)
    stands = page.locator("#f-note").input_value()
    theirs = next(text for text in ("Deliver to the back door", "Leave it with the porter") if text != stands)
    for one, text in ((other, theirs), (page, "Call before delivery")):
        one.locator("#f-note").fill(text)
        one.locator("#save").click()
        one.locator(".flashes .good, #clashes").first.wait_for()
    other.close()


def picked(page: Page) -> None:
    """A new order while its customer is chosen."""
    page.goto(f"{ORDERS}new")
    page.locator("#f-customer").press_sequentially("st")
    page.locator("[role=option]").first.wait_for()


def foreseen(page: Page) -> None:
    """What a change request would change, before it is approved."""
    to_first(page, "/apps/orders/change/?view=all&f=status~is~submitted")
    page.locator("#do-apply").click()
    page.locator("dialog").wait_for()


def drafted(page: Page) -> None:
    """A field, a status and another name in the draft, before they are published."""
    page.goto(f"{DESIGN}forms/order/")
    if not page.get_by_text("and changes").count() and not page.get_by_text("与改动").count():
        page.locator("#add-flag").click()
        page.wait_for_url(re.compile("select="))
        page.goto(f"{DESIGN}flows/order/")
        page.locator("#panel form #label-en").first.fill("Gift wrapping")
        page.locator("#panel form button").first.click()
        page.wait_for_url(re.compile("status="))
    page.goto(f"{DESIGN}publication")


def guessed(page: Page) -> None:
    """Two sheets, and what each of their columns is taken for."""
    page.goto("/build/spreadsheets")
    page.locator("#files").set_input_files([NORTHWIND / f"{name}.csv" for name in ("products", "categories")])
    page.locator("main form button.primary").click()
    page.wait_for_url(re.compile(r"/spreadsheets/\w+"))


def shared(page: Page) -> None:
    """A link to an order that is under way, just made."""
    to_first(page, f"{ORDERS}?view=all&f=status~is~shipped")
    page.locator("a[href$='/sharing']").click()
    page.locator("#label").fill("Purchasing of the customer")
    page.locator("main form .primary").click()
    page.locator("#link").wait_for()


def tracked(page: Page) -> None:
    """What the customer sees."""
    shared(page)
    address = page.locator("#link").input_value()
    page.goto(address[address.index("/s/") :] + f"?language={'zh' if page.locator('html[lang=zh-CN]').count() else 'en'}")


def read_in(page: Page) -> None:
    """A sheet of customers, and what its columns are taken for."""
    page.goto("/apps/orders/customer/import")
    city = CITIES[2 * page.locator("html[lang=zh-CN]").count() + (page.viewport_size["width"] < NARROW)]
    rows = f"Name;City;Country;Tier;Account manager;Discount;Fax\nKestrel Books;{city};Germany;Key account;Tom Berger;5%;-\nNew Leaf;Ulm;Germany;Platinum;Tom Berger;;-\n"
    page.locator("#file").set_input_files({"name": "customers.csv", "mimeType": "text/csv", "buffer": rows.encode()})
    page.locator("main form .primary").click()
    page.locator("#key").wait_for()


def tried(page: Page) -> None:
    """What would come of it, line by line."""
    read_in(page)
    page.locator("main form .primary").click()
    page.locator("#run").wait_for()


def brought_in(page: Page) -> None:
    """What came of it."""
    tried(page)
    page.locator("#run").click()
    page.locator("a.button[href='/apps/orders/customer/']").wait_for()


def began_earlier(page: Page) -> None:
    """The month in which most shipments went out, also on the first of another."""
    page.goto("/apps/orders/shipment/?view=calendar")
    page.goto(page.locator("#earlier").get_attribute("href"))


def kept_as_view(page: Page) -> None:
    """The list with its filter, about to be kept."""
    page.goto(f"{ORDERS}?view=all&f=rush~yes~")
    page.locator("a[href*='views/new']").first.click()
    page.locator("dialog[open] .primary").wait_for()


def picked_together(page: Page) -> None:
    """Two orders on their way to one transition."""
    page.goto(f"{ORDERS}?view=all&f=status~is~submitted")
    for box in page.locator("tbody input[type=checkbox]").all()[:3]:
        box.check()
    page.locator("#bulk, .bulk").first.wait_for()


def told(page: Page) -> None:
    """What happened to an order, and what people said of it."""
    to_first(page, f"{ORDERS}?view=all&f=status~is~shipped")
    page.locator(".story").first.evaluate("story => story.closest('section, .card').scrollIntoView()")


def on_paper(page: Page) -> None:
    to_first(page, f"{ORDERS}?view=all&f=status~is~shipped")
    page.emulate_media(media="print")


def to_delete(page: Page) -> None:
    to_first(page, f"{ORDERS}?view=all&f=status~is~draft")
    page.goto(f"{page.url}/deletion")


def voted(page: Page) -> None:
    """A request for leave that waits for a yes, and who is asked."""
    page.goto("/inbox")
    page.goto(page.locator("a.title[href^='/apps/leave/request/']").first.get_attribute("href"))


def handed_on(page: Page) -> None:
    voted(page)
    page.locator("[data-question*='hand-on'], a[href*='hand-on']").first.click()
    page.locator("dialog[open] select").wait_for()


def asked_in_public(page: Page) -> None:
    """The form behind a public link."""
    page.goto("/apps/service/ticket/sharing")
    page.locator("#label").fill("Our website")
    page.locator("main form .primary").click()
    address = page.locator("#link").input_value()
    page.goto(address[address.index("/s/") :] + f"?language={'zh' if page.locator('html[lang=zh-CN]').count() else 'en'}")


def invited(page: Page) -> None:
    """A link for somebody new."""
    page.goto("/members/new")
    page.locator("#name").fill("Clara Wolf")
    page.locator("#email").fill(f"clara.{page.evaluate('Date.now()')}@example.com")
    page.locator("main form .primary").click()
    page.locator("#link").wait_for()


def invitation(page: Page) -> None:
    """What somebody new sees, who is signed in as nobody."""
    invited(page)
    address = page.locator("#link").input_value()
    page.context.clear_cookies()
    page.goto(address[address.index("/invitations/") :])


def tried_on_the_past(page: Page) -> None:
    """Which transitions of the past would have gone another way."""
    page.goto(f"{DESIGN}backtest")
    page.locator("#result progress").wait_for(state="detached", timeout=120_000)


def taught(page: Page) -> None:
    """The first app that somebody builds by the guide."""
    page.goto("/build/")
    page.locator(".learn button").click()
    page.locator("#guide").wait_for()


def in_a_cell(page: Page) -> None:
    """A price is typed where it stands, and refused in words."""
    page.goto("/apps/orders/product/")
    page.locator("td[data-key=list_price]").nth(2).dispatch_event("dblclick")
    page.locator("#c-list_price").fill("ten")
    page.keyboard.press("Enter")
    page.locator("td.editing .error svg").wait_for()
