"""What a person waits for in a browser: the first page with a cold cache, a record of 200 lines, a keystroke in it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from bench_data import House
from bench_works import Figure
from conftest import chromium
from people import PASSWORD
from playwright.sync_api import Browser, Page, sync_playwright

MOST = 15
KEYSTROKE = """input => {
  const times = [];
  for (let turn = 0; turn < 15; turn += 1) {
    input.value = String(turn + 1);
    const began = performance.now();
    input.dispatchEvent(new Event("input", { bubbles: true }));
    document.body.getBoundingClientRect();
    times.push(performance.now() - began);
  }
  return times.sort((a, b) => a - b)[7];
}"""
VISIBLE = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


def seen(full: House, port: int, reads: int) -> list[Figure]:
    """With Chromium, against a server that runs; in a thread of its own, as tests hold a browser already."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(_seen, full, port, min(reads, MOST)).result()


def _seen(full: House, port: int, times: int) -> list[Figure]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        try:
            return [*_first(browser, port, times), *_long(browser, port, full.long_order(), times)]
        finally:
            browser.close()


@contextmanager
def _signed_in(browser: Browser, port: int):
    context = browser.new_context(base_url=f"http://127.0.0.1:{port}", viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("[name=email]", "sales_manager@example.com")
    page.fill("[name=password]", PASSWORD)
    page.locator("main form button").click()
    page.wait_for_url("**/")
    yield page
    context.close()


def _first(browser: Browser, port: int, turns: int) -> list[Figure]:
    """Time until something is seen, with nothing kept from before."""
    times = []
    with _signed_in(browser, port) as page:
        cold = page.context.new_cdp_session(page)
        for _turn in range(turns):
            cold.send("Network.clearBrowserCache")
            page.goto("/")
            times.append(page.wait_for_function(VISIBLE).json_value())
    return [Figure("first page in Chromium, cold, to visible", _middle(times), "ms")]


def _long(browser: Browser, port: int, order: int, turns: int) -> list[Figure]:
    with _signed_in(browser, port) as page:
        times = []
        for _turn in range(turns):
            page.goto(f"/apps/orders/order/{order}")
            times.append(page.wait_for_function(VISIBLE).json_value())
        return [
            Figure("order of 200 lines in Chromium, to visible", _middle(times), "ms"),
            Figure("a keystroke in it", _keystroke(page), "ms", None, 50),
        ]


def _keystroke(page: Page) -> float:
    page.wait_for_load_state("networkidle")
    return page.locator("[name=lines-100-quantity]").evaluate(KEYSTROKE)


def _middle(times: list[float]) -> float:
    return sorted(times)[len(times) // 2]
