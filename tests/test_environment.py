"""pyproject.toml, constraints.txt and environment.yml ask for the same things."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
GROUPS: dict[str, list[str]] = {
    "": PROJECT["dependencies"],
    **PROJECT["optional-dependencies"],
}
DEPENDENCIES = [Requirement(line) for group in GROUPS.values() for line in group]
CONSTRAINTS = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
CONDA: dict[str, Any] = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))

# What conda-forge calls by another name.
CONDA_NAMES = {
    "jupyter-server": "jupyter_server",
    "matplotlib": "matplotlib-base",
    "playwright": "playwright-python",
    "torch": "pytorch",
}


def test_conda_asks_for_the_same_names_and_bounds_and_then_for_the_package() -> None:
    lines = [line for name, group in GROUPS.items() if name != "publish" for line in group]
    needs = map(Requirement, lines)
    same = [f"{CONDA_NAMES.get(need.name, need.name)} {need.specifier}" for need in needs]
    python = f"python {PROJECT['requires-python']}"
    # What publishes is on PyPI alone in part, and comes with the package.
    assert CONDA["dependencies"] == [python, "pip", *same, {"pip": ["-e .[publish]"]}]
    assert CONDA["channels"] == ["conda-forge"]


def test_the_makefile_asks_for_the_same_python() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (oldest,) = re.findall(r"sys\.exit\(sys\.version_info < \((\d+), (\d+)\)\)", makefile)
    assert PROJECT["requires-python"] == ">=" + ".".join(oldest)


@pytest.mark.parametrize("need", DEPENDENCIES, ids=str)
def test_every_dependency_is_pinned_within_its_bounds(need: Requirement) -> None:
    pins = [
        pin for pin in map(Requirement, CONSTRAINTS) if canonicalize_name(pin.name) == need.name
    ]
    assert pins
    for pin in pins:
        (exact,) = pin.specifier
        assert exact.operator == "=="
        assert need.specifier.contains(exact.version)


def test_the_pins_hold_on_every_machine() -> None:
    plain = re.compile(r"[a-z0-9-]+==[0-9][0-9a-z.]*( ; .+)?")
    assert [line for line in CONSTRAINTS if not plain.fullmatch(line)] == []


def test_every_workflow_can_be_read() -> None:
    for path in (ROOT / ".github" / "workflows").glob("*.yml"):
        jobs = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]
        assert all(job["steps"] for job in jobs.values())
