"""Pictures of every page into docs/pictures, taken of the demo: `make screenshots`.

A picture is named after what it shows, its language, theme and width: record-en-light-1440.png.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from conftest import chromium
from formloom.platform.app import close_app, create_app
from formloom.platform.config import Config
from formloom.platform.demo import PASSWORD, set_up
from playwright.sync_api import Browser, Page, sync_playwright
from web import served

PICTURES = Path(__file__).parent.parent / "docs" / "pictures"
SHAPES = (("en", "light", 1440), ("zh", "dark", 1440), ("en", "light", 390), ("zh", "dark", 390))
HEIGHTS = {1440: 900, 390: 844}
ORDERS = "/apps/orders/order/"
DESIGN = "/build/orders/"
NORTHWIND = Path(__file__).parent / "northwind"
PRESS = "button => document.querySelector(button).click()"


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
    rows = "Name;City;Country;Tier;Account manager;Discount;Fax\nKestrel Books;Hamburg;Germany;Key account;Tom Berger;5%;-\nNew Leaf;Ulm;Germany;Platinum;Tom Berger;;-\n"
    page.goto("/apps/orders/customer/import")
    page.locator("#file").set_input_files({"name": "customers.csv", "mimeType": "text/csv", "buffer": rows.encode()})
    page.locator("main form .primary").click()
    page.locator("#key").wait_for()


def tried(page: Page) -> None:
    """What would come of it, line by line."""
    read_in(page)
    page.locator("main form .primary").click()
    page.locator("#run").wait_for()


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


PAGES = {
    "home": ("mara", "/"),
    "inbox": ("mara", "/inbox"),
    "notices": ("mara", "/notices"),
    "list": ("mara", ORDERS),
    "board": ("mara", f"{ORDERS}?view=board"),
    "calendar": ("mara", "/apps/orders/shipment/?view=calendar"),
    "timeline": ("mara", f"{ORDERS}?view=all&as=timeline&by=channel"),
    "filter": ("mara", f"{ORDERS}?view=all&f=ordered~last~60%0Arush~yes~&f=status~is~submitted,reviewed&menu=filter"),
    "groups": ("mara", f"{ORDERS}?view=all&group=status&open=submitted"),
    "cell": ("mara", in_a_cell),
    "record": ("tom", lambda page: to_first(page, f"{ORDERS}?view=all&f=status~is~submitted")),
    "new": ("tom", picked),
    "clash": ("tom", clash),
    "refusal": ("tom", refused),
    "question": ("mara", asked),
    "change": ("mara", foreseen),
    "invoices": ("wang", "/apps/orders/invoice/?view=all"),
    "purchases": ("ida", "/apps/orders/purchase_order/?view=all"),
    "products": ("jonas", "/apps/orders/product/"),
    "customer": ("mara", lambda page: to_first(page, "/apps/orders/customer/")),
    "share": ("mara", shared),
    "tracked": ("mara", tracked),
    "import": ("mara", read_in),
    "import-tried": ("mara", tried),
    "search": ("mara", "/search?q=hotel"),
    "members": ("ada", "/members"),
    "member": ("ada", "/members/2"),
    "profile": ("mara", "/profile"),
    "build": ("ada", "/build/"),
    "template": ("ada", "/build/templates/purchase"),
    "spreadsheet": ("ada", guessed),
    "designer": ("ada", f"{DESIGN}forms/order/?select=fields.customer"),
    "preview": ("ada", f"{DESIGN}forms/order/preview?role=sales&step=draft"),
    "rule": ("ada", f"{DESIGN}rules?path=forms[order].transitions[pass].guards[small].rule"),
    "flow": ("ada", f"{DESIGN}flows/order/?status=submitted"),
    "flow-table": ("ada", f"{DESIGN}flows/order/?as=table"),
    "links": ("ada", f"{DESIGN}sharing/order/"),
    "access": ("ada", f"{DESIGN}access/order/?role=sales"),
    "inspector": ("ada", f"{DESIGN}inspector?form=order&person=2&record=1"),
    "publication": ("ada", drafted),
    "versions": ("ada", f"{DESIGN}versions"),
    "guide": ("ada", taught),
}


def opened(browser: Browser, url: str, language: str, theme: str, width: int) -> Page:
    size = {"width": width, "height": HEIGHTS[width]}
    locale = "zh-CN" if language == "zh" else "en-GB"
    context = browser.new_context(base_url=url, locale=locale, viewport=size, color_scheme=theme, reduced_motion="reduce")
    return context.new_page()


def before_sign_in(browser: Browser, url: str, name: str, language: str, theme: str, width: int) -> None:
    """What a stranger sees: the first admin's page of a new installation, or the sign-in."""
    page = opened(browser, url, language, theme, width)
    page.goto("/")
    picture(page, name, language, theme, width)
    page.context.close()


def take(browser: Browser, url: str, language: str, theme: str, width: int) -> None:
    people: dict[str, Page] = {}
    for name, (person, way) in PAGES.items():
        page = people.get(person) or people.setdefault(person, signed_in(browser, url, person, language, theme, width))
        page.goto(way) if isinstance(way, str) else way(page)
        picture(page, name, language, theme, width)
    for page in people.values():
        page.context.close()


def signed_in(browser: Browser, url: str, person: str, language: str, theme: str, width: int) -> Page:
    page = opened(browser, url, language, theme, width)
    page.goto("/sign-in")
    page.locator("[name=email]").fill(f"{person}@example.com")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main form button").click()
    page.wait_for_url("**/")
    for name, value in (("language", language), ("theme", theme)):
        with page.expect_navigation():
            page.evaluate(PRESS, f'form[action="/{name}"] [value={value}]')
    return page


def picture(page: Page, name: str, language: str, theme: str, width: int) -> None:
    page.wait_for_load_state("networkidle")
    file = PICTURES / f"{name}-{language}-{theme}-{width}.png"
    page.screenshot(path=file, animations="disabled")
    print(file.name)


@contextmanager
def installed(*, demo: bool) -> Iterator[str]:
    """The address of an installation of its own, with the demo or with nothing in it."""
    folder = Path(tempfile.mkdtemp(prefix="formloom-pictures-"))
    app = create_app(Config(instance=folder, secret="only-for-pictures-" * 2))
    try:
        if demo:
            set_up(app)
        with served(app) as url:
            yield url
    finally:
        close_app(app)
        shutil.rmtree(folder)


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    shapes = [shape for shape in SHAPES if not sys.argv[1:] or "-".join(map(str, shape)) in sys.argv[1:]]
    with sync_playwright() as driver, installed(demo=True) as url, installed(demo=False) as bare:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = driver.chromium.launch(executable_path=chromium(), args=arguments)
        for shape in shapes:
            before_sign_in(browser, bare, "setup", *shape)
            before_sign_in(browser, url, "sign-in", *shape)
            take(browser, url, *shape)
        browser.close()


if __name__ == "__main__":
    main()
