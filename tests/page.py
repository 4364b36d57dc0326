"""A page as a test reads it: its words, and the forms on it filled in and sent as a browser without script does."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

from web import WebClient


class Form(HTMLParser):
    """The fields of the form with an id, as they would be sent."""

    def __init__(self, html: str, form_id: str):
        super().__init__()
        self.form_id = form_id
        self.inside = self.done = False
        self.action = ""
        self.fields: dict[str, str | list[str]] = {}
        self._select = self._text = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form" and given.get("id") == self.form_id:
            self.inside, self.action = True, given["action"]
        if not self.inside or self._skipped(tag, given):
            return
        if tag == "input" and given.get("name") and given.get("type") != "file":
            self._input(given["name"], given.get("value") or "", given.get("type") == "checkbox")
        elif tag == "textarea":
            self._text, self.fields[given["name"]] = given["name"], ""
        elif tag == "select":
            self._select = given["name"]
            self.fields.setdefault(self._select, "")
        elif tag == "option" and "selected" in given:
            self.fields[self._select] = given["value"]

    def _input(self, name: str, value: str, box: bool) -> None:
        """Of several boxes of one name every checked one is sent."""
        before = self.fields.get(name)
        several = box and before not in (None, "", "false")
        self.fields[name] = [*(before if isinstance(before, list) else [before]), value] if several else value

    def _skipped(self, tag, given) -> bool:
        unchecked = given.get("type") in ("checkbox", "radio") and "checked" not in given
        return unchecked or "__index__" in (given.get("name") or "")

    def handle_data(self, data):
        if self.inside and self._text:
            self.fields[self._text] += data.removeprefix("\n")

    def handle_endtag(self, tag):
        if tag == "textarea":
            self._text = ""
        if tag == "form" and self.inside:
            self.inside = False


class Page:
    """One answer: `text` is what a person reads, `form()` what they can fill in."""

    def __init__(self, client: WebClient, answer):
        self.client = client
        self.status = answer.status_code
        self.location = answer.location or ""
        self.html = answer.get_data(as_text=True)

    @property
    def text(self) -> str:
        body = re.sub(r"<(script|style|template|noscript)\b.*?</\1>", " ", self.html, flags=re.S)
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())

    def form(self, form_id: str = "record") -> Form:
        return Form(self.html, form_id)

    def send(self, form_id: str = "record", /, **changed) -> Page:
        form = self.form(form_id)
        return Page(self.client, self.client.post(form.action, form.fields | changed))

    def follow(self) -> Page:
        return visit(self.client, self.location)


def visit(client: WebClient, path: str) -> Page:
    return Page(client, client.get(path))
