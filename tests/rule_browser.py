"""`static/rules.js` in a real browser, under the product's content security policy."""

from __future__ import annotations

from pathlib import Path

STATIC = Path(__file__).parent.parent / "static"
ORIGIN = "http://rules.test"
POLICY = "default-src 'none'; script-src 'self'"
ANSWERS = """async ([cases, shared]) => {
    const { evaluate } = await import("/static/rules.js");
    const answer = ([rule, data, types]) => {
        try { return evaluate(rule, data, types); } catch (error) { return `failed: ${error}`; }
    };
    return cases.map(([rule, types, data]) => data.map((one) => answer([rule, shared ? shared[one] : one, types])));
}"""


def serve(route) -> None:
    """The static files and an empty page, from a host that is not there."""
    path = route.request.url.removeprefix(ORIGIN)
    headers = {"Content-Security-Policy": POLICY}
    if path == "/":
        route.fulfill(body="<!doctype html><title>Rules</title>", content_type="text/html", headers=headers)
    else:
        file = STATIC / path.removeprefix("/static/")
        route.fulfill(body=file.read_bytes(), content_type="text/javascript", headers=headers)


class RuleBrowser:
    def __init__(self, page):
        self.page = page
        self.complaints: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.route(f"{ORIGIN}/**", serve)
        page.goto(f"{ORIGIN}/")

    def answers(self, cases: list, shared: list | None = None) -> list[list]:
        """cases: [rule, types, data ...]; data are places in `shared` where that is given."""
        found = self.page.evaluate(ANSWERS, [cases, shared])
        assert not self.complaints, self.complaints[:3]
        return found
