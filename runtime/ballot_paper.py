"""What is filled in with a vote: an opinion, a signature, who gets a copy of the outcome."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Mapping
from functools import cached_property
from io import BytesIO
from typing import Any

from flask import g
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from ..platform.definition.flow import Transition
from ..platform.errors import Conflict, Invalid, Problem, Refused
from ..platform.formats import utc_now
from ..platform.records.attachments import Bounds, keep
from ..platform.records.compiled import CompiledForm
from ..platform.records.history import OPINION
from ..platform.records.query import Gate
from ..platform.workflow.signing import Signing

NAMES = ("vote-opinion", "vote-signed", "vote-drawn", "vote-copies")  # which no field can have
ABOUT = ("opinion", "signature", "copies")
DRAWN = re.compile(r"data:image/png;base64,([A-Za-z0-9+/]{1,400000}={0,2})", re.ASCII)
LARGEST = 256 * 1024  # bytes of a drawing
MOST_OFFERED = 200


class BallotPaper:
    """Of a transition with an approval; of another one it asks for nothing. `problems` by what they are about."""

    def __init__(self, gate: Gate, form: CompiledForm, transition: Transition, record_id: int | None, posted: MultiDict | None):
        posted = posted or MultiDict()
        self.gate, self.form, self.record_id, self.transition = gate, form, record_id, transition
        self.opinion, self.name, self.drawn = (posted.get(name, "") for name in NAMES[:3])
        self.copied = set(posted.getlist(NAMES[3]))
        self.problems: dict[str, list[str]] = {}

    @property
    def asks(self) -> str:
        """ "optional" or "required" where an opinion is asked for, else ""."""
        approval = self.transition.approval
        return approval.opinion if approval and approval.opinion != "none" else ""

    @property
    def signature(self) -> bool:
        return self.transition.approval is not None and self.transition.approval.signature

    @property
    def drawing(self) -> str:
        """What was drawn, to be shown again."""
        return self.drawn if DRAWN.fullmatch(self.drawn) else ""

    @cached_property
    def people(self) -> list[tuple[str, str]]:
        """(number, name) of those who see the record, and could have a copy."""
        if self.transition.approval is None or self.record_id is None:
            return []
        try:
            found = Signing(g.workspace, g.actor, self.form.app.key).readers(self.form.key, self.record_id, self.gate)
        except (Refused, Conflict):
            return []
        return [(str(one.id), one.name) for one in found[:MOST_OFFERED]]

    def filled(self) -> dict[str, Any]:
        """As `perform` takes it; what was drawn is kept as a file of its own at each call. Raises Invalid."""
        signature: str | Mapping[str, str] | None = self.name.strip() or None
        if self.signature and self.drawn:
            signature = {"file": self._kept()}
        copies = [int(one) for one in self.copied if re.fullmatch("[0-9]{1,9}", one, re.ASCII)]
        return {"opinion": self.opinion or None, "signature": signature, "copies": sorted(copies)}

    def _kept(self) -> str:
        found = DRAWN.fullmatch(self.drawn)
        try:
            content = b64decode(found[1], validate=True) if found else b""
        except binascii.Error:
            content = b""
        if not content.startswith(b"\x89PNG"):
            raise Invalid([Problem("signature", _("This is not a drawing; draw it again, or enter your name."))])
        try:
            bounds = Bounds(LARGEST, ("picture",))
            return keep(g.workspace, self.form, OPINION, "signature.png", BytesIO(content), g.actor, utc_now(), bounds)
        except Invalid as refusal:
            raise Invalid([Problem("signature", problem.message) for problem in refusal.problems]) from None

    def place(self, refusal: Invalid) -> Invalid:
        """Take the sentences that are about the vote; the rest is left."""
        for problem in refusal.problems:
            if problem.path in ABOUT:
                self.problems.setdefault(problem.path, []).append(str(problem.message))
        return Invalid([problem for problem in refusal.problems if problem.path not in ABOUT])

    @property
    def told(self) -> list[Problem]:
        return [Problem(path, sentence) for path, sentences in self.problems.items() for sentence in sentences]
