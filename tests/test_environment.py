"""pyproject.toml, constraints.txt and environment.yml ask for the same things."""

import json
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
EXTRAS = PROJECT["optional-dependencies"]
OURS = "tellwhy"


def needs(*groups: list[str]) -> list[Requirement]:
    return [Requirement(line) for group in groups for line in group if not line.startswith(OURS)]


DEPENDENCIES = needs(PROJECT["dependencies"], *EXTRAS.values())
CONSTRAINTS = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
CONDA: dict[str, Any] = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))

# What conda-forge calls by another name.
CONDA_NAMES = {
    "jupyter-server": "jupyter_server",
    "matplotlib": "matplotlib-base",
    "playwright": "playwright-python",
    "torch": "pytorch",
}


def in_conda(*groups: list[str]) -> list[str]:
    return [f"{CONDA_NAMES.get(need.name, need.name)} {need.specifier}" for need in needs(*groups)]


def test_conda_asks_for_the_same_names_and_bounds_and_then_for_the_package() -> None:
    elsewhere = {"hub", "mutate", "publish"}  # set up by make, and from PyPI alone
    extras = [group for name, group in EXTRAS.items() if name not in elsewhere]
    python = f"python {PROJECT['requires-python']}"
    same = in_conda(PROJECT["dependencies"], *extras)
    assert CONDA["dependencies"] == [
        python,
        "pip",
        *same,
        {"pip": ["-e ./tellwhy", "-e .[publish]"]},
    ]
    assert CONDA["channels"] == ["conda-forge"]


def test_binder_asks_for_what_running_the_notebooks_needs() -> None:
    """Catches an image that lacks what was added to pyproject.toml."""
    binder = yaml.safe_load((ROOT / ".binder" / "environment.yml").read_text(encoding="utf-8"))
    python, *rest = binder["dependencies"]
    assert rest == in_conda(PROJECT["dependencies"], EXTRAS["lab"])
    # Only in this form does repo2docker know the version.
    exact = re.fullmatch(r"python=(\d+\.\d+)", python)
    assert exact
    assert Requirement("python" + PROJECT["requires-python"]).specifier.contains(exact[1])


def test_the_values_for_kubernetes_are_few_and_those_of_the_hub() -> None:
    """Catches a limit or a time that was changed for one server and not for a department."""
    page = (ROOT / "docs" / "kubernetes.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert text.count("\n") <= 40
    values = yaml.safe_load(text)
    config = (ROOT / "classroom" / "hub" / "jupyterhub_config.py").read_text(encoding="utf-8")
    assert f'mem_limit = "{values["singleuser"]["memory"]["limit"]}"' in config
    assert f'default_url = "{values["singleuser"]["defaultUrl"]}"' in config
    for argument in values["hub"]["config"]["KubeSpawner"]["args"]:
        assert argument.replace("3600", "{HOUR}") in config
    assert values["cull"]["timeout"] == 2 * 3600
    assert "--timeout={2 * HOUR}" in config


def test_the_proxy_of_the_hub_is_locked_and_names_no_registry() -> None:
    """Catches a proxy that is another one tomorrow, or can be had from one address only."""
    asked = json.loads((ROOT / "classroom" / "hub" / "package.json").read_text(encoding="utf-8"))
    locked = json.loads(
        (ROOT / "classroom" / "hub" / "package-lock.json").read_text(encoding="utf-8")
    )
    packages = locked["packages"]
    assert packages.pop("")["dependencies"] == asked["dependencies"]
    for name, version in asked["dependencies"].items():
        assert packages[f"node_modules/{name}"]["version"] == version
    assert all("integrity" in package for package in packages.values())
    assert not any("resolved" in package for package in packages.values())


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
