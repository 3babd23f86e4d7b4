"""The package as a whole: its names, its manners when imported, and the files it carries."""

import inspect
import subprocess
import sys
from importlib import resources
from typing import Any

import matplotlib.pyplot as plt
import pytest
from matplotlib.colors import to_rgb

import d2lhelpers

SIGNATURES = {
    "Timer": "()",
    "checkup": "()",
    "crop_yields": "()",
    "data_iter": "(batch_size, features, labels, *, generator=None)",
    "in_turn": "(calls, *, rounds=7, holds=None, seconds=10.0)",
    "linreg": "(X, w, b)",
    "load_array": "(data_arrays, batch_size, is_train=True, *, generator=None)",
    "longley": "()",
    "longley_certified": "()",
    "sgd": "(params, lr, batch_size)",
    "squared_loss": "(y_hat, y)",
    "synthetic_data": "(w, b, num_examples, *, noise=0.01, generator=None)",
}
TIMER_METHODS = ["start", "stop", "avg", "sum", "cumsum"]


def test_the_public_names_are_these() -> None:
    assert sorted(d2lhelpers.__all__) == sorted(SIGNATURES)


@pytest.mark.parametrize("name", SIGNATURES)
def test_each_is_called_as_learners_know_it(name: str) -> None:
    signature = inspect.signature(getattr(d2lhelpers, name))
    bare = [p.replace(annotation=p.empty) for p in signature.parameters.values()]
    assert str(inspect.Signature(bare)) == SIGNATURES[name]


@pytest.mark.parametrize("name", SIGNATURES)
def test_each_is_documented_with_an_example(name: str) -> None:
    assert ">>> " in (getattr(d2lhelpers, name).__doc__ or "")


@pytest.mark.parametrize("method", TIMER_METHODS)
def test_each_method_of_the_timer_is_documented(method: str) -> None:
    assert getattr(d2lhelpers.Timer, method).__doc__


@pytest.mark.parametrize("name", SIGNATURES)
def test_each_says_what_it_takes_and_returns(name: str) -> None:
    """mypy is content with Any."""
    function: Any = getattr(d2lhelpers, name)
    types = inspect.get_annotations(function.__init__ if inspect.isclass(function) else function)
    assert types.keys() == {*inspect.signature(function).parameters, "return"}
    assert not any("Any" in str(kind) for kind in types.values())


STATE = """
import random, sys, numpy, torch
def state():
    return (
        torch.get_default_dtype(), torch.get_num_threads(), torch.initial_seed(),
        torch.get_rng_state().tolist(), torch.is_grad_enabled(),
        torch.are_deterministic_algorithms_enabled(), repr(torch.tensor(1 / 3)),
        random.getstate(), str(numpy.random.get_state()),
    )
before = state()
import d2lhelpers
assert not {"matplotlib", "pandas", "ipywidgets", "IPython"} & set(sys.modules)
assert "tellwhy.training" not in sys.modules
import matplotlib
matplotlib.use("agg")
settings = dict(matplotlib.rcParams)
import d2lhelpers.plotting
assert state() == before
assert dict(matplotlib.rcParams) == settings
"""


def test_the_import_is_silent_brings_no_heavy_library_and_changes_no_global_state() -> None:
    run = subprocess.run([sys.executable, "-c", STATE], capture_output=True, text=True)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


FILES = [
    "py.typed",
    "crop_yields.csv",
    "longley.csv",
    "longley_certified.csv",
    "d2lhelpers.mplstyle",
]


@pytest.mark.parametrize("name", FILES)
def test_the_files_are_part_of_the_package(name: str) -> None:
    assert resources.files("d2lhelpers").joinpath(name).is_file()


def cycle() -> list[str]:
    with plt.style.context("d2lhelpers.d2lhelpers"):
        return [color.upper() for color in plt.rcParams["axes.prop_cycle"].by_key()["color"]]


def test_the_colours_are_those_of_okabe_and_ito() -> None:
    """The palette that was published to be told apart with every kind of colour vision."""
    palette = ["000000", "E69F00", "56B4E9", "009E73", "F0E442", "0072B2", "D55E00", "CC79A7"]
    assert set(cycle()) < set(palette) | {f"#{color}" for color in palette}


def luminance(color: str) -> float:
    parts = to_rgb(color if color.startswith("#") else f"#{color}")
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(share * c for share, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_the_first_colours_stand_out_from_white_and_differ_in_brightness() -> None:
    """A contrast of 3 to 1 is what WCAG 2 asks of a line in a figure."""
    first = [luminance(color) for color in cycle()[:3]]
    assert all(1.05 / (value + 0.05) >= 3 for value in first)
    assert first == sorted(first)
    assert len({round(value, 2) for value in first}) == 3
