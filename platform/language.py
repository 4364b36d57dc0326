"""The language of a request: the account's, else the visitor's choice, else what the browser asks for."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, g, has_request_context, request, session
from flask_babel import Babel, get_translations

from .definition.model import say

NAMES = {"en": "English", "zh": "简体中文"}


def set_up_languages(app: Flask) -> None:
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(Path(__file__).parent / "translations")
    Babel(app, locale_selector=_locale)
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.install_gettext_callables(_gettext, _ngettext, newstyle=True)
    app.jinja_env.filters["say"] = lambda text: say(text, g.language)


def choose_language() -> str:
    """ "en" or "zh" for this request."""
    if session.who is not None:
        return session.who.language
    chosen = session.get("language")
    if chosen in NAMES:
        return chosen
    wanted = request.accept_languages.best_match(("en", "zh-CN", "zh", "zh-TW", "zh-HK"), default="en")
    return "zh" if wanted.startswith("zh") else "en"


def _gettext(text: str) -> str:
    return _translations().ugettext(text)


def _ngettext(one: str, many: str, number: int) -> str:
    return _translations().ungettext(one, many, number)


def _translations():
    """The catalogue of the request's language, looked up once for a page's many words."""
    if "translations" not in g:
        g.translations = get_translations()
    return g.translations


def _locale() -> str | None:
    """Outside of a request English; whoever needs another language there forces it."""
    return g.language if has_request_context() and "language" in g else None
