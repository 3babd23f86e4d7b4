"""Try the course in another environment: `python tests/elsewhere NAME`, gigabytes each.

`colab` has the versions of colab.txt, `lowest` the lowest that the packages allow. The environment
is made once, in .venv-NAME. There the wheels are installed, which must change nothing else, the
tests of the packages run, and the notebooks as `make colab` copies them, each output compared.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import nbformat

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PYTHONS = {"colab": "3.13", "lowest": "3.11"}
OURS = ("tellwhy", "d2lhelpers")
TESTS = ("data", "linear", "timing")  # the explorers are run in the notebooks
RUNNER = ("nbval>=0.11", "pytest>=8", "hypothesis", "pytest-timeout")


def main(name: str) -> int:
    """Make the environment if it is not there, and try the course in it."""
    python = ROOT / f".venv-{name}" / "bin" / "python"
    if not python.exists():
        make(name, python)
    with tempfile.TemporaryDirectory() as folder:
        wheels = build(Path(folder))
        others = changed(python, wheels)
        if others != set(OURS):
            print(f"{name}: pip would install {', '.join(sorted(others))}")
            return 1
        install(python, "--no-deps", "--force-reinstall", *map(str, wheels))
        return tests(python) or notebooks(python, Path(folder))


def make(name: str, python: Path) -> None:
    """Make an environment with exact versions."""
    found = interpreter(PYTHONS[name])
    subprocess.run([found, "-m", "venv", python.parents[1]], check=True)
    try:
        exact = lowest() if name == "lowest" else pins(HERE / "colab.txt")
        install(python, *exact, *RUNNER)
    except BaseException:
        shutil.rmtree(python.parents[1])
        raise


def interpreter(version: str) -> str:
    """Return where an interpreter is, of pyenv's or on the PATH.

    Raises:
        FileNotFoundError: there is none of this version.
    """
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = sorted(map(str, versions.glob(f"{version}.*/bin/python")))
    found += filter(None, [shutil.which(f"python{version}")])
    if not found:
        raise FileNotFoundError(f"Python {version} is needed, and neither on the PATH nor pyenv's")
    return found[0]


def pins(path: Path) -> list[str]:
    """Return the lines of a file but for comments."""
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line[0] != "#"]


def lowest() -> list[str]:
    """Return the lowest versions of what the packages and running a notebook need."""
    needs = ["ipython==7.34.0"]  # what the lowest ipykernel is met with
    for path in (ROOT / "tellwhy" / "pyproject.toml", ROOT / "pyproject.toml"):
        project = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
        needs += project["dependencies"]
        needs += [n for n in project["optional-dependencies"].get("lab", []) if "ipy" in n]
    bounds = [re.match(r"([\w-]+)(?:>=|==)([\d.]+)", need) for need in needs]
    return [f"{b[1]}=={b[2]}" for b in bounds if b and b[1] not in OURS]


def install(python: Path, *what: str) -> None:
    """Install by pip, whatever constraint the machine has."""
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *what]
    subprocess.run(command, check=True)


def build(folder: Path) -> list[Path]:
    """Build the wheels of both packages."""
    for source in (ROOT / "tellwhy", ROOT):
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", str(source)]
        subprocess.run([*command, "--wheel-dir", str(folder)], check=True)
    return sorted(folder.glob("*.whl"))


def changed(python: Path, wheels: list[Path]) -> set[str]:
    """Return what pip would install if it were asked for the wheels."""
    command = [str(python), "-m", "pip", "install", "--quiet", "--dry-run", "--report", "-"]
    said = subprocess.run(
        [*command, *map(str, wheels)], check=True, capture_output=True, text=True
    ).stdout
    return {one["metadata"]["name"] for one in json.loads(said)["install"]} | set(OURS)


def tests(python: Path) -> int:
    """Run the packages' own tests; return the exit status."""
    files = [f"tests/test_{name}.py" for name in TESTS]
    command = [str(python), "-m", "pytest", "-q", "-m", "not long", "-p", "no:cacheprovider"]
    command += ["-W", "ignore::DeprecationWarning"]  # of old libraries beside newer ones
    return subprocess.run([*command, *files], cwd=ROOT).returncode


def notebooks(python: Path, folder: Path) -> int:
    """Run the copies for Colab against the outputs that are stored in the course."""
    program = "import sys, pathlib as p; from publish import colab as c; "
    program += "c.TARGET, c.ROOT = p.Path(sys.argv[1], 'copies'), p.Path(sys.argv[1]); c.main()"
    environment = os.environ | {"COURSE_REPOSITORY": "https://github.com/somebody/course"}
    subprocess.run([sys.executable, "-c", program, folder], cwd=ROOT, env=environment, check=True)
    for path in sorted((folder / "copies").glob("*.ipynb")):
        stored = nbformat.read(ROOT / "notebooks" / path.name, as_version=4)
        copy = nbformat.read(path, as_version=4)
        copy.cells[1:] = stored.cells
        nbformat.write(copy, path)
    command = [str(python), "-m", "pytest", "-q", "--nbval", "--nbval-current-env"]
    command += ["--nbval-cell-timeout=120", f"--nbval-sanitize-with={ROOT}/tests/sanitize.cfg"]
    command += ["-p", "no:cacheprovider", "--rootdir", str(folder), str(folder / "copies")]
    return subprocess.run(command, cwd=folder).returncode


if __name__ == "__main__":
    if sys.argv[1:] not in [[name] for name in PYTHONS]:
        sys.exit(f"usage: python tests/elsewhere {{{','.join(PYTHONS)}}}")
    sys.exit(main(sys.argv[1]))
