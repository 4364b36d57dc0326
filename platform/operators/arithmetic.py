"""`+ - * / %`, exact: empty in, empty out; division by zero and what leaves the range are empty."""

from __future__ import annotations

from functools import reduce

from .. import exact
from ..exact_sql import addition, difference, product, quotient, remainder
from ..registry import operators
from ..rules.formula_writer import SIGNED
from ..rules.operator import Operator
from ..rules.types import NUMBER

SIGNS = {"+": "+", "-": "−", "*": "×", "/": "÷", "%": "mod"}


class Arithmetic(Operator):
    """step: two numbers to one; more than two are taken from the left."""

    takes = ("number",)
    gives = NUMBER
    loose = True
    step = staticmethod(exact.add)
    sql_step = addition

    def python(self, node, *arguments):
        step = self.step
        if len(arguments) == 1:
            return arguments[0]
        if len(arguments) == 2:
            left, right = arguments
            return lambda data: step(left(data), right(data))
        return lambda data: reduce(step, [argument(data) for argument in arguments])

    def sql(self, node, sql):
        return reduce(self.sql_step, [sql.value(arg) for arg in node.args])

    def say(self, node, words):
        return f" {SIGNS[self.name]} ".join(words(arg) for arg in node.args)


@operators.register
class Plus(Arithmetic):
    name = infix = "+"
    binding = 6
    chained = True
    formula = "PLUS"


@operators.register
class Minus(Arithmetic):
    name = infix = "-"
    binding = 6
    most = 2
    step = staticmethod(exact.subtract)
    sql_step = difference

    def python(self, node, *arguments):
        if len(arguments) == 2:
            return super().python(node, *arguments)
        (argument,) = arguments
        return lambda data: exact.subtract(0, argument(data))

    def sql(self, node, sql):
        return super().sql(node, sql) if len(node.args) == 2 else -sql.value(node.args[0])

    def say(self, node, words):
        return super().say(node, words) if len(node.args) == 2 else f"−{words(node.args[0])}"

    def write(self, node, pen):
        if len(node.args) == 2:
            return pen.signs(node)
        (arg,) = node.args
        return "-" + (f"({pen.text(arg)})" if arg.literal else pen.closed(arg, SIGNED)), SIGNED


@operators.register
class Times(Arithmetic):
    name = infix = "*"
    binding = 7
    chained = True
    formula = "TIMES"
    step = staticmethod(exact.multiply)
    sql_step = product


@operators.register
class Over(Arithmetic):
    name = infix = "/"
    binding = 7
    least = most = 2
    step = staticmethod(exact.divide)
    sql_step = quotient


@operators.register
class Rest(Arithmetic):
    """What is left over, with the sign of the first number."""

    name = "%"
    formula = "MOD"
    least = most = 2
    step = staticmethod(exact.modulo)
    sql_step = remainder
