"""Two people at one record in a browser: they talk, follow, and see what the other does, by mouse and by keys."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from formloom.platform.workflow.talk import Talk
from order_world import a_customer, a_product, an_order
from playwright.sync_api import Page, expect

LIST = "/apps/orders/order/"
WIDE = {"viewport": {"width": 1440, "height": 900}}
NARROW = {"viewport": {"width": 390, "height": 844}, "locale": "zh-CN", "color_scheme": "dark"}


@pytest.fixture
def order(orders):
    return an_order(orders, a_customer(orders), (a_product(orders, 10), 1))


def accessible(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    assert not found, [(rule["id"], rule["nodes"][0]["html"]) for rule in found]


def keeps(page: Page, number: int) -> None:
    """So many drafts, as soon as they are written."""
    for _look in range(50):
        kept = page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('formloom-draft:')).length")
        if kept == number:
            break
        page.wait_for_timeout(100)
    assert kept == number


def looks(*pages: Page) -> None:
    """As when somebody comes back to a page: it asks at once, and not in a few seconds, what others did."""
    for page in pages:
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def remarks(page: Page):
    return page.locator("#talk .said")


def test_two_people_talk_about_an_order(live, orders, order):
    path = f"{LIST}{order.id}"
    sales, manager = live.visit(orders.sales, path, **WIDE), live.visit(orders.manager, path, **NARROW)
    note = sales.locator("#f-note")
    note.fill("Typed and not saved")

    box = sales.get_by_role("textbox", name="Comment")
    box.press_sequentially("Please look, @sales m")
    expect(sales.get_by_role("option", name="Sales Manager")).to_be_visible()
    accessible(sales)
    box.press("Enter")
    expect(box).to_have_value("Please look, @Sales Manager ")
    box.press("Control+Enter")
    expect(remarks(sales)).to_have_text(["Please look, @Sales Manager"])
    expect(sales.locator(".called")).to_have_text("@Sales Manager")
    expect(box).to_have_value("")
    expect(note).to_have_value("Typed and not saved")

    manager.reload()
    expect(remarks(manager)).to_have_text(["Please look, @Sales Manager"])
    star = manager.locator("#follow-button")
    expect(star).to_have_attribute("aria-pressed", "false")
    manager.locator("#comment-text").fill("@fin")
    manager.locator("#talk [role=option]", has_text="Finance").click()
    manager.locator("#comment-text").press_sequentially("看一下")
    manager.locator("#comment-send").click()
    expect(remarks(manager)).to_have_text(["@Finance 看一下", "Please look, @Sales Manager"])
    expect(star).to_have_attribute("aria-pressed", "true")
    star.click()
    expect(star).to_have_attribute("aria-pressed", "false")
    expect(star).to_be_focused()

    manager.locator("#talk .rework summary").click()
    accessible(manager)
    manager.locator(".rework textarea").fill("别管了")
    manager.locator(".rework .say button").press("Enter")
    expect(remarks(manager).first).to_have_text("别管了")
    manager.locator("#talk .rework summary").click()
    manager.locator(".rework .danger").click()
    expect(remarks(manager)).to_have_count(1)
    expect(manager.locator("#talk .gone")).to_have_count(1)
    assert manager.evaluate("document.documentElement.scrollWidth <= innerWidth"), "wider than the screen"

    manager.goto("/notices")
    expect(manager.locator(".news li")).to_have_count(1)


@pytest.mark.parametrize("look", [WIDE, NARROW], ids=["wide", "narrow"])
def test_several_are_approved_from_the_inbox_by_keys(live, orders, order, look):
    other = an_order(orders, a_customer(orders, name="Ernst Handel"), (a_product(orders, 10, name="Chair"), 1))
    for one in (order, other):
        orders.sales.submits(one)
    page = live.visit(orders.manager, "/", **look)
    accessible(page)
    page.locator(".tally a").first.press("Enter")
    page.wait_for_url("**/inbox?kind=charge")
    buttons = page.locator(".together button")
    expect(buttons.first).to_be_hidden()
    page.locator(".pickone input").first.press("Space")
    expect(buttons.first).to_be_visible()
    page.locator("[data-every]").check()
    expect(page.locator(".pickone input:checked")).to_have_count(2)
    accessible(page)
    page.locator(".together button[value='take.approve']").press("Enter")
    dialog = page.locator("#dialog #question")
    dialog.locator("button.primary").press("Enter")
    expect(dialog.locator(".alert.good")).to_be_visible()
    dialog.locator("a.primary").press("Enter")
    expect(page.locator(".todo")).to_have_count(0)
    page.goto("/inbox/followed")
    accessible(page)
    page.goto("/")
    accessible(page)


def test_a_list_and_a_record_show_what_others_do_and_leave_alone_what_one_is_at(live, orders, order):
    path = f"{LIST}{order.id}"
    sales, manager = live.visit(orders.sales, path, **WIDE), live.visit(orders.manager, LIST, **WIDE)
    row = manager.locator(f"#row-{order.id}")
    row.locator("input[type=checkbox]").check()
    row.locator("a.key").focus()

    sales.locator("#next").get_by_role("button", name="Submit").click()
    expect(row.locator(".badge")).to_have_text("Submitted")
    expect(row.locator("input[type=checkbox]")).to_be_checked()
    expect(row.locator("a.key")).to_be_focused()
    expect(manager.locator("[data-picked]")).to_have_text("1 picked")

    another = an_order(orders, a_customer(orders, name="Ernst Handel"), (a_product(orders, 10, name="Chair"), 1))
    looks(manager)
    expect(manager.locator(f"#row-{another.id}")).to_be_visible()
    expect(row.locator("a.key")).to_be_focused()
    expect(row.locator("input[type=checkbox]")).to_be_checked()

    manager.goto(path)
    note = sales.locator("#f-note")
    manager.locator("#comment-text").fill("Half a thought")
    orders.manager.do.edit("order", order.id, {"note": "From the manager"}, {"note": None})
    looks(sales, manager)
    expect(note).to_have_value("From the manager")  # nothing typed: shown at once
    bar = manager.locator("#elsewhere")
    expect(bar).to_contain_text("You changed this elsewhere.")  # a comment half written: only said
    expect(manager.locator("#comment-text")).to_have_value("Half a thought")

    note.fill("Typing …")
    Talk(orders.workspace, orders.finance.actor, "orders").comment("order", order.id, "Paid")
    looks(sales)
    expect(sales.locator("#talk .said")).to_have_text(["Paid"])
    expect(note).to_have_value("Typing …")
    expect(note).to_be_focused()
    orders.manager.sends_back(order, reason="The price")
    looks(sales)
    expect(sales.locator("#elsewhere")).to_contain_text("Sales Manager changed this.")
    accessible(sales)
    expect(note).to_have_value("Typing …")
    sales.locator("#elsewhere button").press("Enter")
    expect(sales.locator("#talk")).to_contain_text("The price")
    expect(note).to_have_value("Typing …")
    sales.locator("#save").click()
    expect(sales.locator(".flashes")).to_contain_text("Saved")
    assert orders.sales.sees(order).values["note"] == "Typing …"


@pytest.mark.parametrize("path", (LIST, f"{LIST}{{}}"), ids=("list", "record"))
def test_what_others_change_is_asked_for_within_five_seconds(live, orders, order, path):
    """By the browser's clock, which stands still and is moved on by hand, so that it holds on a busy machine too."""
    page = live.visit(orders.sales, "/profile", **WIDE)
    page.clock.install(time=0)
    page.goto(path.format(order.id))
    page.clock.pause_at(60_000)
    for _turn in range(4):
        with page.expect_response(lambda answer: answer.url.split("?")[0].endswith("/version")):
            page.clock.run_for(5000)


def test_what_was_typed_is_offered_again_after_a_reload_and_a_lost_connection(live, orders, order):
    path = f"{LIST}{order.id}"
    page = live.visit(orders.sales, path, **WIDE)
    page.on("dialog", lambda dialog: dialog.accept())
    bar = page.locator("#draft")
    page.locator("#f-note").fill("Half a note")
    page.get_by_role("button", name="Add a line").click()
    page.locator("#f-lines-1-quantity").fill("7")
    keeps(page, 1)
    page.reload()
    expect(bar).to_contain_text("You had unsaved changes of ")
    accessible(page)
    expect(page.locator("#f-note")).to_have_value("")
    orders.sales.edits(order, ship_city="Graz")  # meanwhile, from elsewhere
    bar.get_by_role("button", name="Restore").press("Enter")
    expect(page.locator("#f-note")).to_have_value("Half a note")
    expect(page.locator("#f-lines-1-quantity")).to_have_value("7")
    expect(bar).to_be_hidden()

    page.locator("[name=lines-1-gone]").check(force=True)
    page.context.set_offline(True)
    page.locator("#save").click()
    expect(page.locator("#toasts .bad")).to_be_visible()
    page.context.set_offline(False)
    page.reload()
    bar.get_by_role("button", name="Restore").click()
    expect(page.locator("#f-note")).to_have_value("Half a note")
    page.locator("#save").click()
    expect(page.locator(".flashes")).to_contain_text("Saved")
    keeps(page, 0)
    page.reload()
    expect(bar).to_be_hidden()
    saved = orders.sales.sees(order).values
    assert (saved["note"], saved["ship_city"], len(saved["lines"])) == ("Half a note", "Graz", 1)

    page.locator("#f-note").fill("Not meant")
    keeps(page, 1)
    page.reload()
    bar.get_by_role("button", name="Discard").click()
    expect(bar).to_be_hidden()
    keeps(page, 0)
    page.goto(f"{LIST}new")
    page.locator("#f-note").fill("Left behind")
    keeps(page, 1)
    page.goto("/")
    page.goto(f"{LIST}new")
    expect(bar).to_be_visible()
    page.get_by_role("button", name="My account").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    keeps(page, 0)


@pytest.mark.parametrize("look", [WIDE, NARROW], ids=["wide", "narrow"])
def test_a_record_is_printed_as_what_it_says_without_what_is_pressed(live, orders, order, look):
    orders.sales.edits(order, note="Ring twice")
    Talk(orders.workspace, orders.finance.actor, "orders").comment("order", order.id, "付款条件？")
    page = live.visit(orders.sales, f"{LIST}{order.id}", **look)
    if look is WIDE:  # on a phone by its own menu
        page.evaluate("window.print = () => (document.body.dataset.printed = 'yes')")
        page.locator("[data-print]").click()
        expect(page.locator("body")).to_have_attribute("data-printed", "yes")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 700, "height": 1000})  # about what a sheet has between its margins
    for shown in (page.locator("#f-note"), page.locator("#talk .said"), page.locator(".path"), page.locator(".lines tbody tr")):
        expect(shown).to_be_visible()
    for pressed in (".side", ".top", ".bottom", ".savebar", "#next", "#comment", ".head .actions", ".line-items .button"):
        for one in page.locator(pressed).all():
            expect(one).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "wider than the paper"
    assert page.evaluate("getComputedStyle(document.querySelector('#f-note')).borderTopWidth") == "0px"
    assert page.pdf(format="A4").startswith(b"%PDF")
