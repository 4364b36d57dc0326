"""Every refusal the product makes: class, status, sentence, remedy. HTML and JSON come from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _


class FormloomError(Exception):
    """The base of what a person may be told; `status` is HTTP's, `code` is stable for machines."""

    status = 500
    code = "error"
    sentence: Any = _("Something went wrong.")
    remedy: Any = _("Try again; if it happens again, tell your administrator.")

    def __init__(self, sentence: Any = None, remedy: Any = None):
        self.sentence = sentence or type(self).sentence
        self.remedy = remedy or type(self).remedy
        super().__init__(self.sentence)

    def __str__(self) -> str:
        return str(self.sentence)

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, "message": str(self.sentence), "remedy": str(self.remedy)}


@dataclass(frozen=True)
class Problem:
    """One thing wrong with an input: where (`total`, `lines.3.price`, a definition path), and what."""

    path: str
    message: Any

    def as_json(self) -> dict[str, str]:
        return {"path": self.path, "message": str(self.message)}


class Invalid(FormloomError):
    """An input that cannot be taken as it is; every problem names its place."""

    status = 422
    code = "invalid"
    sentence = _("Some of this needs another look.")
    remedy = _("Correct what is marked and save again.")

    def __init__(self, problems: Sequence[Problem], sentence: Any = None):
        super().__init__(sentence)
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "; ".join(f"{p.path}: {p.message}" for p in self.problems) or str(self.sentence)

    def as_json(self) -> dict[str, Any]:
        return super().as_json() | {"problems": [problem.as_json() for problem in self.problems]}


class NotSignedIn(FormloomError):
    status = 401
    code = "not_signed_in"
    sentence = _("Please sign in first.")
    remedy = _("Sign in, and you return to this page.")


class NotFound(FormloomError):
    """What does not exist, or does not exist for this person: the answer is the same."""

    status = 404
    code = "not_found"
    sentence = _("There is nothing here, or nothing that you may see.")
    remedy = _("Check the address, or ask whoever sent it to you.")


class Refused(FormloomError):
    """Something this person may see but not do now: why, and who can lift it (role keys)."""

    status = 422
    code = "refused"
    remedy = _("Ask somebody who can lift it.")

    def __init__(self, reason: Any, lifters: Sequence[str] = ()):
        super().__init__(reason)
        self.lifters = tuple(lifters)

    def as_json(self) -> dict[str, Any]:
        return super().as_json() | {"lifters": list(self.lifters)}


@dataclass(frozen=True)
class Clash:
    """A value that somebody else changed meanwhile: what I started from, what stands there, what I sent."""

    path: str
    base: Any
    current: Any
    mine: Any
    by: str | None = None


class Conflict(FormloomError):
    """Somebody was faster: 409, with what changed."""

    status = 409
    code = "conflict"
    sentence = _("This record was changed by somebody else meanwhile.")
    remedy = _("Look at what changed and decide again.")

    def __init__(self, sentence: Any = None, clashes: Sequence[Clash] = (), changed: Mapping[str, Any] | None = None):
        super().__init__(sentence)
        self.clashes = tuple(clashes)
        self.changed = dict(changed or {})

    def as_json(self) -> dict[str, Any]:
        return super().as_json() | {"changed": self.changed, "clashes": [c.path for c in self.clashes]}


class KeyReused(FormloomError):
    status = 409
    code = "key_reused"
    sentence = _("This request key was used before for something else.")
    remedy = _("Send the request again with a new key.")


class TooLarge(FormloomError):
    status = 413
    code = "too_large"
    sentence = _("This is more than can be taken at once.")
    remedy = _("Send less, or split it.")


class TooMany(FormloomError):
    status = 429
    code = "too_many"
    sentence = _("Too many tries.")
    remedy = _("Wait a few minutes and try again.")


class LinkFull(FormloomError):
    status = 429
    code = "link_full"
    sentence = _("This form takes no more for now.")
    remedy = _("Try again tomorrow, or ask whoever gave you the link.")


class TooSlow(FormloomError):
    """A question that was stopped; asking it again would take as long."""

    status = 422
    code = "too_slow"
    sentence = _("This question takes too long, so it was stopped.")
    remedy = _("Ask for less: narrow it by a status, a date or a link, or sort by a column of the view.")


class Busy(FormloomError):
    status = 503
    code = "busy"
    sentence = _("The database is busy right now; nothing was changed.")
    remedy = _("Try again in a moment.")


class DiskFull(FormloomError):
    status = 507
    code = "disk_full"
    sentence = _("There is no space left where the data is kept; nothing was changed.")
    remedy = _("Ask whoever runs this installation to make room.")
