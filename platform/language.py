"""The language of a request: the account's, else the visitor's choice, else what the browser asks for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from pathlib import Path

from flask import Flask, g, has_app_context, has_request_context, request, session
from flask_babel import Babel, force_locale, get_locale, get_translations
from markupsafe import Markup

from .definition.model import say

_said: dict[str, dict[str, Markup]] = {}

BETWEEN = {"en": ", ", "zh": "、"}
NAMES = {"en": "English", "zh": "简体中文"}


def set_up_languages(app: Flask) -> None:
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(Path(__file__).parent / "translations")
    Babel(app, locale_selector=_locale)
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.globals.update(_=_gettext, gettext=_gettext, ngettext=_ngettext)
    app.jinja_env.filters["listed"] = listed
    app.jinja_env.filters["say"] = lambda text: say(text, g.language)


def listed(words: Iterable[str]) -> str:
    """One after the other, as the language lists them."""
    return BETWEEN[get_locale().language].join(words)


def choose_language() -> str:
    """ "en" or "zh" for this request."""
    if session.who is not None:
        return session.who.language
    chosen = session.get("language")
    if chosen in NAMES:
        return chosen
    return asked_language()


def asked_language() -> str:
    """What the address says, for pages without a session; else what the browser asks for."""
    if (said := request.args.get("language")) in NAMES:
        return said
    wanted = request.accept_languages.best_match(("en", "zh-CN", "zh", "zh-TW", "zh-HK"), default="en")
    return "zh" if wanted.startswith("zh") else "en"


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """What is said inside is said in this language, also where there is no request."""
    with nullcontext() if has_app_context() else _speaker().app_context(), force_locale(language):
        yield


@cache
def _speaker() -> Flask:
    app = Flask("formloom", root_path=str(Path(__file__).parent), static_folder=None)
    set_up_languages(app)
    return app


def _gettext(text: str, /, **values) -> Markup:
    """What a template says, in a fraction of the time that Jinja's own takes: a page has some fifty words."""
    words = _words()
    found = words.get(text)
    if found is None:
        found = words[text] = Markup(get_translations().ugettext(text))
    return found % values


def _ngettext(one: str, many: str, number: int, /, **values) -> Markup:
    return Markup(get_translations().ungettext(one, many, number)) % {"num": number, **values}


def _words() -> dict[str, Markup]:
    """The words of the request's language as far as templates have said them."""
    if "words" not in g:
        g.words = _said.setdefault(g.language, {})
    return g.words


def _locale() -> str | None:
    """Outside of a request English; whoever needs another language there forces it."""
    return g.language if has_request_context() and "language" in g else None
