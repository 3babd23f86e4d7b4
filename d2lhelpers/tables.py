"""The tables that come with the package, as CSV files that name their sources and units."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def crop_yields() -> pd.DataFrame:
    """Return yields of apples and oranges in five regions, made up for a tutorial.

    Source: five rows of "Linear Regression with PyTorch" by Aakash N S. The other ten repeat
    them, their numbers changed by at most one (a single one by two).

    Returns:
        15 rows with `region` (A to E), the inputs `temperature_F` (°F), `rainfall_mm` (mm) and
        `humidity_pct` (%), and the targets `apples_t_ha` and `oranges_t_ha` (metric tons per
        hectare). Each call returns a new table.

    Example:
        >>> crop_yields().shape
        (15, 6)
    """
    return _table("crop_yields.csv")


def longley() -> pd.DataFrame:
    """Return the American economy from 1947 to 1962, in government statistics.

    Source: J. W. Longley, Journal of the American Statistical Association 62 (1967), 819-841, as
    in NIST's Statistical Reference Datasets.

    Returns:
        16 rows with the features `prices_1954_100` (an index, 1954 = 100), `gnp_million_usd`,
        `unemployed_thousand`, `armed_forces_thousand`, `population_thousand` (of 14 years and
        over) and `year`, and the label `employed_thousand`. Each call returns a new table.

    Example:
        >>> longley().shape
        (16, 7)
    """
    return _table("longley.csv")


def longley_certified() -> pd.DataFrame:
    """Return the exact linear fit to `longley()`, certified by NIST to fifteen digits.

    Returns:
        `coefficient` and `standard_deviation` (thousands of people per unit of the feature) for
        each feature of `longley()`, in its order, and for the `intercept`.

    Example:
        >>> longley_certified().loc["year", "coefficient"].item()
        1829.15146461355
    """
    return _table("longley_certified.csv").set_index("column")


def _table(name: str) -> pd.DataFrame:
    import pandas as pd  # here, because it would double the cost of importing the package

    with resources.files("d2lhelpers").joinpath(name).open(encoding="utf-8") as file:
        return pd.read_csv(file, comment="#")
