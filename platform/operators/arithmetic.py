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
    examples = (
        ({"+": [{"var": "amount"}, {"var": "rate"}]}, {"amount": "0.1", "rate": "0.2"}, "0.3"),
        ({"+": [{"var": "amount"}, 1, 2]}, {}, None),
        ({"+": [{"var": "amount"}, 1]}, {"amount": "9223372036854"}, None),
    )
    refused = (
        {"+": [1, "2"]},
        {"+": [{"var": "name"}, {"var": "name"}]},
        {"+": [0.1234567]},
    )


@operators.register
class Minus(Arithmetic):
    name = infix = "-"
    binding = 6
    most = 2
    step = staticmethod(exact.subtract)
    sql_step = difference
    examples = (
        ({"-": [{"var": "amount"}, 0.3]}, {"amount": "0.1"}, "-0.2"),
        ({"-": [{"var": "amount"}]}, {"amount": "0"}, "0"),
    )
    refused = (
        {"-": [1, 2, 3]},
        {"-": [{"var": "due"}, {"var": "start"}]},
    )

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
    examples = (
        ({"*": [{"var": "amount"}, {"var": "rate"}]}, {"amount": "0.0015", "rate": "0.0005"}, "0.000001"),
        ({"*": [{"var": "amount"}, 3]}, {"amount": "4000000000000"}, None),
    )
    refused = ({"*": [{"var": "lines"}, 2]},)


@operators.register
class Over(Arithmetic):
    name = infix = "/"
    binding = 7
    least = most = 2
    step = staticmethod(exact.divide)
    sql_step = quotient
    examples = (
        ({"/": [{"var": "amount"}, 3]}, {"amount": "2"}, "0.666667"),
        ({"/": [{"var": "amount"}, {"var": "rate"}]}, {"amount": "2", "rate": "0"}, None),
    )
    refused = (
        {"/": [1]},
        {"/": [1, 2, 3]},
    )


@operators.register
class Rest(Arithmetic):
    """What is left over, with the sign of the first number."""

    name = "%"
    formula = "MOD"
    least = most = 2
    step = staticmethod(exact.modulo)
    sql_step = remainder
    examples = (
        ({"%": [{"var": "amount"}, 3]}, {"amount": "-7"}, "-1"),
        ({"%": [{"var": "amount"}, 0]}, {"amount": "7"}, None),
    )
    refused = ({"%": [{"var": "name"}, 2]},)
