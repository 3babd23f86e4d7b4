"""`make test` with every Python of this machine that the course supports, in a fresh checkout."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from machine import DECLARED, fresh_checkout, lacks, need_make

pytestmark = [pytest.mark.long, pytest.mark.alone]


def pythons() -> dict[str, str]:
    """The interpreters on the PATH and of pyenv, by "python3.12"; not the one that runs this."""
    found = dict.fromkeys((name for name in DECLARED if name.startswith("python3.")), "")
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    folders = [*map(Path, os.get_exec_path()), *pyenv.glob("*/bin")]
    for path in (path for folder in folders for path in folder.glob("python3.*")):
        if re.fullmatch(r"python3\.(1[1-9]|[2-9]\d)", path.name) and not found.get(path.name):
            # A shim of pyenv stands on the PATH, and starts nothing.
            works = subprocess.run([path, "-c", "import ensurepip, venv"], capture_output=True)
            found[path.name] = "" if works.returncode else str(path)
    found.pop(f"python3.{sys.version_info.minor}", None)
    return found


@pytest.mark.parametrize(("name", "path"), sorted(pythons().items()))
def test_the_second_command_of_the_readme_works_with(name: str, path: str, tmp_path: Path) -> None:
    """Catches a line that one version's types or warnings refuse."""
    need_make()
    if not path:
        lacks(name, f"there is no {name} here")
    checkout = fresh_checkout(tmp_path / "course")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "PYTEST"))}
    # `make test` installs no hub, and the copy has no history.
    environment["MACHINE_HAS"] = " ".join(sorted(DECLARED - {"hub", "checkout"}))
    try:
        done = subprocess.run(
            ["make", "test", f"PYTHON={path}"],
            cwd=checkout,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=1500,
        )
        assert done.returncode == 0, done.stdout
    finally:
        shutil.rmtree(checkout)  # gigabytes
