"""Pictures of every page into docs/pictures, taken of the demo: `make screenshots`.

A picture is named after what it shows, its language, theme and width: record-en-light-1440.png. Names of pages
or shapes (en-light-1440) after the command take only those.
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import ways
from conftest import chromium
from formloom.platform.access.members import names_with_role, set_roles
from formloom.platform.app import close_app, create_app
from formloom.platform.config import Config
from formloom.platform.db import Workspace
from formloom.platform.demo import PASSWORD, SLUG, set_up
from formloom.platform.gallery import start_app, template
from formloom.platform.records.compiled import open_app
from formloom.platform.workflow.samples import add_people, play
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from ways import DESIGN, ORDERS
from web import served

PICTURES = Path(__file__).parent.parent / "docs" / "pictures"
SHAPES = (("en", "light", 1440), ("zh", "dark", 1440), ("en", "light", 390), ("zh", "dark", 390))
BEFORE = ("setup", "sign-in")
HEIGHTS = {1440: 900, 390: 844}
COLOURS = 256  # a picture is a third as large with no more of them
PRESS = "button => document.querySelector(button).click()"

# By the name of the picture: who looks, and where, or how they get there.
PAGES = {
    "home": ("mara", "/"),
    "inbox": ("mara", "/inbox"),
    "started": ("tom", "/inbox/started"),
    "followed": ("mara", "/inbox/followed"),
    "notices": ("mara", "/notices"),
    "list": ("mara", ORDERS),
    "board": ("mara", f"{ORDERS}?view=board"),
    "calendar": ("mara", ways.began_earlier),
    "timeline": ("mara", f"{ORDERS}?view=all&as=timeline&by=channel"),
    "filter": ("mara", f"{ORDERS}?view=all&f=ordered~last~60%0Arush~yes~&f=status~is~submitted,reviewed&menu=filter"),
    "groups": ("mara", f"{ORDERS}?view=all&group=status&open=submitted"),
    "cell": ("mara", ways.in_a_cell),
    "columns": ("mara", f"{ORDERS}?view=all&menu=columns"),
    "save-view": ("mara", ways.kept_as_view),
    "bulk": ("mara", ways.picked_together),
    "record": ("tom", lambda page: ways.to_first(page, f"{ORDERS}?view=all&f=status~is~submitted")),
    "new": ("tom", ways.picked),
    "clash": ("tom", ways.clash),
    "refusal": ("tom", ways.refused),
    "question": ("mara", ways.asked),
    "history": ("mara", ways.told),
    "print": ("mara", ways.on_paper),
    "deletion": ("tom", ways.to_delete),
    "approval": ("noah", ways.voted),
    "hand-on": ("noah", ways.handed_on),
    "change": ("mara", ways.foreseen),
    "invoices": ("wang", "/apps/orders/invoice/?view=all"),
    "purchases": ("ida", "/apps/orders/purchase_order/?view=all"),
    "products": ("jonas", "/apps/orders/product/"),
    "customer": ("mara", lambda page: ways.to_first(page, "/apps/orders/customer/")),
    "share": ("mara", ways.shared),
    "tracked": ("mara", ways.tracked),
    "public-form": ("mei", ways.asked_in_public),
    "import-new": ("mara", "/apps/orders/customer/import"),
    "import": ("mara", ways.read_in),
    "import-tried": ("mara", ways.tried),
    "import-done": ("mara", ways.brought_in),
    "search": ("mara", "/search?q=hotel"),
    "members": ("ada", "/members"),
    "member": ("ada", "/members/2"),
    "member-new": ("ada", "/members/new"),
    "invited": ("ada", ways.invited),
    "profile": ("mara", "/profile"),
    "workspaces": ("mara", "/workspaces"),
    "undelivered": ("ada", "/undelivered"),
    "missing": ("mara", "/nowhere"),
    "build": ("ada", "/build/"),
    "template": ("ada", "/build/templates/purchase"),
    "spreadsheet": ("ada", ways.guessed),
    "app-file": ("ada", "/build/imports"),
    "app": ("ada", f"{DESIGN}forms"),
    "designer": ("ada", f"{DESIGN}forms/order/?select=fields.customer"),
    "designer-lines": ("ada", f"{DESIGN}forms/order/?select=fields.lines.fields.quantity"),
    "designer-view": ("ada", f"{DESIGN}forms/order/?select=views.open"),
    "preview": ("ada", f"{DESIGN}forms/order/preview?role=sales&step=draft"),
    "rule": ("ada", f"{DESIGN}rules?path=forms[order].transitions[pass].guards[small].rule"),
    "flow": ("ada", f"{DESIGN}flows/order/?status=submitted"),
    "flow-table": ("ada", f"{DESIGN}flows/order/?as=table"),
    "transition": ("ada", f"{DESIGN}flows/order/?transition=approve"),
    "effect": ("ada", f"{DESIGN}flows/order/transitions/submit/effects/reserve"),
    "links": ("ada", f"{DESIGN}sharing/order/"),
    "access": ("ada", f"{DESIGN}access/order/?role=sales"),
    "inspector": ("ada", f"{DESIGN}inspector?form=order&person=2&record=1"),
    "roles": ("ada", f"{DESIGN}roles"),
    "publication": ("ada", ways.drafted),
    "versions": ("ada", f"{DESIGN}versions"),
    "backtest": ("ada", ways.tried_on_the_past),
    "upgrade": ("ada", f"{DESIGN}upgrade"),
    "guide": ("ada", ways.taught),
    "invitation": ("ada", ways.invitation),  # the last that Ada sees, who is signed out
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


def take(browser: Browser, url: str, names: Collection[str], language: str, theme: str, width: int) -> None:
    people: dict[str, Page] = {}
    for name, (person, way) in PAGES.items():
        if name not in names:
            continue
        page = people.get(person) or people.setdefault(person, signed_in(browser, url, person, language, theme, width))
        page.goto(way) if isinstance(way, str) else way(page)
        picture(page, name, language, theme, width)
        page.emulate_media(media="screen")
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
    taken = Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
    taken.quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
    print(file.name)


def more_apps(workspace: Workspace) -> None:
    """Leave and service with their sample data, for Noah and Mei, who see little else."""
    for key, who, roles in (("leave", "management", ["manager", "hr"]), ("service", "customer_service", ["lead"])):
        start_app(workspace, template(key), None)
        with workspace.writing() as connection:
            people = add_people(connection, open_app(workspace, connection, key).app)
            for number in names_with_role(connection, "orders", [who]):
                set_roles(connection, number, key, roles)
        play(workspace, key, people)


@contextmanager
def installed(*, demo: bool) -> Iterator[str]:
    """The address of an installation of its own, with the demo or with nothing in it."""
    folder = Path(tempfile.mkdtemp(prefix="formloom-pictures-"))
    app = create_app(Config(instance=folder, secret="only-for-pictures-" * 2))
    try:
        if demo:
            set_up(app)
            more_apps(app.extensions["workspaces"][SLUG])
        with served(app) as url:
            yield url
    finally:
        close_app(app)
        shutil.rmtree(folder)


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    asked = set(sys.argv[1:])
    shapes = [shape for shape in SHAPES if "-".join(map(str, shape)) in asked] or SHAPES
    pages = asked & {*PAGES, *BEFORE} or {*PAGES, *BEFORE}
    with sync_playwright() as driver, installed(demo=True) as url, installed(demo=False) as bare:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = driver.chromium.launch(executable_path=chromium(), args=arguments)
        for shape in shapes:
            for name, address in (("setup", bare), ("sign-in", url)):
                if name in pages:
                    before_sign_in(browser, address, name, *shape)
            take(browser, url, pages, *shape)
        browser.close()


if __name__ == "__main__":
    main()
