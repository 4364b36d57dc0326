"""Taking a newer template: what it brings is added to what was built on the older one; what both changed is chosen."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from .diff import Change, apply, changes, equal, overlap
from .paths import written


@dataclass(frozen=True)
class Contest:
    """What I and the template changed both, each in its way: chosen as one."""

    mine: tuple[Change, ...]
    theirs: tuple[Change, ...]

    @property
    def name(self) -> str:
        return written(self.theirs[0].touched)


class Upgrade:
    """An app beside the template that it stands on and a newer one. All three have the app's key."""

    def __init__(self, base: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any]):
        key = {"key": mine["key"]}
        self.base, self.mine, self.theirs = base | key, mine, theirs | key
        self.brought = changes(self.base, self.theirs)
        self.free, self.contests = _parted(changes(self.base, self.mine), self.brought)

    def taken(self, theirs: Collection[str]) -> dict[str, Any]:
        """My document with what the template brings; of what both changed, the contests named get its version."""
        document = apply(self.mine, self.free)
        for contest in self.contests:
            if contest.name in theirs:
                document = apply(document, [change.turned() for change in reversed(contest.mine)])
                document = apply(document, contest.theirs)
        return document


def _parted(mine: list[Change], theirs: list[Change]) -> tuple[list[Change], list[Contest]]:
    """Theirs that touch nothing of mine, and the contests; changes that overlap the same ones are one contest."""
    free: list[Change] = []
    groups: list[tuple[list[Change], list[Change]]] = []
    for change in theirs:
        against = [one for one in mine if overlap(one.touched, change.touched)]
        if not against:
            free.append(change)
        elif any(one != change and not equal(one, change) for one in against):
            _join(groups, against, change)
    return free, [Contest(tuple(own), tuple(others)) for own, others in groups]


def _join(groups: list[tuple[list[Change], list[Change]]], against: list[Change], change: Change) -> None:
    own, others = list(against), [change]
    for group in [one for one in groups if any(known in one[0] for known in against)]:
        groups.remove(group)
        own, others = [*group[0], *(one for one in own if one not in group[0])], [*group[1], *others]
    groups.append((own, others))
