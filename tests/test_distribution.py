"""What is uploaded: built, checked, and installed into an empty environment."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from machine import ROOT, need_packages

pytestmark = pytest.mark.long
need_packages("publish", "build", "twine")
SOURCES = {"tellwhy": ROOT / "tellwhy", "d2lhelpers": ROOT}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheels and the source distributions of both packages."""
    folder = tmp_path_factory.mktemp("dist")
    for source in SOURCES.values():
        command = [sys.executable, "-m", "build", "--outdir", str(folder), str(source)]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_the_index_would_take_them(built: Path) -> None:
    """Catches a description that cannot be shown."""
    files = sorted(built.iterdir())
    assert len(files) == 2 * len(SOURCES)
    command = [sys.executable, "-m", "twine", "check", "--strict", *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", SOURCES)
def test_a_wheel_holds_its_package_whole_and_nothing_else(name: str, built: Path) -> None:
    """Catches tests, notebooks and the class in a wheel, and a data file that is left out."""
    (wheel,) = built.glob(f"{name}-*.whl")
    names = {path for path in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in path}
    inside = {"tellwhy": "src", "d2lhelpers": "."}[name]
    package = SOURCES[name] / inside / name
    files = [path for path in package.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert names == {f"{name}/{path.relative_to(package).as_posix()}" for path in files}


def test_the_example_of_the_readme_runs_where_nothing_else_is(built: Path, tmp_path: Path) -> None:
    """Catches a dependency that is not declared, and a file that only the checkout has."""
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    install = [str(python), "-m", "pip", "install", "--quiet", "--constraint"]
    subprocess.run([*install, ROOT / "constraints.txt", *built.glob("*.whl")], check=True)
    program = f"import doctest, sys; sys.exit(doctest.testfile({str(ROOT / 'README.md')!r}, "
    program += "module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE).failed)"
    subprocess.run([python, "-c", program], cwd=tmp_path, check=True)
    program = "from d2lhelpers import crop_yields, exercises; print(len(crop_yields()))"
    shown = subprocess.check_output([python, "-c", program], cwd=tmp_path, text=True)
    assert shown == "15\n"
