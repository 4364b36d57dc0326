"""What changed between two documents, by path; applied, turned round, and merged three ways.

A list of elements changes element by element: one is added or removed whole, or moved ("after: key"),
and otherwise its attributes change. Everything is compared in the normal form of `schema.normal`.
"""

from __future__ import annotations

import bisect
import copy
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from ..errors import Clash
from .paths import LISTS, Path, kinds, left_out_when_empty, listed, same, whole, written


class Absent:
    """Stands where there is nothing; unlike None, which is a value."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = Absent()


@dataclass(frozen=True)
class Change:
    """One path: what stood there and what stands there now.

    For an element of a list, `old_after` and `after` name the element before it (None: it is first);
    a move has these alone.
    """

    path: Path
    old: Any = ABSENT
    new: Any = ABSENT
    old_after: Any = ABSENT
    after: Any = ABSENT

    @property
    def moves(self) -> bool:
        return self.old is ABSENT and self.new is ABSENT

    @property
    def touched(self) -> Path:
        """The path that this change is about; a move is about the place, not about the element."""
        return (*self.path, "#") if self.moves else self.path

    def turned(self) -> Change:
        return Change(self.path, self.new, self.old, self.after, self.old_after)

    def as_json(self) -> dict[str, Any]:
        parts = {"old": self.old, "new": self.new, "old_after": self.old_after, "after": self.after}
        return {"path": list(self.path)} | {name: value for name, value in parts.items() if value is not ABSENT}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Change:
        return cls(**(data | {"path": tuple(data["path"])}))


def changes(old: Any, new: Any, path: Path = ()) -> list[Change]:
    """What turns one document into the other."""
    if isinstance(old, dict) and isinstance(new, dict) and not (path and whole(path)):
        return [change for name in dict.fromkeys((*old, *new)) for change in _at(old, new, (*path, name))]
    if path and listed(path, old) and listed(path, new):
        return list(_list_changes(old, new, path))
    return [] if same(old, new) else [Change(path, old, new)]


def _at(old: dict, new: dict, path: Path) -> list[Change]:
    before, after = old.get(path[-1], ABSENT), new.get(path[-1], ABSENT)
    if left_out_when_empty(path):  # adding the first element of a list is adding an element
        before = [] if before is ABSENT and listed(path, after) else before
        after = [] if after is ABSENT and listed(path, before) else after
    if before is ABSENT or after is ABSENT:
        return [Change(path, before, after)]
    return changes(before, after, path)


def _list_changes(old: list, new: list, path: Path) -> Iterator[Change]:
    key = LISTS[path[-1]]
    before, after = {e[key]: e for e in old}, {e[key]: e for e in new}
    old_places, new_places = _afters(list(before)), _afters(list(after))
    staying = _staying([name for name in before if name in after], list(after))
    for name in before:
        if name not in after:
            yield Change((*path, name), old=before[name], old_after=old_places[name])
    for name in after:
        here = (*path, name)
        if name not in before:
            yield Change(here, new=after[name], after=new_places[name])
            continue
        if name not in staying:
            yield Change(here, old_after=old_places[name], after=new_places[name])
        if not same(before[name], after[name]):
            yield from changes(before[name], after[name], here)


def _afters(names: Sequence[str]) -> dict[str, str | None]:
    return dict(zip(names, [None, *names], strict=False))


def _staying(names: Sequence[str], order: Sequence[str]) -> set[str]:
    """The longest run of names that need not move: the longest increasing subsequence in the new order."""
    place = {name: number for number, name in enumerate(order)}
    tails: list[int] = []
    chains: list[list[str]] = []
    for name in names:
        at = bisect.bisect_left(tails, place[name])
        chain = [*(chains[at - 1] if at else []), name]
        tails[at : at + 1] = [place[name]]
        chains[at : at + 1] = [chain]
    return set(chains[-1]) if chains else set()


def apply(document: dict[str, Any], made: Iterable[Change]) -> dict[str, Any]:
    """A new document with the changes made; a place whose surroundings are gone is passed over."""
    result = copy.deepcopy(document)
    lists: dict[Path, list[Change]] = {}
    for change in made:
        holder = find(result, change.path[:-1], create=change.new is not ABSENT)
        if isinstance(holder, list) and kinds(change.path)[-1] == "key":
            lists.setdefault(change.path[:-1], []).append(change)
        elif isinstance(holder, dict):
            _set(holder, change)
    for path, waiting in lists.items():
        _rearrange(find(result, path), LISTS[path[-1]], waiting)
        if left_out_when_empty(path) and not find(result, path):
            del find(result, path[:-1])[path[-1]]
    return result


def _set(holder: dict[str, Any], change: Change) -> None:
    if change.new is ABSENT:
        holder.pop(change.path[-1], None)
    else:
        holder[change.path[-1]] = copy.deepcopy(change.new)


def _rearrange(holder: list, key: str, made: Iterable[Change]) -> None:
    """Take out what is removed; put what is added or moved after what it follows, once that has its place."""
    elements = {element[key]: element for element in holder}
    order, coming = list(elements), {}
    for change in made:
        name = change.path[-1]
        if name in order:
            order.remove(name)
        if change.new is not ABSENT:
            elements[name] = copy.deepcopy(change.new)
        if change.after is not ABSENT and name in elements:
            coming[name] = change.after
    while coming:
        ready = [name for name, after in coming.items() if after not in coming]
        for name in ready or list(coming):
            _insert(order, name, coming.pop(name))
    holder[:] = [elements[name] for name in order]


def _insert(order: list[str], name: str, after: str | None) -> None:
    if after is None:
        order.insert(0, name)
    elif after in order:
        order.insert(order.index(after) + 1, name)
    else:
        order.append(name)


def find(document: Any, path: Path, *, create: bool = False) -> Any:
    """What stands at a path; None where nothing does. With `create`, missing mappings and lists are made."""
    here = document
    kind = kinds(path)
    for place, name in enumerate(path):
        if isinstance(here, dict) and kind[place] != "key":
            if create and name not in here:
                here[name] = [] if kind[place] == "name" and name in LISTS else {}
            here = here.get(name)
        elif isinstance(here, list) and kind[place] == "key":
            here = next((element for element in here if element.get(LISTS[path[place - 1]]) == name), None)
        else:
            return None
    return here


def overlap(one: Path, other: Path) -> bool:
    """Whether a change at one path is about the same thing as one at the other: equal, inside or around."""
    shorter = min(len(one), len(other))
    if (one[-1:] == ("#",) or other[-1:] == ("#",)) and len(one) != len(other):
        inner, outer = (one, other) if len(one) > len(other) else (other, one)
        return outer[-1:] != ("#",) and inner[: len(outer)] == outer
    return one[:shorter] == other[:shorter]


def overlapping(mine: Iterable[Change], theirs: Iterable[Change]) -> list[Change]:
    """Those of theirs that are about the same as one of mine."""
    touched = [change.touched for change in mine]
    return [change for change in theirs if any(overlap(change.touched, path) for path in touched)]


def value_of(document: dict[str, Any], path: Path) -> Any:
    """What stands at a path, ABSENT where nothing does."""
    holder = find(document, path[:-1])
    if isinstance(holder, dict):
        return holder.get(path[-1], ABSENT)
    found = find(document, path) if isinstance(holder, list) else None
    return ABSENT if found is None else found


@dataclass(frozen=True)
class Merged:
    """The outcome of a merge; where both sides changed the same, mine stands and the clash is listed."""

    document: dict[str, Any]
    clashes: tuple[Clash, ...]


def merge(base: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any]) -> Merged:
    """Mine, with what they changed since the base."""
    my_changes, their_changes = changes(base, mine), changes(base, theirs)
    taken, clashes = [], []
    for change in their_changes:
        against = [c for c in my_changes if overlap(c.touched, change.touched)]
        if not against:
            taken.append(change)
        elif any(c != change and not equal(c, change) for c in against):
            clashes.append(_clash(change, against[0], mine))
    return Merged(apply(mine, taken), tuple(clashes))


def equal(one: Change, other: Change) -> bool:
    """Whether two changes come to the same."""
    return one.path == other.path and one.moves == other.moves and same_or_absent(one.new, other.new)


def same_or_absent(one: Any, other: Any) -> bool:
    return one is other if ABSENT in (one, other) else same(one, other)


def _clash(theirs: Change, mine: Change, document: dict[str, Any]) -> Clash:
    if theirs.moves:
        return Clash(written(theirs.path) + " " + _("(place)"), theirs.old_after, mine.after, theirs.after)
    values = (theirs.old, value_of(document, theirs.path), theirs.new)
    return Clash(written(theirs.path), *map(or_none, values))


def or_none(value: Any) -> Any:
    """A value for people, who need not tell nothing from an empty value."""
    return None if value is ABSENT else value
