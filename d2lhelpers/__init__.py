"""The package shared by the notebooks of a course on linear regression in PyTorch."""

from d2lhelpers.data import data_iter, load_array, synthetic_data
from d2lhelpers.linear import linreg, sgd, squared_loss
from d2lhelpers.tables import crop_yields, longley, longley_certified
from d2lhelpers.timing import Timer, in_turn

__all__ = [
    "Timer",
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
