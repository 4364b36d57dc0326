"""What random rules are about: types, records that lean on the awkward values, and tables that hold them."""

from __future__ import annotations

import datetime
import random
import unicodedata
from decimal import Decimal

import sqlalchemy as sa
from formloom.platform import exact
from formloom.platform.exact import Exact
from formloom.platform.rules.sql import Rows
from formloom.platform.rules.types import DATE, FLAG, MOMENT, NUMBER, TEXT, TEXTS, Type

TIERS = ("gold", "silver", "plain")
TIER = Type("choice", options={key: {"en": key.title(), "zh": key} for key in TIERS})
PERSON = Type("person")
CUSTOMER = Type(
    "link",
    target="customer",
    fields=lambda: {"name": TEXT, "tier": TIER, "credit": NUMBER, "since": DATE, "blocked": FLAG, "seller": PERSON},
)
PRODUCT = Type("link", target="product", fields=lambda: {"title": TEXT, "on_hand": NUMBER})
LINE = {
    "note": TEXT,
    "qty": NUMBER,
    "price": NUMBER,
    "kind": TIER,
    "due": DATE,
    "done": FLAG,
    "made": MOMENT,
    "product": PRODUCT,
}
RECORD = {
    "name": TEXT,
    "code": TEXT,
    "tier": TIER,
    "amount": NUMBER,
    "price": NUMBER,
    "rate": NUMBER,
    "ok": FLAG,
    "rush": FLAG,
    "due": DATE,
    "ordered": DATE,
    "seen": MOMENT,
    "made": MOMENT,
    "owner": PERSON,
    "customer": CUSTOMER,
    "lines": Type("rows", fields=lambda: LINE),
}
USER = Type("record", fields={"id": PERSON, "roles": TEXTS})
SCOPE = Type("record", fields=RECORD | {"user": USER, "today": DATE, "now": MOMENT})

TEXTS_MET = (
    "a", "b", "Z", "ab", "abc", "Abc", " a", "é", "e\u0301x", "张三", "三", "𠮷", "𠮷野", "\ufffd", "\uff5e", "😀", "a😀b",
    "'", '"', "\\", "%", "_", "a%b", "0", "-0", "12.5", "null", "2026-11-24",
)  # fmt: skip
NUMBERS_MET = tuple(
    Decimal(digits)
    for digits in (
        "0", "1", "-1", "2", "3", "7", "10", "0.5", "1.5", "2.5", "-0.5", "-2.5", "0.05", "0.1", "0.2", "0.3",
        "0.000001", "-0.000001", "0.0000005", "0.000005", "0.0015", "33.333333", "99.999999", "1234.567891", "1000000",
        "3037000.499976", "-3037000.499976", "4611686018427.387904", "9223372036854", "-9223372036854",
        "9223372036853.999999", "-9223372036853.999999",
    )
)  # fmt: skip
DATES_MET = tuple(
    datetime.date.fromisoformat(day)
    for day in (
        "0001-01-01", "0099-12-31", "1899-12-31", "1970-01-01", "2024-02-29", "2026-02-28", "2026-11-24", "9999-12-31",
    )
)  # fmt: skip
MOMENTS_MET = tuple(
    datetime.datetime.fromisoformat(moment)
    for moment in (
        "1970-01-01T00:00:00", "2026-11-24T09:12:00", "2026-11-24T09:12:00.500000", "2026-11-24T09:12:00.000001",
        "2026-11-24T23:59:59", "0001-01-01T00:00:00", "9999-12-31T23:59:59",
    )
)  # fmt: skip
PEOPLE = (1, 2, 3)
LINKED = tuple(range(1, 9))
USER_DATA = {"id": 2, "roles": ["sales", "张三"]}
TODAY, NOW = datetime.date(2026, 11, 24), datetime.datetime(2026, 11, 24, 9, 12)

COLUMNS = {
    "number": Exact,
    "text": lambda: sa.Text().with_variant(sa.Text(collation="und-x-icu"), "postgresql"),
    "choice": sa.Text,
    "flag": sa.Boolean,
    "date": sa.Date,
    "moment": sa.DateTime,
    "person": sa.Integer,
    "link": sa.Integer,
}
metadata = sa.MetaData()


def table(name: str, types: dict[str, Type], *more: sa.Column) -> sa.Table:
    columns = [sa.Column(key, COLUMNS[type.kind]()) for key, type in types.items() if type.kind != "rows"]
    return sa.Table(name, metadata, sa.Column("id", sa.Integer, primary_key=True), *more, *columns)


CUSTOMERS = table("customer", CUSTOMER.members)
PRODUCTS = table("product", PRODUCT.members)
RECORDS = table("record", RECORD)
LINES = table("line", LINE, sa.Column("record_id", sa.Integer))


class World:
    """Records with their lines and links; the same for the same seed."""

    def __init__(self, seed: int, count: int):
        self.random = random.Random(seed)
        self.customers = {key: self.values(CUSTOMER.members) | {"id": key} for key in LINKED}
        self.products = {key: self.values(PRODUCT.members) | {"id": key} for key in LINKED}
        self.records = [self.record(key) for key in range(1, count + 1)]

    def record(self, key: int) -> dict:
        lines = [self.values(LINE) for _ in range(self.random.choice((0, 0, 1, 2, 3, 5)))]
        around = {"user": USER_DATA, "today": TODAY, "now": NOW}
        return self.values(RECORD) | around | {"id": key, "lines": lines}

    def values(self, types: dict[str, Type]) -> dict:
        return {key: self.value(type) for key, type in types.items()}

    def value(self, type: Type):
        if self.random.random() < 0.25 or type.kind == "rows":
            return None
        if type.kind == "link":
            return self.random.choice(list((self.customers if type is CUSTOMER else self.products).values()))
        return self.random.choice(met(type.kind))

    def fill(self, connection: sa.Connection) -> None:
        metadata.create_all(connection)
        connection.execute(CUSTOMERS.insert(), list(self.customers.values()))
        connection.execute(PRODUCTS.insert(), list(self.products.values()))
        connection.execute(RECORDS.insert(), [stored(record, RECORD) | {"id": record["id"]} for record in self.records])
        lines = [stored(line, LINE) | {"record_id": r["id"]} for r in self.records for line in r["lines"]]
        connection.execute(LINES.insert(), lines)


def met(kind: str) -> tuple:
    return {
        "text": tuple(unicodedata.normalize("NFC", text) for text in TEXTS_MET),
        "number": tuple(exact.quantize(number) for number in NUMBERS_MET),
        "choice": TIERS,
        "flag": (True, False),
        "date": DATES_MET,
        "moment": MOMENTS_MET,
        "person": PEOPLE,
    }[kind]


def stored(values: dict, types: dict[str, Type]) -> dict:
    """What stands in the table: a link as the id it points to."""
    scalar = {key: values[key] for key, type in types.items() if type.kind != "rows"}
    return {key: value["id"] if isinstance(value, dict) else value for key, value in scalar.items()}


def as_json(value):
    """A Python value as JSON carries it."""
    if isinstance(value, Decimal):
        return exact.text(value)
    if isinstance(value, datetime.datetime):
        return f"{value.isoformat()}Z"
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: as_json(part) for key, part in value.items()}
    return [as_json(part) for part in value] if isinstance(value, list) else value


def from_json(value, type: Type):
    """JSON as a Python value of a type."""
    if value is None:
        return None
    if type.kind in ("record", "link") and isinstance(value, dict):
        known = {key: from_json(part, type.members[key]) for key, part in value.items() if key in type.members}
        return known | ({"id": value["id"]} if "id" in value else {})
    if type.kind in ("list", "rows"):
        return [from_json(part, type.element) for part in value]
    revive = {
        "number": lambda given: Decimal(str(given)),
        "date": datetime.date.fromisoformat,
        "moment": lambda given: datetime.datetime.fromisoformat(given.removesuffix("Z")),
    }
    return revive.get(type.kind, lambda given: given)(value)


def resolve(path: tuple[str, ...]):
    """What a path of a rule means in a SELECT from RECORDS."""
    if path == ("user", "roles"):
        return USER_DATA["roles"]
    around = {("user", "id"): USER_DATA["id"], ("today",): TODAY, ("now",): NOW}
    if path in around:
        return sa.literal(around[path])
    if path[0] == "lines":
        lines = LINES.alias()
        return Rows(lines, lines.c.record_id == RECORDS.c.id, lambda inner: column(lines, inner, PRODUCTS))
    return column(RECORDS, path, CUSTOMERS)


def column(holder: sa.FromClause, path: tuple[str, ...], linked: sa.Table) -> sa.ColumnElement:
    first, *beyond = path
    if not beyond:
        return holder.c[first]
    target = linked.alias()
    return sa.select(target.c[beyond[0]]).where(target.c.id == holder.c[first]).scalar_subquery()
