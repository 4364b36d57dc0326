"""Where the statuses of a flow stand in its diagram: where somebody put them, else in columns from the start on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..platform.definition.flow import STAYS, Status, StatusList, Transition

ACROSS, DOWN = 264, 112  # from one column to the next, from one row to the next
WIDTH, HEIGHT = 156, 56  # of a status
MARGIN = 24
BAND = 4  # columns side by side; a longer flow goes on below
ASIDE = ("exception", "cancelled")

Point = tuple[int, int]


def positions(statuses: StatusList, transitions: Sequence[Transition]) -> dict[str, Point]:
    """status -> the upper left corner of its box; no two boxes overlap unless somebody put them so."""
    given = {s.key: (s.x, s.y) for s in statuses.statuses if s.x is not None and s.y is not None}
    free = [s for s in statuses.statuses if s.key not in given]
    taken = set(given.values())
    found = dict(given)
    for status, place in zip(free, _grid(statuses, free, transitions), strict=True):
        spot = _free(place, taken)
        taken.add(spot)
        found[status.key] = spot
    return found


def _grid(statuses: StatusList, free: Sequence[Status], transitions: Sequence[Transition]) -> Iterable[Point]:
    """Usual statuses in a row by how far they are from the start, those aside below where they branch off."""
    columns = _columns(statuses, transitions)
    rows: dict[tuple[int, bool], int] = {}
    for status in free:
        aside = status.kind in ASIDE
        band, column = divmod(columns[status.key], BAND)
        row = rows.get((band, column, aside), 0)
        rows[band, column, aside] = row + 1
        across = column if band % 2 == 0 else BAND - 1 - column  # it turns round, so that the next is near
        yield MARGIN + across * ACROSS, MARGIN + (row + (1 if aside else 0) + 2 * band) * DOWN + (DOWN // 4 if aside else 0)


def _columns(statuses: StatusList, transitions: Sequence[Transition]) -> dict[str, int]:
    """How many steps the usual way takes to each status, going on only."""
    order = {status.key: place for place, status in enumerate(statuses.statuses)}
    aside = {status.key for status in statuses.statuses if status.kind in ASIDE}
    column = dict.fromkeys(order, 0)
    ways = [(s, t.target) for t in transitions if t.target != STAYS for s in t.sources if s in order and t.target in order]
    for key in order:
        for source, target in ways:
            if source == key and order[target] > order[source]:
                step = 0 if target in aside and source not in aside else 1
                column[target] = max(column[target], column[source] + step)
    return column


def _free(place: Point, taken: Iterable[Point]) -> Point:
    """The place, or the first below it where no other box stands."""
    x, y = place
    while any(abs(x - left) < WIDTH + 8 and abs(y - top) < HEIGHT + 8 for left, top in taken):
        y += DOWN
    return x, y


def size(places: Mapping[str, Point]) -> Point:
    """Width and height of the whole diagram."""
    right = max((x for x, _y in places.values()), default=0) + WIDTH
    bottom = max((y for _x, y in places.values()), default=0) + HEIGHT
    return right + 2 * MARGIN, bottom + 3 * MARGIN


def arrow(start: Point, end: Point, bend: int) -> tuple[str, Point]:
    """(path of an arrow between two boxes, where its label stands); `bend` tells several between the same two apart."""
    one, other = _middle(start), _middle(end)
    dx, dy = other[0] - one[0], other[1] - one[1]
    length = max((dx * dx + dy * dy) ** 0.5, 1)
    side = 26 * bend
    middle = ((one[0] + other[0]) / 2 - dy / length * side * 2, (one[1] + other[1]) / 2 + dx / length * side * 2)
    begin, stop = _edge(one, middle), _edge(other, middle)
    label = ((begin[0] + stop[0]) / 4 + middle[0] / 2, (begin[1] + stop[1]) / 4 + middle[1] / 2)
    path = f"M{begin[0]:.0f} {begin[1]:.0f} Q{middle[0]:.0f} {middle[1]:.0f} {stop[0]:.0f} {stop[1]:.0f}"
    return path, (round(label[0]), round(label[1]))


def _middle(corner: Point) -> tuple[float, float]:
    return corner[0] + WIDTH / 2, corner[1] + HEIGHT / 2


def _edge(centre: tuple[float, float], towards: tuple[float, float]) -> tuple[float, float]:
    """Where the line from a box's centre leaves the box."""
    dx, dy = towards[0] - centre[0], towards[1] - centre[1]
    if not dx and not dy:
        return centre
    scale = min((WIDTH / 2 + 3) / abs(dx) if dx else 1e9, (HEIGHT / 2 + 3) / abs(dy) if dy else 1e9, 1)
    return centre[0] + dx * scale, centre[1] + dy * scale
