"""SQL that SQLite and PostgreSQL say differently, under one name."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class Named(FunctionElement):
    """A construct that each database says in its own way; a subclass has the type of its answer."""

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        cls.inherit_cache = True


def say(construct: type[Named], *, sqlite: Callable[..., str], postgresql: Callable[..., str]) -> None:
    """Registers how each database says a construct, from the SQL of its arguments (without parentheses around them)."""
    for dialect, phrase in (("sqlite", sqlite), ("postgresql", postgresql)):
        compiles(construct, dialect)(_compiler(phrase))


def _compiler(phrase: Callable[..., str]):
    def compile_it(element, compiler, **kw):
        return phrase(*(compiler.process(clause, **kw) for clause in element.clauses))

    return compile_it


def clipped(expression: str, low: object, high: object, *, least: str, greatest: str) -> str:
    """The expression, empty where it reaches beyond `low` or `high`; said once, since it may be long."""
    return f"nullif(nullif({greatest}({least}({expression}, {high}), {low}), {high}), {low})"
