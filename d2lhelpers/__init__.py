"""The package shared by the notebooks of a course on linear regression in PyTorch."""

from typing import TYPE_CHECKING, Any

from d2lhelpers.data import data_iter, load_array, synthetic_data
from d2lhelpers.linear import linreg, sgd, squared_loss
from d2lhelpers.tables import crop_yields, longley, longley_certified
from d2lhelpers.timing import Timer, in_turn

if TYPE_CHECKING:
    from tellwhy.training import checkup

__all__ = [
    "Timer",
    "checkup",
    "crop_yields",
    "data_iter",
    "in_turn",
    "linreg",
    "load_array",
    "longley",
    "longley_certified",
    "sgd",
    "squared_loss",
    "synthetic_data",
]


def __getattr__(name: str) -> Any:
    """Import `checkup`, of a package of its own, when it is used for the first time."""
    if name == "checkup":
        from tellwhy.training import checkup

        return checkup
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
