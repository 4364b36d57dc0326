"""The app over HTTP for tests: a client without a network, and a live server with its worker."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from flask.testing import FlaskClient
from formloom.platform.access.workspaces import all_slugs
from formloom.platform.jobs.worker import Worker
from people import PASSWORD, Persona
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

TOKEN = re.compile(r"""(?:name="csrf_token"[^>]*value=|csrf-token" content=)"([^"]+)""")


class WebClient:
    """Flask's test client that sends the token of the page it saw last."""

    def __init__(self, app: Flask):
        self.app = app
        self.http: FlaskClient = app.test_client()
        self.token = ""

    def get(self, path: str, **arguments) -> TestResponse:
        return self._seen(self.http.get(path, **arguments))

    def post(self, path: str, data=None, **arguments) -> TestResponse:
        headers = {"X-CSRFToken": self.token, **arguments.pop("headers", {})}
        return self._seen(self.http.post(path, data=data, headers=headers, **arguments))

    def sign_in(self, persona: Persona) -> WebClient:
        self.get("/sign-in")
        answer = self.post("/sign-in", {"email": persona.email, "password": PASSWORD})
        assert answer.status_code == 303, answer.get_data(as_text=True)
        self.get("/profile")
        return self

    def _seen(self, answer: TestResponse) -> TestResponse:
        found = TOKEN.search(answer.get_data(as_text=True)) if answer.mimetype == "text/html" else None
        if found:
            self.token = found[1]
        return answer


class Live:
    """The app at `url`; `visit` gives a browser page of a person who has signed in."""

    def __init__(self, app: Flask, url: str, browser):
        self.app = app
        self.url = url
        self.browser = browser
        self.contexts = []

    def visit(self, persona: Persona | None = None, path: str = "/", **context):
        """A page in a context of its own (`locale`, `color_scheme`, `viewport` ... may be given)."""
        opened = self.browser.new_context(base_url=self.url, **{"locale": "en-GB", **context})
        self.contexts.append(opened)
        if persona is not None:
            opened.add_cookies(self._cookies(persona))
        page = opened.new_page()
        page.goto(path)
        return page

    def _cookies(self, persona: Persona) -> list[dict[str, str]]:
        client = WebClient(self.app).sign_in(persona)
        name = self.app.config["SESSION_COOKIE_NAME"]
        return [{"name": name, "value": client.http.get_cookie(name).value, "url": self.url}]

    def close(self) -> None:
        for context in self.contexts:
            context.close()


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The address of a server and a worker in threads of this process."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    server.daemon_threads = False  # closing it waits for the requests under way, and their connections
    worker = Worker(app.extensions["workspaces"], lambda: _slugs(app))
    threads = [threading.Thread(target=server.serve_forever), threading.Thread(target=worker.run)]
    for thread in threads:
        thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        worker.stop()
        server.shutdown()
        for thread in threads:
            thread.join()
        server.server_close()


def _slugs(app: Flask) -> list[str]:
    with app.app_context():
        return all_slugs()
