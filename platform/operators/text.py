"""`cat` and `substr`: texts joined and cut, counted in characters."""

from __future__ import annotations

import sqlalchemy as sa

from .. import exact
from ..dialects import Named, say
from ..exact_sql import plain
from ..registry import operators
from ..rules.operator import Operator
from ..rules.types import TEXT


@operators.register
class Cat(Operator):
    """Numbers as plain digits, dates as 2026-11-24, an empty value as nothing."""

    name = "cat"
    formula = "CONCAT"
    infix = "&"
    binding = 5
    chained = True
    loose = True
    takes = ("text", "number", "choice", "date")
    gives = TEXT
    definite = True
    examples = (
        ({"cat": [{"var": "name"}, " ", {"var": "amount"}]}, {"name": "a", "amount": "12.50"}, "a 12.5"),
        ({"cat": [{"var": "name"}, {"var": "due"}]}, {"due": "2026-11-24"}, "2026-11-24"),
    )
    refused = (
        {"cat": [{"var": "ok"}]},
        {"cat": [{"var": "lines"}]},
    )

    def python(self, node, *arguments):
        parts = tuple(as_text(arg, argument) for arg, argument in zip(node.args, arguments, strict=True))
        return lambda data: "".join([part(data) for part in parts])

    def sql(self, node, sql):
        return joined(*(sa.func.coalesce(sql_text(arg, sql), "") for arg in node.args))

    def say(self, node, words):
        return " & ".join(words(arg) for arg in node.args)


@operators.register
class Substr(Operator):
    """From a place (0 is the first, -1 the last character), for a length (negative: less that many at the end)."""

    name = "substr"
    formula = "SUBSTR"
    weight = 15
    gives = TEXT
    least, most = 2, 3
    examples = (
        ({"substr": [{"var": "name"}, 1, 1]}, {"name": "a𠮷b"}, "𠮷"),
        ({"substr": [{"var": "name"}, -2]}, {"name": "abc"}, "bc"),
        ({"substr": [{"var": "name"}, 0, -1]}, {"name": "abc"}, "ab"),
    )
    refused = (
        {"substr": [{"var": "name"}, {"var": "amount"}]},
        {"substr": [{"var": "amount"}, 1]},
    )

    def check(self, call):
        bounds = tuple(call.literal(index, int) for index in range(1, len(call.arguments)))
        return call.node(TEXT, [call.argument(0, "text", "choice")], value=bounds)

    def python(self, node, argument):
        start, length = (*node.value, None)[:2]

        def cut(data):
            value = argument(data)
            return None if value is None else part(value, start, length)

        return cut

    def sql(self, node, sql):
        start, length = (*node.value, None)[:2]
        value = sql.value(node.args[0])
        rest = (
            from_start(value, sa.literal_column(str(start + 1)))
            if start >= 0
            else last(value, sa.literal_column(str(-start)))
        )
        if length is None:
            return rest
        return (
            first(rest, sa.literal_column(str(length)))
            if length >= 0
            else without_last(rest, sa.literal_column(str(-length)))
        )

    def say(self, node, words):
        start, length = (*node.value, None)[:2]
        from_place = {"en": "{0} from character {1}", "zh": "{0}从第{1}个字符起"}
        from_end = {"en": "the last {1} characters of {0}", "zh": "{0}的最后{1}个字符"}
        rest = words.fill(
            from_place if start >= 0 else from_end, words(node.args[0]), start + 1 if start >= 0 else -start
        )
        if length is None:
            return rest
        cut = (
            {"en": "{0}, {1} of them", "zh": "{0}的{1}个"}
            if length >= 0
            else {"en": "{0}, without the last {1}", "zh": "{0}，去掉最后{1}个"}
        )
        return words.fill(cut, rest, abs(length))

    def write(self, node, pen):
        return pen.call(self.formula, pen.text(node.args[0]), *map(str, node.value))


class SqlText(Named):
    type = sa.Text()


class joined(SqlText):
    """Any number of texts"""


class iso_date(SqlText):
    """date"""


class from_start(SqlText):
    """text, place of the first character that stays, from 1"""


class first(SqlText):
    """text, how many characters"""


class last(SqlText):
    """text, how many characters"""


class without_last(SqlText):
    """text, how many characters go"""


def concatenated(*parts: str) -> str:
    return " || ".join(f"({part})" for part in parts)


say(joined, sqlite=concatenated, postgresql=concatenated)
say(iso_date, sqlite="{}".format, postgresql="to_char({}, 'YYYY-MM-DD')".format)
say(from_start, sqlite="substr({}, {})".format, postgresql="substr({}, {})".format)
say(first, sqlite="substr({}, 1, {})".format, postgresql="left({}, {})".format)
say(last, sqlite="substr({}, -{})".format, postgresql="right({}, {})".format)
say(
    without_last,
    sqlite=lambda text, count: f"substr({text}, 1, max(length({text}) - {count}, 0))",
    postgresql="left({}, -{})".format,
)


def sql_text(node, sql):
    value = sql.value(node)
    return {"number": plain, "date": iso_date}.get(node.type.kind, lambda text: text)(value)


def as_text(node, argument):
    """data -> the text of an argument, "" when it is empty."""
    if node.type.kind == "number":
        return lambda data: exact.text(argument(data)) or ""
    if node.type.kind == "date":
        return lambda data: "" if (value := argument(data)) is None else value.isoformat()
    return lambda data: argument(data) or ""


def part(value: str, start: int, length: int | None) -> str:
    rest = value[start:] if start >= 0 else value[max(len(value) + start, 0) :]
    return rest if length is None else rest[:length]
