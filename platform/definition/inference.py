"""What the columns of a sheet seem to hold: a type for each, with its settings, and how sheets belong together.

Pure: tables of text in, guesses out; a person may change every one of them before anything is made.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

from .beginning import key_from

FITS = 0.95  # of the values; the rest is named when the rows come in
OFTEN = 0.5
MOST_CHOICES, A_CHOICE = 12, 40  # how many there may be, how long each
LONG = 120
EMPTY = frozenset(("", "null", "n/a", "#n/a", "-", "–"))

DATES = (
    "%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%Y年%m月%d日", "%d-%m-%Y", "%d %b %Y", "%d %B %Y", "%Y%m%d",
)  # fmt: skip
TIMES = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", "T%H:%M:%S", "T%H:%M:%SZ")
YES = frozenset(("true", "yes", "y", "ja", "是", "1", "x", "✓"))
NO = frozenset(("false", "no", "n", "nein", "否", "0"))
MONEY = re.compile(r"price|cost|amount|total|fee|salary|budget|revenue|freight|价|金额|费|成本|预算|工资", re.IGNORECASE)
CURRENCY = re.compile(r"^[€$£¥￥]\s*|\s*(€|\$|£|¥|￥|EUR|USD|CNY|RMB|元)$")
PATTERNS = {
    "mail": re.compile(r"[^\s@,;<>]+@[^\s@,;<>]+\.[^\s@,;<>]+"),
    "url": re.compile(r"https?://\S+", re.IGNORECASE),
    "phone": re.compile(r"(?=(?:.*\d){6})\+?[\d\s().\-/]{6,20}"),
}
SERIAL = re.compile(r"(\D{0,8})(\d{1,9})")


@dataclass(frozen=True)
class Table:
    """A sheet as it was read: its name, the heads of its columns, its rows as text, each with the line it stands in;
    rows that could not be read, in words.
    """

    name: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    broken: Sequence[str] = ()
    lines: Sequence[int] = ()

    def column(self, place: int) -> list[str]:
        return [row[place].strip() if place < len(row) else "" for row in self.rows]


@dataclass(frozen=True)
class ColumnGuess:
    """place: which column of the sheet.  told: how dates are written there.  misfits: values that are not of the type."""

    place: int
    head: str
    key: str
    type: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    required: bool = False
    unique: bool = False
    told: str = ""
    misfits: int = 0
    samples: Sequence[str] = ()
    kept: bool = True


@dataclass(frozen=True)
class SheetGuess:
    """title: the key of the column that names a record; identity: the one that tells rows apart, "" where none does."""

    name: str
    key: str
    columns: Sequence[ColumnGuess]
    title: str
    identity: str
    rows: int
    broken: Sequence[str] = ()
    kept: bool = True


def infer(tables: Sequence[Table]) -> list[SheetGuess]:
    """A form for every sheet, a field for every column, and links where the values of one are those that tell another's rows apart."""
    taken: set[str] = set()
    found = []
    for table in tables:
        key = key_from(table.name, "form", taken | {"person"})
        taken.add(key)
        found.append(_sheet(table, key))
    return [_linked(guess, table, found, tables) for guess, table in zip(found, tables, strict=True)]


def _sheet(table: Table, key: str) -> SheetGuess:
    keys: set[str] = {"id", "status", "created_by", "created_at", "user", "today", "now", "old", "header", "line", "target"}
    columns = []
    for place, head in enumerate(table.heads):
        column = _column(place, head, table.column(place), keys)
        keys.add(column.key)
        columns.append(column)
    identity = next((one.key for one in columns if one.unique and one.type in ("serial", "number", "text")), "")
    return SheetGuess(table.name, key, columns, _title(columns), identity, len(table.rows), table.broken)


def _title(columns: Sequence[ColumnGuess]) -> str:
    """What names a record: the first text that is different in each row, else the first text, else the first column."""
    texts = [one for one in columns if one.type in ("text", "mail")]
    best = next((one for one in texts if one.unique), None) or next(iter(texts), None) or next(iter(columns), None)
    return best.key if best else ""


def _column(place: int, head: str, values: Sequence[str], taken: set[str]) -> ColumnGuess:
    key = key_from(_spaced(head), "field", taken)
    filled = [value for value in values if value.lower() not in EMPTY]
    unique = len(filled) == len(values) > 0 and len(set(filled)) == len(filled)
    given = {"place": place, "head": head, "key": key, "required": bool(values) and len(filled) == len(values), "unique": unique}
    given["samples"] = tuple(dict.fromkeys(filled))[:3]
    kind, settings, told = _kind(head, filled, unique and place == 0)
    misfits = sum(not fits(kind, value, settings, told) for value in filled)
    return ColumnGuess(type=kind, settings=settings, told=told, misfits=misfits, **given)


def _spaced(head: str) -> str:
    """ "unitPrice" as "unit Price", so that its key has words."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", head)


def _kind(head: str, values: Sequence[str], leads: bool) -> tuple[str, dict[str, Any], str]:
    """(type, settings, how dates are told) of a column's filled values."""
    if not values:
        return "text", {}, ""
    if leads and (pattern := _serial(values)):
        return "serial", {"pattern": pattern}, ""
    for told in (day + time for time in TIMES for day in DATES):
        if _most(values, lambda value, told=told: parse_date(value, told) is not None):
            return ("moment" if "%H" in told else "date"), {}, told
    if _most(values, lambda value: value.lower() in YES | NO) and len({value.lower() for value in values}) <= 2:
        return "flag", {}, ""
    if _most(values, lambda value: re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d", value) is not None):
        return "time", {}, ""
    if _most(values, lambda value: number(value) is not None and not _code(value)):
        return _number(head, values)
    for kind, pattern in PATTERNS.items():
        if _most(values, lambda value, pattern=pattern: pattern.fullmatch(value) is not None):
            return kind, {}, ""
    return _words(values)


def _words(values: Sequence[str]) -> tuple[str, dict[str, Any], str]:
    kinds = Counter(values)
    few = len(kinds) <= MOST_CHOICES and len(values) >= 3 * len(kinds) and all(len(one) <= A_CHOICE for one in kinds)
    if few and len(kinds) > 1:
        return "choice", {"options": _options(kinds)}, ""
    if any("\n" in value or len(value) > LONG for value in values):
        return "long_text", {}, ""
    return "text", {}, ""


def _options(kinds: Mapping[str, int]) -> list[dict[str, Any]]:
    taken: set[str] = set()
    options = []
    for word in kinds:
        key = key_from(word, "option", taken)
        taken.add(key)
        options.append({"key": key, "label": {"en": word}})
    return options


def _number(head: str, values: Sequence[str]) -> tuple[str, dict[str, Any], str]:
    if all(value.endswith("%") for value in values):
        return "percent", {}, ""
    if MONEY.search(head) or any(CURRENCY.search(value) for value in values):
        return "money", {}, ""
    places = max((-int(found.as_tuple().exponent) for value in values if (found := number(value)) is not None), default=0)
    return "number", {"scale": min(max(places, 0), 6)}, ""


def _serial(values: Sequence[str]) -> str:
    """The pattern of numbers that count up under one prefix; "" where they do not."""
    found = [SERIAL.fullmatch(value) for value in values]
    if len(values) < 3 or not all(found) or len({one[1] for one in found if one}) != 1:
        return ""
    numbers = [int(one[2]) for one in found if one]
    steps = sum(after - before == 1 for before, after in pairwise(sorted(numbers)))
    if steps < 0.8 * (len(numbers) - 1):
        return ""
    prefix, width = found[0][1], min(len(one[2]) for one in found if one)
    if set(prefix) & set("{}"):
        return ""
    padded = any(one[2].startswith("0") for one in found if one)
    return f"{prefix}{{n:{width}}}" if padded else f"{prefix}{{n}}"


def _code(value: str) -> bool:
    """A number with a leading zero is a code, as of a post office."""
    return len(value) > 1 and value[0] == "0" and value.isdecimal()


def _most(values: Sequence[str], holds: Callable[[str], bool]) -> bool:
    return sum(map(holds, values)) >= FITS * len(values)


def number(text: str) -> Decimal | None:
    """A number as people write it in a sheet: 1,234.50, 1.234,50, € 12, (5), 7%; None where it is none."""
    plain = CURRENCY.sub("", text.strip()).replace(" ", "").replace("\u00a0", "").replace("'", "")
    share = plain.endswith("%")
    plain = plain.removesuffix("%")
    if plain.startswith("(") and plain.endswith(")"):
        plain = f"-{plain[1:-1]}"
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", plain):
        plain = plain.replace(",", "")
    elif re.fullmatch(r"[+-]?(\d{1,3}(\.\d{3})+|\d+),\d+", plain):
        plain = plain.replace(".", "").replace(",", ".")
    try:
        found = Decimal(plain) if re.fullmatch(r"[+-]?\d+(\.\d+)?", plain) else None
    except InvalidOperation:
        return None
    return found / 100 if found is not None and share else found


def parse_date(text: str, told: str) -> datetime | None:
    try:
        return datetime.strptime(text, told)
    except ValueError:
        return None


def fits(kind: str, value: str, settings: Mapping[str, Any], told: str) -> bool:
    """Whether a filled value is one of the type, as far as that can be told by its text."""
    return raw(kind, value, settings, told) is not None


def raw(kind: str, value: str, settings: Mapping[str, Any], told: str) -> str | None:
    """A value of a sheet as an import reads it: dates as ISO, numbers plain, choices by key; None where it is not of the type."""
    if kind in ("number", "money", "percent", "rating"):
        found = number(value)
        return None if found is None else f"{found:f}"
    if kind in ("date", "moment"):
        moment = next((got for form in ((told,) if told else ()) if (got := parse_date(value, form))), None) or _any_date(value)
        return None if moment is None else moment.strftime("%Y-%m-%d" if kind == "date" else "%Y-%m-%d %H:%M:%S")
    if kind == "flag":
        return "true" if value.lower() in YES else "false" if value.lower() in NO else None
    if kind == "choice":
        return next((one["key"] for one in settings.get("options", ()) if value in one["label"].values()), None)
    if kind in PATTERNS:
        return value if PATTERNS[kind].fullmatch(value) else None
    return value


def _any_date(value: str) -> datetime | None:
    return next((got for time in TIMES for day in DATES if (got := parse_date(value, day + time))), None)


def _linked(guess: SheetGuess, table: Table, guesses: Sequence[SheetGuess], tables: Sequence[Table]) -> SheetGuess:
    """Columns whose values are nearly all those of another sheet's identity, under a head that speaks of it, become links."""
    columns = []
    for column in guess.columns:
        target = next((other for other, its in zip(guesses, tables, strict=True) if _points(column, table, guess, other, its)), None)
        columns.append(column if target is None else _as_link(column, target))
    return replace(guess, columns=columns)


def _points(column: ColumnGuess, table: Table, own: SheetGuess, other: SheetGuess, its: Table) -> bool:
    identity = next((one for one in other.columns if one.key == other.identity), None)
    if other.name == own.name or identity is None or column.key == own.identity:
        return False
    head, name, theirs = (re.sub(r"[^a-z0-9]", "", text.lower()) for text in (column.head, other.name, identity.head))
    named = head == theirs or any(len(stem) > 2 and stem in head for stem in (name, name.rstrip("s"))) or not theirs
    known = set(its.column(identity.place))
    values = [value for value in table.column(column.place) if value.lower() not in EMPTY]
    wordy = identity.type == "text"
    needed = OFTEN if head == theirs else FITS  # under the same head a link may miss rows that were broken over there
    return bool(values) and (named or wordy) and sum(value in known for value in values) >= needed * len(values)


def _as_link(column: ColumnGuess, target: SheetGuess) -> ColumnGuess:
    given = {name: getattr(column, name) for name in ("place", "head", "key", "required", "samples")}
    return ColumnGuess(type="link", settings={"form": target.key}, **given)
