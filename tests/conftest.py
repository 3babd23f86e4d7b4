"""Settings that all tests share, and the run of the course that more than one looks at."""

import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import settings
from notebook_checks import QUICK, SLOW
from rerun import login_node, nbval

# The same examples on every run, and no stopwatch: a busy machine must not fail a test.
settings.register_profile("course", deadline=None, derandomize=True, max_examples=25)
settings.load_profile("course")


class Rerun(NamedTuple):
    """What nbval said of the notebooks, and the folder of the pictures that they drew."""

    report: subprocess.CompletedProcess[str]
    pictures: Path


@pytest.fixture(scope="session")
def on_login_node(tmp_path_factory: pytest.TempPathFactory) -> Rerun:
    """The course, run once on another kind of machine: its outputs and its pictures."""
    return _rerun(QUICK, tmp_path_factory)


@pytest.fixture(scope="session")
def slow_on_login_node(tmp_path_factory: pytest.TempPathFactory) -> Rerun:
    """The same of the notebooks that start processes."""
    return _rerun(SLOW, tmp_path_factory)


def _rerun(paths: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Rerun:
    environment = login_node(tmp_path_factory.mktemp("login_node"))
    pictures = tmp_path_factory.mktemp("pictures")
    return Rerun(nbval(*paths, pictures=pictures, environment=environment), pictures)
