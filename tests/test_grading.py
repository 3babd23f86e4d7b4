"""Whose a file is, what is written, and what is refused; one test alone runs notebooks."""

import base64
import csv
import json
import stat
import subprocess
import sys
from pathlib import Path

import cloudpickle
import pytest
from grading_class import COUNT, NOTEBOOK, RIGHT, ROUNDED_DOWN, answered, short, table, write
from notebook_checks import COURSE, ROOT

from classroom.grading import (
    anonymous,
    command,
    course,
    finder,
    grades,
    report,
    run,
    submissions,
    summary,
    verdict,
)
from classroom.grading.course import Lesson
from classroom.grading.grade import Settings
from d2lhelpers import exercises

LESSONS = course.lessons(ROOT / "notebooks")
LESSON = next(lesson for lesson in LESSONS if lesson.name == NOTEBOOK)
NOTE = "'=cmd|' /C calc'!A0"


def test_every_exercise_of_the_package_belongs_to_a_notebook() -> None:
    names = [name for lesson in LESSONS for name in lesson.exercises]
    assert sorted(names) == sorted(exercises.__all__)
    assert {lesson.name for lesson in LESSONS} <= {path.stem for path in COURSE}


def told(student: str, name: str, status: str = "wrong") -> run.Row:
    return run.Row(student, NOTEBOOK, COUNT, status, ((name, f"This is {name} <b>."),), note=NOTE)


def test_the_class_is_counted_most_frequent_mistake_first() -> None:
    rows = [told("a", "few"), told("b", "many"), told("c", "many"), told("d", "none", "right")]
    rows[3] = run.Row("d", NOTEBOOK, COUNT, "right")
    rows.append(run.Row("e", NOTEBOOK, COUNT, "wrong"))
    (notebook,) = summary.of_class(rows)
    (exercise,) = notebook.exercises
    assert [mistake.count for mistake in exercise.mistakes] == [2, 1]
    assert exercise.counts["wrong"] == 4
    assert exercise.unnamed == 1
    assert exercise.students == 5


def test_what_is_written_is_escaped_and_names_stay_out_of_the_page(tmp_path: Path) -> None:
    rows = [told("@SUM(1)", "few"), told("Berta <i>", "few")]
    report.write(rows, tmp_path)
    page = (tmp_path / "class.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;" in page
    assert "<b>." not in page
    assert "Berta" not in page
    assert "http" not in page.replace('http-equiv="Content-Security-Policy"', "")
    assert all(
        not text.startswith(report.FORMULA) for row in table(tmp_path) for text in row.values()
    )
    assert len(list((tmp_path / "students").iterdir())) == 2


def test_a_student_is_told_once_what_stood_in_the_way() -> None:
    names = ("count", "gradient", "closed_form")
    rows = [run.Row("Ada", NOTEBOOK, name, note="the time was over") for name in names]
    text = report.page("Ada", [*rows, run.Row("Ada", note="a PDF: save the notebook")])
    assert "count, gradient, closed_form: not checked.\n(the time was over)\n" in text
    assert "The file: not checked.\n(a PDF: save the notebook)\n" in text
    assert text.count("not checked") == 2


def test_the_terminal_says_what_students_csv_lacks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Catches names under "ID number", and a file that nobody could read for a zero."""
    for number in range(4):
        write(tmp_path / "in" / "late" / f"03 ({number}).ipynb", {"cells": []})
    write(tmp_path / "in" / "Ada_03.ipynb", '{"cells": [')
    found = submissions.newest(finder.find(tmp_path / "in", LESSONS))
    rows = [run.Row(one.student, NOTEBOOK, COUNT, "right") for one in found if not one.problem]
    rows.insert(0, run.Row("Ada", NOTEBOOK, note="broken JSON"))
    remarks = grades.remarks(rows, LESSONS, "moodle-idnumber")
    command._say(rows, found, tmp_path, remarks)
    said = capsys.readouterr().out
    assert "students.csv: 1 of 2 students have no sum of points, as a file of theirs" in said
    assert "students.csv: 2 of 2 names do not look like an 'ID number', such as Ada: name" in said
    assert "4 files of one notebook belong to late, and one counts" in said


def test_lateness_stands_in_the_notes(tmp_path: Path) -> None:
    """Catches a late notebook that nothing names where students.csv is made for a platform."""
    write(tmp_path / "in" / "Ada_03.ipynb", {"cells": []})
    (one,) = finder.find(tmp_path / "in", LESSONS)
    row = run.Row("Ada", NOTEBOOK, COUNT, "right", note="odd")
    for due, note in [(one.changed, "odd"), (one.changed - 1, "odd; handed in late")]:
        dated = command._dated(row, one, due)
        assert (dated.note, dated.late) == (note, due < one.changed)
        assert dated.file == "Ada_03.ipynb"


def test_pages_of_students_who_are_gone_go_too(tmp_path: Path) -> None:
    report.write([told("Ada", "few")], tmp_path)
    report.write([told("student 1", "few")], tmp_path)
    assert [path.name for path in (tmp_path / "students").iterdir()] == ["student 1.txt"]


def test_file_names_fit_every_system() -> None:
    used: set[str] = set()
    names = [
        report.file_name(student, used) for student in ("a" * 250, "🌾" * 80, "../x", "..", "X")
    ]
    assert len(set(names)) == 5
    assert all(len(name.encode()) < 130 and "/" not in name for name in names)


def test_numbers_stay_and_the_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    key = tmp_path / "key.csv"
    first = [run.Row(name) for name in "abcdef"]
    anonymous.numbered(first, key)
    with key.open(encoding="utf-8", newline="") as file:
        numbers = {row["student"]: f"student {row['number']}" for row in csv.DictReader(file)}
    again = anonymous.numbered([run.Row("new"), *first[3:]], key)
    assert {row.student for row in again} == {*(numbers[n] for n in "def"), "student 7"}
    if sys.platform != "win32":
        assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_a_key_that_is_none_is_refused_and_left_alone(tmp_path: Path) -> None:
    key = tmp_path / "key.csv"
    key.write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match=r"key\.csv: no key"):
        anonymous.numbered([run.Row("Ada")], key)
    assert key.read_text() == "a,b\n1,2\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["in", "--out", "in/results"], "should be apart"),
        (["in", "--out", "."], "should be apart"),
        (["in", "--out", "other"], "should be new, empty, or from an earlier run"),
        (["in", "--out", "out", "--anonymous", "out/key.csv"], "should be kept apart"),
        (["in", "--out", "out", "--course", "other"], "no notebooks of the course"),
        (["nowhere", "--out", "out"], "should be a folder"),
    ],
)
def test_what_would_go_wrong_is_refused_before_anything_is_done(
    arguments: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "in" / "ada_03.ipynb", "{}")
    write(tmp_path / "other" / "mine.txt", "mine")
    assert command.main(arguments) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_half_written_result_counts_as_none(tmp_path: Path) -> None:
    known = run.Known(tmp_path, Settings())
    file = known.file(LESSON, b"content")
    assert file != known.file(LESSON, b"another")
    known.put(file, [])
    assert known.get(file) == []
    file.write_text('[{"status":')
    assert known.get(file) is None


def test_the_verdict_has_the_status_the_names_and_the_words_of_a_feedback() -> None:
    answer = base64.b64encode(cloudpickle.dumps(({}, lambda n, size: n // size, ""))).decode()
    feedback = exercises.minibatch_count.check(lambda n, size: n // size)
    found = verdict.check(COUNT, answer)
    assert json.loads(json.dumps(found)) == found  # it leaves its process as JSON
    (finding,) = feedback.findings
    told = {finding.label: finding.sentence}
    assert found == verdict.result("wrong", told, feedback.text)
    assert [*told] == ["registered(mistake=rounded down)"]


def grade(folder: Path, results: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "classroom.grading", str(folder), "--out", str(results)]
    return subprocess.run(command, check=True, capture_output=True, text=True)


@pytest.mark.long
def test_a_class_of_two_from_beginning_to_end_and_again(tmp_path: Path) -> None:
    folder, results = tmp_path / "in", tmp_path / "out"
    write(folder / "ada_03_regression.ipynb", answered(short(), RIGHT))
    write(folder / "bob" / "03.ipynb", answered(short(), RIGHT | {COUNT: ROUNDED_DOWN}))
    first = grade(folder, results)
    assert first.stderr == ""
    statuses = {(row["student"], row["exercise"]): row["status"] for row in table(results)}
    assert statuses[("ada", COUNT)] == "right"
    assert statuses[("bob", COUNT)] == "wrong"
    assert statuses[("bob", "closed_form")] == "unanswered"
    assert [row["mistakes"] != "" for row in table(results)].count(True) == 1
    assert "rounded down: the last" in (results / "class.html").read_text(encoding="utf-8")
    files = {path: path.stat().st_mtime_ns for path in (results / "cache").iterdir()}
    before = table(results)
    assert "Limited here" not in grade(folder, results).stdout  # nothing was run
    assert table(results) == before
    assert {path: path.stat().st_mtime_ns for path in (results / "cache").iterdir()} == files


def test_lessons_are_told_apart_by_their_numbers_alone() -> None:
    assert len({lesson.words[0] for lesson in LESSONS}) == len(LESSONS)
    assert Lesson("01_x_y", (), ()).words == ["01", "x", "y"]


def test_an_interrupted_run_goes_on_and_equal_files_run_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[str] = []

    def grade(content: bytes, lesson: Lesson, settings: Settings) -> list[dict[str, object]]:
        ran.append(json.loads(content)["of"])
        if ran[-1] == "c" and len(ran) < 4:
            raise KeyboardInterrupt
        return [{"exercise": COUNT, "status": "right", "mistakes": {}, "seconds": 1.0}]

    monkeypatch.setattr(run, "grade", grade)
    monkeypatch.setattr("classroom.grading.confine.prepare", lambda: {})
    monkeypatch.setattr("classroom.grading.confine.stop", lambda: None)
    for name, of in [("ada", "a"), ("bob", "b"), ("carl", "c"), ("dora", "a")]:
        write(tmp_path / "in" / f"{name}_03.ipynb", {"cells": [], "of": of})
    found = finder.find(tmp_path / "in", LESSONS)

    def statuses() -> dict[str, str]:
        known = run.Known(tmp_path / "out", Settings())
        graded = run.rows(found, known, Settings(), jobs=1)
        return {one.student: rows[0].status for one, rows in graded}

    with pytest.raises(KeyboardInterrupt):
        statuses()
    assert statuses() == dict.fromkeys(["ada", "bob", "carl", "dora"], "right")
    assert ran == ["a", "b", "c", "c"]
