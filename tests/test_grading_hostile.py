"""A folder with everything that can go wrong, among 50 ordinary submissions."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from grading_class import (
    COUNT,
    RIGHT,
    ROUNDED_DOWN,
    answered,
    short,
    table,
    with_cell,
    write,
)

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(sys.platform != "linux", reason="the limits are Linux's"),
]

WRONG = {**RIGHT, COUNT: ROUNDED_DOWN}
STATEMENTS = [RIGHT[COUNT], ROUNDED_DOWN, "def minibatch_count(num_examples, batch_size):\n    ..."]


def in_a_cell(source: str, answers: dict[str, str] = RIGHT) -> Any:
    return with_cell(answered(short(), answers), source)


def without(name: str) -> Any:
    notebook = answered(short(), RIGHT)
    notebook["cells"] = [c for c in notebook["cells"] if name not in "".join(c["source"])]
    return notebook


def renamed(*, check: bool) -> Any:
    notebook = json.dumps(answered(short(), RIGHT))
    notebook = notebook.replace(f"def {COUNT}", "def my_count")
    given = f"exercises.{COUNT}.check({COUNT})"
    return notebook.replace(given, given.replace(f"({COUNT})", "(my_count)") if check else "")


def in_another_order() -> Any:
    notebook = answered(short(), RIGHT)
    notebook["cells"][1:] = notebook["cells"][:0:-1]
    return notebook


def answer(body: str) -> Any:
    return answered(short(), {**RIGHT, COUNT: f"def minibatch_count(n, size):\n    {body}"})


UNINTERRUPTED = "import signal; signal.signal(2, signal.SIG_IGN)\nwhile True: pass"
FAKE = """
import sys, types
fake = types.ModuleType("d2lhelpers")
fake.exercises = exercises = types.SimpleNamespace()
for name in ("minibatch_count", "gradient", "closed_form", "sgd_momentum"):
    setattr(exercises, name, types.SimpleNamespace(check=lambda answer: print("right")))
sys.modules["d2lhelpers"] = fake
"""

# The file's name: what is in it, the status of its first exercise, and what the note says.
HOSTILE: dict[str, tuple[Any, str, str]] = {
    "broken": ('{"cells": [', "not checked", "broken JSON, line 1"),
    "empty": ("", "not checked", "the file is empty"),
    "a list": ("[1, 2]", "not checked", "no notebook"),
    "deep": ("[" * 100_000, "not checked", "no notebook"),
    "bytes": ("\x00\udcff\udcfe", "not checked", "broken JSON"),
    "elsewhere": (
        {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5},
        "missing",
        "no function minibatch_count",
    ),
    "deleted": (without(COUNT), "missing", "no function minibatch_count"),
    "renamed": (renamed(check=True), "right", ""),
    "renamed unchecked": (renamed(check=False), "missing", "no function minibatch_count"),
    "order": (in_another_order(), "right", ""),
    "exception": (in_a_cell("1 / 0"), "right", "ZeroDivisionError: division by zero"),
    "syntax": (answer("return ("), "wrong", "SyntaxError"),
    "endless": (in_a_cell("while True: pass"), "right", "Timeout: it was interrupted"),
    "stubborn": (in_a_cell(UNINTERRUPTED), "not checked", "could not be interrupted"),
    "exit": (
        in_a_cell("import os; os._exit(0)"),
        "not checked",
        "cell 2 (before the first heading) ended the kernel",
    ),
    "abort": (
        in_a_cell("import os; os.abort()"),
        "not checked",
        "cell 2 (before the first heading) ended the kernel",
    ),
    "fork": (in_a_cell("import os; os.fork()"), "right", ""),
    "killer": (in_a_cell("import os; os.kill(-1, 9)"), "right", ""),
    "memory": (in_a_cell("bytearray(10**10)"), "right", "MemoryError: it asked for more"),
    "tensor": (in_a_cell("torch.ones(10**10 // 4)"), "right", "can't allocate memory"),
    "loud": (in_a_cell("print('x' * 200_000_000)"), "right", ""),
    "shown": (in_a_cell("'x' * 200_000_000"), "right", ""),
    "input": (in_a_cell("input()"), "right", "it calls input(), and nobody is there"),
    "moved": (in_a_cell("import os; os.makedirs('a'); os.chdir('a')"), "right", ""),
    "deleting": (in_a_cell("!rm -rf ./* ../* FOLDER"), "right", ""),
    "fake package": (in_a_cell(FAKE, WRONG), "wrong", "replaced in the notebook: d2lhelpers"),
    "fake check": (
        in_a_cell("type(exercises.gradient).check = lambda *_: 'right'", WRONG),
        "wrong",
        "check",
    ),
    "fake tensor": (
        in_a_cell("torch.Tensor.mean = torch.Tensor.sum", WRONG),
        "wrong",
        "replaced in the notebook: torch.Tensor.mean",
    ),
    "says right": (in_a_cell("print('minibatch_count: right.')", WRONG), "wrong", ""),
    "called endless": (answer("while True: pass"), "wrong", ""),
    "called waits": (
        answer("import time\n    while True: time.sleep(1)"),
        "not checked",
        "the check of the answer took longer than 60 s",
    ),
    "called exits": (
        answer("import os; os._exit(0)"),
        "not checked",
        "the check of the answer ended the process",
    ),
    "called replaces": (
        answer("import math; math.ceil = lambda x: 3; return 3"),
        "not checked",
        "math.ceil",
    ),
    "=1+1 ada": (answered(short(), RIGHT), "right", ""),
    "<img src=x onerror=alert(1)>": (answered(short(), RIGHT), "right", ""),
    'it\'s "Ada" 🌾': (answered(short(), RIGHT), "right", ""),
    "a" * 230: (answered(short(), RIGHT), "right", ""),
}


def ordinary(folder: Path) -> None:
    for number in range(50):
        notebook = answered(short(), {**RIGHT, COUNT: STATEMENTS[number % 3]})
        notebook = with_cell(notebook, f"# {number % 7}")
        write(folder / f"student{number:02}_03_regression.ipynb", notebook)


def hostile(folder: Path) -> None:
    for name, (content, _, _) in HOSTILE.items():
        if not isinstance(content, str):
            content = json.dumps(content).replace("FOLDER", str(folder))
        path = folder / f"{name}_03.ipynb"
        path.write_bytes(content.encode("utf-8", "surrogateescape"))
    write(folder / "twice" / "03.ipynb", answered(short(), WRONG))
    newer = write(folder / "twice" / "03-Copy1.ipynb", answered(short(), RIGHT))
    os.utime(newer, (newer.stat().st_mtime + 10,) * 2)
    outside = write(folder.parent / "outside" / "03_regression.ipynb", answered(short(), RIGHT))
    (folder / "link_03.ipynb").symlink_to(outside)
    (folder / "linked").symlink_to(outside.parent)
    os.mkfifo(folder / "pipe_03.ipynb")
    (folder / "nothing").mkdir()
    write(folder / "another course.ipynb", HOSTILE["elsewhere"][0])


def grade(folder: Path, results: Path) -> subprocess.CompletedProcess[str]:
    limits = ["--cell-seconds", "10", "--notebook-seconds", "90"]
    command = [sys.executable, "-m", "classroom.grading", str(folder), "--out", str(results)]
    return subprocess.run([*command, *limits], check=True, capture_output=True, text=True)


def contents(folder: Path) -> dict[str, tuple[int, bytes]]:
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in files}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The results for the ordinary submissions alone, and for all."""
    base = tmp_path_factory.mktemp("class")
    folder = base / "submissions"
    ordinary(folder)
    grade(folder, base / "alone")
    hostile(folder)
    before = contents(folder)
    run = grade(folder, base / "all")
    assert contents(folder) == before, "something wrote to SUBMISSIONS"
    assert run.stderr == ""
    return base / "alone", base / "all"


def test_the_ordinary_rows_are_the_same_with_and_without_the_others(
    runs: tuple[Path, Path],
) -> None:
    def rows(results: Path) -> list[dict[str, str]]:
        found = [row for row in table(results) if row["student"].startswith("student")]
        return [{key: text for key, text in row.items() if key != "seconds"} for row in found]

    assert rows(runs[0]) == rows(runs[1])
    assert len(rows(runs[0])) == 50 * 4
    told = {row["status"] for row in rows(runs[0]) if row["exercise"] == COUNT}
    assert told == {"right", "wrong", "unanswered"}


@pytest.mark.parametrize("name", HOSTILE)
def test_each_hostile_one_has_a_row_that_says_what_happened(
    runs: tuple[Path, Path], name: str
) -> None:
    student = f"'{name}" if name.startswith("=") else name
    own = [row for row in table(runs[1]) if row["student"] == student]
    (row,) = [row for row in own if row["exercise"] in (COUNT, "")]
    _, status, note = HOSTILE[name]
    assert row["status"] == status, row
    assert note in row["note"]


@pytest.mark.parametrize(
    ("student", "note"),
    [
        ("link", "a link, which is not followed"),
        ("linked", "a link, which is not followed"),
        ("pipe", "no ordinary file"),
        ("nothing", "no notebook in this folder"),
        ("another course", "neither the file's name nor its cells say which notebook"),
        ("twice", "a newer file of the same student counts"),
    ],
)
def test_what_is_not_graded_has_a_row_too(runs: tuple[Path, Path], student: str, note: str) -> None:
    rows = [row for row in table(runs[1]) if row["student"] == student and not row["exercise"]]
    status = "not counted" if student == "twice" else "not checked"
    assert [row["status"] for row in rows] == [status]
    assert note in rows[0]["note"]


def test_of_two_files_the_newer_counts(runs: tuple[Path, Path]) -> None:
    rows = [row for row in table(runs[1]) if row["student"] == "twice"]
    assert [row["status"] for row in rows if row["exercise"] == COUNT] == ["right"]


def test_no_markup_and_no_name_comes_into_the_page_of_the_class(runs: tuple[Path, Path]) -> None:
    page = (runs[1] / "class.html").read_text(encoding="utf-8")
    assert "onerror" not in page
    assert "student01" not in page
    assert "<script" not in page
