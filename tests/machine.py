"""What the machine has that runs the tests.

Where something is missing, a test that needs it is skipped with the reason. CI declares in
MACHINE_HAS what its machine has: what is declared and missing fails.
"""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).parents[1]
THINGS = {"browser", "checkout", "colab", "environment", "hub", "lowest", "make", "namespaces"}
THINGS |= {"memory", "publish", "users"}
DECLARED = set(os.environ.get("MACHINE_HAS", "").split())


def lacks(thing: str, reason: str) -> NoReturn:
    """Skip the test, or the module, as a thing is missing; fail where CI declares that it is here.

    A Python of another version is called "python3.12".
    """
    assert thing in THINGS or thing.startswith("python3."), thing
    if thing in DECLARED:
        pytest.fail(f"{thing} is declared: {reason}", pytrace=False)
    pytest.skip(reason, allow_module_level=True)


def need_packages(thing: str, *names: str) -> None:
    """Go on only if packages can be imported."""
    for name in names:
        if not find_spec(name):
            lacks(thing, f"{name} is not installed")


def need_chromium() -> str:
    """Return where a Chromium is."""
    from publish import browser

    return browser.find() or lacks("browser", "there is no Chromium here")


def need_make() -> None:
    """Go on only if there is make, and what it calls."""
    if sys.platform == "win32" or not shutil.which("make"):
        lacks("make", "there is no make here")


def need_environment() -> None:
    """Go on only if the environment of this checkout is the one that make sets up."""
    need_make()
    if subprocess.run(["make", "-q", ".venv/.ready"], cwd=ROOT, capture_output=True).returncode:
        lacks("environment", "the environment here was not made by `make setup`, or is old")


def need_users() -> None:
    """Go on only if users of the system can be made, as root can."""
    programs = ("useradd", "userdel", "chpasswd", "unshare", "setpriv")
    if sys.platform == "win32" or os.geteuid() != 0 or not all(map(shutil.which, programs)):
        lacks("users", "only root can make users of the system")


def fresh_checkout(folder: Path) -> Path:
    """Return a new folder with what git knows of the checkout, as it is now."""
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        lacks("checkout", "this is no checkout, or there is no git")
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.check_output(listing, cwd=ROOT, text=True).split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder
