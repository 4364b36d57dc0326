"""Exact numbers: half up, six places, a range; the same in Python and in SQL on both databases."""

from __future__ import annotations

import operator
from decimal import Decimal as D

import pytest
import sqlalchemy as sa
from formloom.platform import exact
from formloom.platform.exact import RANGE, Exact
from formloom.platform.exact_sql import addition, difference, plain, product, quotient, remainder, rounded, total, whole

HALVES = [("0.5", 0, "1"), ("-0.5", 0, "-1"), ("2.5", 0, "3"), ("1.005", 2, "1.01"), ("-1.005", 2, "-1.01")]
PAIRS = [
    (D(left), D(right))
    for left in ("0", "0.1", "-2.5", "0.0015", "33.333333", "4611686018427.387904", "9223372036854", "-9223372036854")
    for right in ("0", "3", "-0.2", "0.0005", "1.5", "9223372036854")
]
OPERATIONS = [
    (exact.add, addition),
    (exact.subtract, difference),
    (exact.multiply, product),
    (exact.divide, quotient),
    (exact.modulo, remainder),
]
NUMBERS = sa.Table("exact_number", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", Exact))


@pytest.fixture
def connection(workspace):
    with workspace.writing() as connection:
        NUMBERS.create(connection)
        yield connection


@pytest.mark.parametrize(("value", "places", "rounded_value"), HALVES)
def test_a_half_goes_away_from_zero(value, places, rounded_value):
    assert exact.quantize(D(value), places) == D(rounded_value)


def test_tenths_are_tenths():
    assert exact.add(D("0.1"), D("0.2")) == D("0.3")


def test_empty_in_empty_out():
    for operation, _construct in OPERATIONS:
        assert operation(None, D(1)) is operation(D(1), None) is None


def test_out_of_range_is_empty_as_is_division_by_zero():
    assert exact.add(RANGE, D("0.000001")) is None
    assert exact.multiply(RANGE, D(2)) is None
    assert exact.quantize(RANGE + 1) is None
    assert exact.divide(D(1), D(0)) is exact.modulo(D(1), D(0)) is None
    assert exact.add(RANGE, D(0)) == RANGE


@pytest.mark.parametrize(
    ("value", "said"), [("100", "100"), ("12.500000", "12.5"), ("-0", "0"), ("1E+3", "1000"), ("0.000001", "0.000001")]
)
def test_numbers_travel_as_plain_digits(value, said):
    assert exact.text(D(value)) == said


def test_numbers_are_kept_to_the_last_digit(connection):
    kept = [D("0.1"), D("-0.000001"), RANGE, -RANGE, D("9223372036853.999999"), None]
    connection.execute(NUMBERS.insert(), [{"n": value} for value in kept])
    assert list(connection.scalars(sa.select(NUMBERS.c.n).order_by(NUMBERS.c.id))) == kept


@pytest.mark.parametrize(("operation", "construct"), OPERATIONS, ids=lambda given: given.__name__)
def test_a_construct_answers_as_python_does(connection, operation, construct):
    pairs = [*PAIRS, (None, D(1)), (D(1), None)]
    for left, right in pairs:
        said = construct(sa.literal(left, Exact()), sa.literal(right, Exact()))
        if left is None or right is None:
            said = construct(
                *(sa.cast(sa.null() if n is None else sa.literal(n, Exact()), Exact()) for n in (left, right))
            )
        assert connection.scalar(sa.select(said)) == operation(left, right), (left, right)


@pytest.mark.parametrize(("value", "places", "rounded_value"), HALVES)
def test_sql_rounds_half_up(connection, value, places, rounded_value):
    said = rounded(sa.literal(D(value), Exact()), sa.literal_column(str(places)))
    assert connection.scalar(sa.select(said)) == D(rounded_value)


def test_a_total_is_exact_and_of_nothing_it_is_zero(connection):
    of_all = sa.select(total(NUMBERS.c.n))
    assert connection.scalar(of_all) == 0
    connection.execute(NUMBERS.insert(), [{"n": D("0.1")}] * 30 + [{"n": RANGE - 3}, {"n": None}])
    assert connection.scalar(of_all) == RANGE
    connection.execute(NUMBERS.insert(), [{"n": D("0.000001")}])
    assert connection.scalar(of_all) is None
    connection.execute(NUMBERS.insert(), [{"n": -RANGE}] * 4)
    assert connection.scalar(of_all) is None


def test_sql_says_digits_and_counts_as_python_does(connection):
    assert connection.scalar(sa.select(plain(sa.literal(D("-12.500000"), Exact())))) == "-12.5"
    assert connection.scalar(sa.select(plain(sa.literal(D("100"), Exact())))) == "100"
    assert connection.scalar(sa.select(whole(sa.literal_column("7")))) == 7


@pytest.mark.parametrize("operation", [operator.mul, operator.truediv, operator.mod])
def test_a_column_refuses_what_would_be_wrong_by_a_million(operation):
    with pytest.raises(TypeError, match="exact_sql"):
        operation(NUMBERS.c.n, NUMBERS.c.n)
