"""What students really hand in, run from the file to the row: each line of CLASS is a manner."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from grading_class import (
    COUNT,
    NOTEBOOK,
    RIGHT,
    ROUNDED_DOWN,
    answered,
    short,
    table,
    with_cell,
    write,
)
from notebook_checks import ROOT

from classroom.grading import confine, course, grade, run
from classroom.grading.confine import Outcome
from classroom.grading.course import exercise_of
from classroom.grading.files import File
from classroom.grading.submissions import Submission
from d2lhelpers import exercises

LESSONS = course.lessons(ROOT / "notebooks")
LESSON = next(lesson for lesson in LESSONS if lesson.name == NOTEBOOK)
ALL = {
    **RIGHT,
    "closed_form": """
def closed_form(X, y):
    w = torch.linalg.lstsq(torch.cat([X, torch.ones(len(X), 1)], 1), y).solution
    return w[:-1], w[-1]
""",
}
CHECK = f"\n\n\nexercises.{COUNT}.check({COUNT})"
HEADING = {"cell_type": "markdown", "id": "head", "metadata": {}, "source": "## My *answers*"}


def everything() -> Any:
    return answered(short(), ALL)


def below(*sources: str) -> Any:
    """The course's stubs, and cells of the student's at the end, under a heading."""
    notebook = short()
    notebook["cells"].append(HEADING)
    for source in sources:
        notebook = with_cell(notebook, source.strip(), len(notebook["cells"]))
    return notebook


def above(source: str) -> Any:
    return with_cell(short(), source.strip())


def of_kind(kind: str, *, stub: bool) -> Any:
    """The answer in a cell that is not run, with or without the course's stub."""
    notebook = below(RIGHT[COUNT])
    cell = notebook["cells"][-1]
    cell["cell_type"] = kind
    for key in ("outputs", "execution_count"):
        del cell[key]
    if not stub:
        cells = notebook["cells"]
        notebook["cells"] = [c for c in cells if exercise_of("".join(c["source"])) != COUNT]
    return notebook


def without_imports() -> Any:
    notebook = everything()
    del notebook["cells"][0]
    return notebook


def changed(change: Callable[[Any], None]) -> Any:
    notebook = everything()
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    change(notebook)
    return notebook


def colab(notebook: Any) -> None:
    notebook["nbformat_minor"] = 0
    notebook["metadata"] = {"colab": {"provenance": []}, "accelerator": "GPU"}
    for cell in notebook["cells"]:
        cell["metadata"] = {"id": cell.pop("id"), "colab": {"base_uri": "https://x"}}
    notebook["cells"][0]["source"] = "!pip install -q d2lhelpers\n" + notebook["cells"][0]["source"]


def vscode(notebook: Any) -> None:
    notebook["metadata"] = {"vscode": {"interpreter": {"hash": "0" * 64}}}
    for cell in notebook["cells"]:
        cell["metadata"] = {"vscode": {"languageId": "python"}}


def equal_ids(notebook: Any) -> None:
    for cell in notebook["cells"]:
        cell["id"] = "same"


def no_ids(notebook: Any) -> None:
    for cell in notebook["cells"]:
        del cell["id"]


def other_kernel(notebook: Any) -> None:
    notebook["metadata"]["kernelspec"] = {"name": "ml-env", "display_name": "ML", "language": "R"}


def magics(notebook: Any) -> None:
    for cell in notebook["cells"][1:]:
        cell["source"] = "%%time\n" + cell["source"]
    notebook["cells"][0]["source"] += "\n%matplotlib inline\n%load_ext autoreload\n%autoreload 2"


def crlf(notebook: Any) -> None:
    for cell in notebook["cells"]:
        cell["source"] = cell["source"].replace("\n", "\r\n")


def format_3() -> Any:
    notebook = nbformat.from_dict(everything())
    for cell in notebook.cells:
        cell.source = "".join(cell.source)
    return nbformat.convert(notebook, 3)


def in_an_answer(statement: str) -> Any:
    """The right answer with a statement more, and a function of the student's beside it."""
    source = RIGHT[COUNT].replace("    return", f"    {statement}\n    return")
    return answered(short(), {COUNT: f"def helper(): ...\n{source}"})


FAILS_WHEN_READ = """
import builtins
class Odd:
    def __reduce__(self):
        return exec, ("raise RuntimeError('odd')",)
odd = Odd()
def minibatch_count(num_examples, batch_size, odd=odd):
    return -(-num_examples // batch_size)
"""
NO_COPY = "odd = (n for n in range(3))\n" + RIGHT[COUNT].replace("return", "odd\n    return")
TABS = RIGHT[COUNT].replace("    return", "    x = 1\n\treturn")
NO_BREAK = RIGHT[COUNT].replace("    return", "\xa0\xa0\xa0\xa0return")
QUOTES = RIGHT[COUNT].replace("    return", "    “Rounds up.”\n    return")
IN_ITS_CELL = "cell 2 (before the first heading): "
SOLUTION = f"{exercises.minibatch_count.solution()}  # mine".replace("num_examples", "n")
NEW_CELL = 'cell 7 (the 1st under "My answers")'

# The file's name: what is in it, the status of the answer, what its note says.
CLASS: dict[str, tuple[Any, str, str]] = {
    "bom_03.ipynb": (json.dumps(everything()).encode("utf-8-sig"), "right", ""),
    "utf16_03.ipynb": (json.dumps(everything()).encode("utf-16"), "right", ""),
    "below_03.ipynb": (below(RIGHT[COUNT]), "right", ""),
    "checked below_03.ipynb": (below(RIGHT[COUNT] + CHECK), "right", ""),
    "above_03.ipynb": (above(RIGHT[COUNT]), "right", ""),
    "checked above_03.ipynb": (above(RIGHT[COUNT] + CHECK), "right", ""),
    "copied below_03.ipynb": (below(RIGHT[COUNT], RIGHT[COUNT] + CHECK), "right", ""),
    "two_03.ipynb": (
        below(ROUNDED_DOWN + CHECK, RIGHT[COUNT]),
        "right",
        '2 different answers; the one in cell 8 (the 2nd under "My answers") counts',
    ),
    "two wrong_03.ipynb": (
        below(RIGHT[COUNT], ROUNDED_DOWN + CHECK),
        "wrong",
        '2 different answers; the one in cell 8 (the 2nd under "My answers") counts',
    ),
    "Bob/Untitled1.ipynb": (everything(), "right", ""),
    "text_03.ipynb.txt": (everything(), "right", ""),
    "json_03.ipynb.json": (everything(), "right", ""),
    "pdf_03.ipynb": (b"%PDF-1.7", "not checked", "a PDF: save the notebook in JupyterLab"),
    "page_03.ipynb": (b"<!DOCTYPE html>", "not checked", "a web page: save the notebook"),
    "imports_03.ipynb": (
        without_imports(),
        "right",
        "the notebook does not import torch, exercises: that was done for it",
    ),
    "markdown_03.ipynb": (
        of_kind("markdown", stub=False),
        "missing",
        'cell 6 (the 1st under "My answers") is a Markdown cell, which is not run',
    ),
    "raw_03.ipynb": (of_kind("raw", stub=True), "unanswered", f"{NEW_CELL} is a raw cell"),
    "tabs_03.ipynb": (
        answered(short(), {COUNT: TABS}),
        "wrong",
        f"{IN_ITS_CELL}TabError: line 3 is indented with a tab and others with blanks",
    ),
    "no-break_03.ipynb": (
        answered(short(), {COUNT: NO_BREAK}),
        "wrong",
        f"{IN_ITS_CELL}SyntaxError: line 2 has a NO-BREAK SPACE (U+00A0)",
    ),
    "quotes_03.ipynb": (
        below(QUOTES),
        "wrong",
        f"{NEW_CELL}: SyntaxError: line 2 has a LEFT DOUBLE QUOTATION MARK (U+201C)",
    ),
    "loop_03.ipynb": (
        with_cell(everything(), "while True: pass"),
        "right",
        f"{IN_ITS_CELL}Timeout: it was interrupted, as it took too long",
    ),
    "loop inside_03.ipynb": (
        answered(short(), {COUNT: "while True: pass\n" + RIGHT[COUNT]}),
        "not checked",
        "Timeout: it was interrupted",
    ),
    "gigabytes_03.ipynb": (
        with_cell(everything(), "bytearray(60 * 10**9)"),
        "right",
        f"{IN_ITS_CELL}MemoryError: it asked for more memory than there is",
    ),
    "input_03.ipynb": (
        with_cell(everything(), "name = input()"),
        "right",
        f"{IN_ITS_CELL}StdinNotImplementedError: it calls input()",
    ),
    "unreadable_03.ipynb": (
        answered(short(), {COUNT: FAILS_WHEN_READ}),
        "not checked",
        "the check of the answer failed with RuntimeError: odd",
    ),
    "not copied_03.ipynb": (
        answered(short(), {COUNT: NO_COPY}),
        "not checked",
        "the answer cannot be copied out of its notebook",
    ),
    "likeness_03.ipynb": (
        answered(short(), {COUNT: SOLUTION}),
        "right",
        "the same as the course's own solution, names and spacing apart",
    ),
    "shows_03.ipynb": (in_an_answer("display(num_examples)"), "right", ""),
    "pickles_03.ipynb": (in_an_answer("import pickle; pickle.dumps(helper)"), "right", ""),
    "reads_03.ipynb": (
        in_an_answer("open('notes.txt')"),
        "not checked",
        "the answer reads a file, and files are not there when it is checked",
    ),
    "cached_03.ipynb": (
        answered(short(), {COUNT: f"from functools import cache\n@cache\n{RIGHT[COUNT].strip()}"}),
        "right",
        "",
    ),
    "exit_03.ipynb": (with_cell(everything(), "exit()"), "right", ""),
    "dtype_03.ipynb": (
        with_cell(everything(), "torch.set_default_dtype(torch.float64)"),
        "right",
        "",
    ),
    "starred_03.ipynb": (with_cell(short(), "from torch import *"), "unanswered", ""),
    "drive_03.ipynb": (changed(colab), "right", ""),
    "vscode_03.ipynb": (changed(vscode), "right", ""),
    "equal ids_03.ipynb": (changed(equal_ids), "right", ""),
    "no ids_03.ipynb": (changed(no_ids), "right", ""),
    "other kernel_03.ipynb": (changed(other_kernel), "right", ""),
    "magics_03.ipynb": (changed(magics), "right", ""),
    "crlf_03.ipynb": (changed(crlf), "right", ""),
    "format 3_03.ipynb": (format_3(), "right", ""),
}


def in_bytes(content: Any) -> bytes:
    return content if isinstance(content, bytes) else json.dumps(content).encode()


def grade_folder(folder: Path, results: Path) -> str:
    command = [sys.executable, "-m", "classroom.grading", str(folder), "--out", str(results)]
    done = subprocess.run(
        [*command, "--cell-seconds", "20"], check=True, capture_output=True, text=True
    )
    assert done.stderr == ""
    return done.stdout


@pytest.fixture(scope="module")
def class_of_many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which lie the submissions and their results."""
    base = tmp_path_factory.mktemp("class")
    for name, (content, _, _) in CLASS.items():
        path = base / "submissions" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(in_bytes(content))
    with zipfile.ZipFile(base / "submissions" / "zipped_03.zip", "w") as archive:
        archive.writestr("hw/Untitled.ipynb", in_bytes(everything()))
    grade_folder(base / "submissions", base / "results")
    return base


@pytest.mark.long
@pytest.mark.parametrize("name", [*CLASS, "zipped_03.zip"])
def test_the_row_is_true_and_its_note_says_where_and_why(class_of_many: Path, name: str) -> None:
    _, status, note = CLASS.get(name, (None, "right", ""))
    rows = [row for row in table(class_of_many / "results") if row["file"].startswith(name)]
    (row,) = [row for row in rows if row["exercise"] in (COUNT, "")]
    assert row["status"] == status, row
    assert note in row["note"] if note else not row["note"], row["note"]
    assert row["student"] == name.split("/")[0].split("_")[0]
    if name.startswith("starred"):  # torch has a function of the name of an exercise
        assert {row["status"] for row in rows} == {"unanswered"}
    if name.startswith(("imports", "drive", "exit", "format", "zipped")):
        statuses = {row["exercise"]: row["status"] for row in rows}
        assert [statuses[exercise] for exercise in ALL] == ["right"] * len(ALL)


@pytest.mark.long
def test_what_was_not_checked_is_tried_again_the_next_time(class_of_many: Path) -> None:
    """Catches a failure of ours that is kept for ever."""
    results = class_of_many / "results"
    again = sum(status == "not checked" for _, status, _ in CLASS.values())
    kept = len(list((results / "cache").iterdir()))
    assert 0 < kept <= len(CLASS) + 1 - again
    (class_of_many / "submissions" / "unreadable_03.ipynb").write_bytes(in_bytes(everything()))
    for name, (_, status, _) in CLASS.items():
        if status != "not checked":
            (class_of_many / "submissions" / name).unlink()
    assert "Limited here" in grade_folder(class_of_many / "submissions", results)  # all others ran
    rows = [row for row in table(results) if row["exercise"] in (COUNT, "")]
    found = {row["file"]: row["status"] for row in rows}
    assert found.pop("unreadable_03.ipynb") == "right"
    assert found.pop("zipped_03.zip/hw/Untitled.ipynb") == "right"
    assert found.pop("Bob") == "not checked"  # whose folder is empty now
    assert len(found) == again - 1
    assert set(found.values()) == {"not checked"}
    assert len(list((results / "cache").iterdir())) == kept


# Failures of ours


class Failing:
    """A checker that fails in some manner, and then works."""

    def __init__(self, failure: str) -> None:
        self.failure, self.calls = failure, 0

    def __call__(self, limits: object, function: str, *arguments: Any) -> Outcome:
        if function.endswith("kernel:run"):
            ran = {"problem": "", "answers": {COUNT: ""}, "errors": [], "stopped": "", "left": []}
            return Outcome({**ran, "notes": [], "about": {}, "misplaced": {n: [] for n in ALL}})
        self.calls += 1
        if self.failure and self.calls == 1:
            return Outcome(failure=self.failure)
        return Outcome({"status": "right", "mistakes": {}, "text": "", "note": ""})


@pytest.mark.parametrize(
    "failure",
    [
        "took longer than 60 s",
        "ended the process (SIGKILL)",
        "failed with MemoryError:  (loads:3)",
        "was not started",
    ],
)
def test_no_failure_of_ours_is_a_students_wrong_and_none_is_kept(
    failure: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lesson = course.Lesson(NOTEBOOK, (COUNT,), ())
    path = write(tmp_path / "ada_03.ipynb", short())
    file = File(path.relative_to(tmp_path), content=path.read_bytes)  # type: ignore[arg-type]
    monkeypatch.setattr(confine, "call", Failing(failure))
    monkeypatch.setattr(confine, "prepare", lambda: {})

    def rows() -> list[tuple[str, str]]:
        settings = grade.Settings()
        known = run.Known(tmp_path / "cache", settings)
        graded = run.rows([Submission(file, "ada", lesson)], known, settings, jobs=1)
        return [(row.status, row.note) for _, found in graded for row in found]

    assert rows() == [("not checked", f"the check of the answer {failure}")]
    assert list((tmp_path / "cache").iterdir()) == []
    assert rows() == [("right", "")]
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_a_notebook_that_stopped_before_the_answer_came_is_not_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Catches a stub that is told to be unanswered though a later cell holds the answer."""
    stub = {"status": "unanswered", "mistakes": {}, "text": "", "note": ""}
    monkeypatch.setattr(confine, "call", lambda *_: Outcome(stub))
    ran: dict[str, Any] = {"answers": {COUNT: ""}, "errors": [], "notes": [], "about": {}}
    ran |= {"misplaced": {COUNT: []}, "stopped": "the time was over before cell 3"}

    def verdict(left: str) -> tuple[str, str]:
        found = grade._verdict(COUNT, LESSON, {**ran, "left": [left]}, grade.Settings())
        return found["status"], found["note"]

    assert verdict(RIGHT[COUNT]) == ("not checked", ran["stopped"])
    assert verdict("1 + 1") == ("unanswered", "")
