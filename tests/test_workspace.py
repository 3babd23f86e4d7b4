"""A student's copy of the notebooks follows the course, and no work is ever lost."""

import errno
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from notebook_checks import COURSE, ROOT

from classroom import workspace


def notebook(source: str) -> str:
    cell = {
        "cell_type": "code",
        "execution_count": 3,
        "metadata": {},
        "outputs": [{"output_type": "stream", "name": "stdout", "text": source}],
        "source": source,
    }
    return json.dumps({"cells": [cell], "metadata": {"widgets": {}}, "nbformat": 4})


@pytest.fixture
def course(tmp_path: Path) -> Path:
    folder = tmp_path / "notebooks"
    folder.mkdir()
    for name in ("01_a.ipynb", "02_b.ipynb"):
        (folder / name).write_text(notebook(name))
    return folder


@pytest.fixture
def work(tmp_path: Path) -> Path:
    return tmp_path / "work"


def line(course: Path, work: Path) -> str:
    return workspace.update(course, work).removeprefix(f"The copies in {work}: ")


def names(work: Path) -> set[str]:
    return {path.name for path in work.iterdir()} - {workspace.RECORD}


def test_the_first_start_lays_every_notebook_with_outputs_cleared(course: Path, work: Path) -> None:
    assert line(course, work) == "2 new."
    copy = json.loads((work / "01_a.ipynb").read_text())
    assert copy["cells"][0] == {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": "01_a.ipynb",
    }
    assert copy["metadata"] == {}
    assert line(course, work) == "nothing new."


def test_the_notebooks_of_the_course_can_be_copied_and_stay_as_they_are(work: Path) -> None:
    before = [path.read_bytes() for path in COURSE]
    workspace.update(ROOT / "notebooks", work)
    assert [path.read_bytes() for path in COURSE] == before
    for path in COURSE:
        cells = json.loads((work / path.name).read_text(encoding="utf-8"))["cells"]
        assert [c["source"] for c in cells] == [
            c["source"] for c in json.loads(path.read_text(encoding="utf-8"))["cells"]
        ]
        assert not any(cell.get("outputs") for cell in cells)


def test_an_untouched_copy_follows_and_a_touched_one_is_kept(course: Path, work: Path) -> None:
    line(course, work)
    (work / "01_a.ipynb").write_text("mine")
    for name in ("01_a.ipynb", "02_b.ipynb"):
        (course / name).write_text(notebook("better"))
    assert line(course, work) == (
        "1 kept as changed, with the new version beside (01_a (new version).ipynb); 1 updated."
    )
    assert (work / "01_a.ipynb").read_text() == "mine"
    better = workspace.cleared(notebook("better"))
    assert (work / "01_a (new version).ipynb").read_text() == better
    assert (work / "02_b.ipynb").read_text() == better
    assert line(course, work) == "nothing new."  # a version is offered once


def test_an_offer_that_was_touched_is_kept_as_well(course: Path, work: Path) -> None:
    line(course, work)
    (work / "01_a.ipynb").write_text("mine")
    for version, offer in [
        ("second", "01_a (new version).ipynb"),
        ("third", "01_a (new version).ipynb"),  # the untouched offer is replaced
    ]:
        (course / "01_a.ipynb").write_text(notebook(version))
        assert offer in line(course, work)
    (work / "01_a (new version).ipynb").write_text("also mine")
    (course / "01_a.ipynb").write_text(notebook("fourth"))
    assert "01_a (new version 2).ipynb" in line(course, work)
    assert (work / "01_a (new version).ipynb").read_text() == "also mine"
    assert names(work) == {
        "01_a.ipynb",
        "01_a (new version).ipynb",
        "01_a (new version 2).ipynb",
        "02_b.ipynb",
    }


def test_a_deleted_or_renamed_copy_is_laid_anew(course: Path, work: Path) -> None:
    line(course, work)
    (work / "01_a.ipynb").unlink()
    (work / "02_b.ipynb").rename(work / "mine.ipynb")
    assert line(course, work) == "2 new."
    assert names(work) == {"01_a.ipynb", "02_b.ipynb", "mine.ipynb"}


def test_what_left_the_course_leaves_unless_it_was_touched(course: Path, work: Path) -> None:
    line(course, work)
    (work / "01_a.ipynb").write_text("mine")
    (course / "01_a.ipynb").rename(course / "03_a.ipynb")
    (course / "02_b.ipynb").unlink()
    assert line(course, work) == "1 new; 1 removed."
    assert names(work) == {"01_a.ipynb", "03_a.ipynb"}
    assert (work / "01_a.ipynb").read_text() == "mine"


@pytest.mark.parametrize("record", ["", "{", "[]"])
def test_without_a_readable_record_every_copy_counts_as_touched(
    record: str, course: Path, work: Path
) -> None:
    line(course, work)
    (course / "01_a.ipynb").write_text(notebook("better"))
    (work / workspace.RECORD).write_text(record)
    assert "kept as changed" in line(course, work)
    assert (work / "01_a.ipynb").read_text() == workspace.cleared(notebook("01_a.ipynb"))


@pytest.mark.parametrize("calls", range(3))
@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()]
)
def test_an_interrupted_update_leaves_whole_files_and_goes_on_later(
    calls: int, error: BaseException, course: Path, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk or Ctrl-C at each of the files that are written."""
    line(course, work)
    (work / "01_a.ipynb").write_text("mine")
    for name in ("01_a.ipynb", "02_b.ipynb"):
        (course / name).write_text(notebook("better"))
    remaining, replace = iter(range(calls)), os.replace

    def failing(old: Any, new: Any) -> None:
        if next(remaining, None) is None:
            raise error
        replace(old, new)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", failing)
        with pytest.raises(type(error)):
            line(course, work)
    assert (work / "01_a.ipynb").read_text() == "mine"
    whole = {"mine", *(workspace.cleared(notebook(text)) for text in ("02_b.ipynb", "better"))}
    assert {(work / name).read_text() for name in names(work)} <= whole
    line(course, work)
    assert (work / "02_b.ipynb").read_text() == workspace.cleared(notebook("better"))
    assert (work / "01_a.ipynb").read_text() == "mine"
    assert line(course, work) == "nothing new."


def test_the_command_says_in_one_line_what_it_did(course: Path, work: Path) -> None:
    command = [sys.executable, "-m", "classroom.workspace", str(course), str(work)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, f"The copies in {work}: 2 new.\n")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda course, work: (course / "01_a.ipynb").write_text("{"), "01_a.ipynb cannot be"),
        (lambda course, work: (course / "01_a.ipynb").write_text("[]"), "it has no cells"),
        (lambda course, work: [path.unlink() for path in course.iterdir()], "no notebooks in"),
        (lambda course, work: work.write_text("a file"), "File exists"),
    ],
)
def test_the_command_says_in_one_line_why_it_did_nothing(
    spoil: Any, words: str, course: Path, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(course, work)
    monkeypatch.setattr(sys, "argv", ["workspace", str(course), str(work)])
    with pytest.raises(SystemExit) as failed:
        workspace.main()
    assert re.fullmatch(
        rf"The copies were not brought up to date: .*{words}.*", str(failed.value.code)
    )
    assert work.is_file() or not work.exists()
