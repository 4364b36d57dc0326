"""A rule of a definition as a sentence, whatever it is: a condition, a value that stands there, or one that no longer fits."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from ..platform.definition.model import App
from ..platform.definition.paths import parsed
from .change_words import rule_words
from .naming import brief


def rule_said(path: str, rule: Any, app: App) -> str:
    """What stands at a path that takes a rule, in the language of the reader."""
    if rule is True:
        return _("always")
    if rule is False:
        return _("never")
    if rule is None:
        return _("nothing")
    return rule_words(rule, parsed(path), app) or brief(rule)
