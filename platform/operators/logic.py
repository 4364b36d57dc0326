"""`and`, `or`, `!`, `!!`: of yes-or-no answers; an empty one counts as no."""

from __future__ import annotations

from ..registry import operators
from ..rules.operator import Operator
from ..rules.types import FLAG


class Logic(Operator):
    takes = ("flag",)
    gives = FLAG
    definite = True


@operators.register
class And(Logic):
    name = "and"

    def python(self, node, *arguments):
        def test(data):
            for argument in arguments:  # noqa: SIM110 - a generator takes twice as long
                if argument(data) is not True:
                    return False
            return True

        return test


@operators.register
class Or(Logic):
    name = "or"

    def python(self, node, *arguments):
        def test(data):
            for argument in arguments:  # noqa: SIM110
                if argument(data) is True:
                    return True
            return False

        return test


@operators.register
class Not(Logic):
    name = "!"
    least = most = 1

    def python(self, node, argument):
        return lambda data: argument(data) is not True


@operators.register
class Truth(Logic):
    """Yes if yes, no if no or empty."""

    name = "!!"
    least = most = 1

    def python(self, node, argument):
        return lambda data: argument(data) is True
