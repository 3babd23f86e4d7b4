"""The course in the environments of tests/elsewhere, where they were made: they take gigabytes."""

import subprocess
import sys

import pytest
from machine import ROOT, lacks


@pytest.mark.long
@pytest.mark.alone
@pytest.mark.parametrize("name", ["colab", "lowest"])
def test_the_course_runs_with_the_versions_of(name: str) -> None:
    if not (ROOT / f".venv-{name}").is_dir():
        lacks(name, f"`python tests/elsewhere {name}` was not run here")
    command = [sys.executable, str(ROOT / "tests" / "elsewhere"), name]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout
