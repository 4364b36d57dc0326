"""Records that the effects of another record's transition changed, written once all of them are done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..records.draft import Draft, Linked, opened
from .saving import Cause, Saving, changed


@dataclass(frozen=True)
class Touch:
    """A record that effects changed: how its event calls it, and the transition that did."""

    draft: Draft
    kind: str  # "adjusted", or "updated", which counts a new rev
    cause: Cause | None


def write_touched(saving: Saving, waiting: Mapping[tuple[str, int], Touch]) -> list[Draft]:
    """Write what has really changed, a form and a kind at a time; returns all that were touched."""
    drafts = []
    for form, kind in sorted({(key[0], touch.kind) for key, touch in waiting.items()}):
        touches = [touch for key, touch in waiting.items() if (key[0], touch.kind) == (form, kind)]
        causes = {touch.draft.id: touch.cause for touch in touches}
        saving.update([t.draft for t in touches if changed(t.draft)], kind, bump=kind == "updated", causes=causes)
        drafts += [touch.draft for touch in touches]
    return drafts


def show_touched(touches: Mapping[tuple[str, int], Touch], linked: Linked) -> None:
    """Let rules see records that effects changed as they now are, not as their tables still have them."""
    for key, touch in touches.items():
        known = linked.get(key)
        if known is not None:
            now = opened(touch.draft.form, "", touch.draft.values, linked)
            known.update({name: now[name] for name in known.keys() & now.keys()})
