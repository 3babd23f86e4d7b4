"""The tables of the package: their rows, their units, and what is known of them."""

import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from d2lhelpers import crop_yields, longley, longley_certified


def test_crop_yields_are_the_fifteen_rows() -> None:
    table = crop_yields()
    rows = list(table.itertuples(index=False, name=None))
    assert len(rows) == 15
    assert rows[0] == ("A", 73, 67, 43, 56, 70)
    assert rows[3] == ("D", 102, 43, 37, 22, 37)
    assert rows[12] == ("C", 87, 135, 57, 118, 134)
    assert rows[14] == ("E", 68, 97, 70, 102, 120)
    assert table.drop(columns="region").sum().tolist() == [1267, 1283, 818, 1140, 1380]


def test_the_columns_name_their_units() -> None:
    assert list(crop_yields()) == [
        "region",
        "temperature_F",
        "rainfall_mm",
        "humidity_pct",
        "apples_t_ha",
        "oranges_t_ha",
    ]


def test_the_best_linear_fit_has_the_known_loss() -> None:
    table = crop_yields().drop(columns="region").to_numpy(dtype=float)
    inputs, targets = np.column_stack([table[:, :3], np.ones(15)]), table[:, 3:]
    weights = np.linalg.lstsq(inputs, targets, rcond=None)[0]
    assert np.mean((inputs @ weights - targets) ** 2) == pytest.approx(0.909, abs=0.001)


def test_each_row_is_there_three_times_changed_by_one_and_a_single_number_by_two() -> None:
    """What the notebook says of how the table was made."""
    table = crop_yields()
    assert table["region"].tolist() == [*"ABCDE"] * 3
    numbers = table.drop(columns="region").to_numpy().reshape(3, 5, 5)
    changes = np.abs(numbers[1:] - numbers[0])
    assert np.bincount(changes.flatten()).tolist()[2:] == [1]


@pytest.mark.parametrize("read", [crop_yields, longley, longley_certified])
def test_each_call_returns_a_new_table(read: Callable[[], pd.DataFrame]) -> None:
    table = read()
    table.iloc[0] = table.iloc[1]
    assert not table.equals(read())


# longley


def test_longley_is_the_sixteen_years_in_its_units() -> None:
    table = longley()
    assert list(table) == [
        "prices_1954_100",
        "gnp_million_usd",
        "unemployed_thousand",
        "armed_forces_thousand",
        "population_thousand",
        "year",
        "employed_thousand",
    ]
    assert table.iloc[0].tolist() == [83.0, 234289, 2356, 1590, 107608, 1947, 60323]
    assert table.iloc[-1].tolist() == [116.9, 554894, 4007, 2827, 130081, 1962, 70551]
    assert table["year"].tolist() == [*range(1947, 1963)]
    assert table.sum().round(1).tolist() == [
        1626.9, 6203175, 51093, 41707, 1878784, 31272, 1045072,
    ]  # fmt: skip


Row = list[Fraction]


def dot(a: Row, b: Row) -> Fraction:
    return sum((x * y for x, y in zip(a, b, strict=True)), Fraction(0))


def exact_fit(table: pd.DataFrame) -> tuple[Row, list[Row], Fraction]:
    """Solve the normal equations in fractions: the weights, the inverse, the squared errors."""
    rows = [
        [*map(Fraction, row), Fraction(1)] for row in table.astype(str).iloc[:, :-1].values.tolist()
    ]
    labels = [Fraction(label) for label in table.iloc[:, -1].tolist()]
    columns = [list(column) for column in zip(*rows, strict=True)]
    unit = [[Fraction(i == j) for j in range(len(columns))] for i in range(len(columns))]
    wide = [[dot(a, b) for b in columns] + line for a, line in zip(columns, unit, strict=True)]
    for i, _ in enumerate(wide):  # Gauss and Jordan
        wide[i] = [value / wide[i][i] for value in wide[i]]
        for k, line in enumerate(wide):
            if k != i:
                wide[k] = [a - line[i] * b for a, b in zip(line, wide[i], strict=True)]
    inverse = [line[len(columns) :] for line in wide]
    moments = [dot(column, labels) for column in columns]
    weights = [dot(line, moments) for line in inverse]
    errors = [label - dot(row, weights) for row, label in zip(rows, labels, strict=True)]
    return weights, inverse, dot(errors, errors)


def test_every_certified_digit_is_that_of_exact_arithmetic() -> None:
    """Catches a wrong digit in either table."""
    weights, inverse, squares = exact_fit(longley())
    certified = longley_certified()
    assert list(certified.index) == [*[*longley()][:-1], "intercept"]
    variance = squares / 9
    assert f"{math.sqrt(variance):.12f}" == "304.854073561965"
    for i, (_, row) in enumerate(certified.iterrows()):
        assert float(weights[i]) == pytest.approx(row["coefficient"], rel=5e-15)
        deviation = math.sqrt(variance * inverse[i][i])
        assert deviation == pytest.approx(row["standard_deviation"], rel=5e-15)
