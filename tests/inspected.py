"""A page in a browser looked at for what is wrong with any page: axe, width, weight, console, script and style in it."""

from __future__ import annotations

import gzip

from axe_playwright_python.sync_playwright import Axe

WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
SCRIPT, STYLE = 40 * 1024, 25 * 1024  # bytes of a page, gzipped
INLINE = "script:not([src]):not([type='application/json']), style, [style]:not(svg *), [onclick], [onchange], [onsubmit]"


def complaints(page) -> list[str]:
    """What the browser's console has to say from now on: refused scripts and styles, errors."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


class Inspector:
    """Everything wrong with one page after the other, in words."""

    def __init__(self, page):
        self.page = page
        self.said = complaints(page)
        self.weights: dict[str, dict[str, int]] = {"script": {}, "stylesheet": {}}
        page.on("response", self._weigh)
        page.on("framenavigated", lambda _frame: [seen.clear() for seen in self.weights.values()])

    def goes(self, path: str, status: int = 200) -> list[str]:
        answer = self.page.goto(path, wait_until="networkidle")
        return [] if answer.status == status else [f"answers {answer.status}"]

    def wrong(self, status: int = 200) -> list[str]:
        """Of the page that is open; the console may say that it answered otherwise than with 200, where it does."""
        found = [f"{one['id']}: {one['nodes'][0]['html'][:150]}" for one in Axe().run(self.page).response["violations"]]
        if self.page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append("wider than the screen")
        found += [f"inline: {one}" for one in self.page.locator(INLINE).evaluate_all("all => all.map(one => one.outerHTML.slice(0, 150))")]
        found += [f"{kind} of {sum(self.weights[kind].values())} bytes" for kind, most in self._limits() if sum(self.weights[kind].values()) > most]
        found += [f"console: {one}" for one in self.said if status == 200 or f"status of {status}" not in one]
        self.said.clear()
        return found

    def _limits(self):
        return ("script", SCRIPT), ("stylesheet", STYLE)

    def _weigh(self, response) -> None:
        kind = response.request.resource_type
        if kind in self.weights:
            self.weights[kind][response.url] = len(gzip.compress(response.body(), 9, mtime=0))


def findings(page, size) -> list[tuple]:
    """What axe finds on the page that is open, light and dark, and whether it fits the screen."""
    page.set_viewport_size(size)
    found = []
    for theme in ("light", "dark"):
        page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        violations = Axe().run(page).response["violations"]
        found += [(size["width"], theme, v["id"], [node["html"][:150] for node in v["nodes"]]) for v in violations]
    if not page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"):
        found.append((size["width"], "wider than the screen"))
    return found
