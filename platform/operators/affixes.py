"""`starts_with` and `ends_with`: false as soon as one text is empty."""

from __future__ import annotations

from ..registry import operators
from ..rules.operator import Operator
from ..rules.types import FLAG


class Affix(Operator):
    takes = ("text",)
    gives = FLAG
    least = most = 2
    definite = True
    test = staticmethod(str.startswith)

    def python(self, node, whole, affix):
        test = self.test

        def compare(data):
            value, end = whole(data), affix(data)
            return value is not None and end is not None and test(value, end)

        return compare


@operators.register
class StartsWith(Affix):
    name = "starts_with"
    test = staticmethod(str.startswith)


@operators.register
class EndsWith(Affix):
    name = "ends_with"
    test = staticmethod(str.endswith)
