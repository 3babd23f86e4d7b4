"""students.csv: what a student gets, when it was handed in, and what a platform takes."""

import csv
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from classroom.grading import grades, submissions
from classroom.grading.course import Lesson
from classroom.grading.files import File
from classroom.grading.run import Row
from classroom.grading.submissions import Submission

COURSE = [Lesson("03_scratch", ("count", "gradient"), ()), Lesson("04_concise", ("evaluate",), ())]
POINTS = {"count": 1.0, "gradient": 2.5, "evaluate": 1.0}
ROWS = [
    Row("ada@x.org", "03_scratch", "count", "right", handed_in=86_400.0),
    Row("ada@x.org", "03_scratch", "gradient", "right", handed_in=86_400.0),
    Row("=bob", "03_scratch", "count", "wrong", handed_in=172_800.0, late=True),
    Row("=bob", "03_scratch", "gradient", "missing", handed_in=172_800.0, late=True),
    Row("eve", note="the file is empty"),
]


def table(tmp_path: Path, **options: Any) -> list[list[str]]:
    grades.write(ROWS, COURSE, POINTS, tmp_path / "students.csv", **options)
    with (tmp_path / "students.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_a_student_has_one_row_with_all_that_counts(tmp_path: Path) -> None:
    """Catches two rows for one student, and a column for a notebook that nobody handed in."""
    head, ada, bob, eve = table(tmp_path)
    assert dict(zip(head, ada, strict=True)) == {
        "student": "ada@x.org",
        **{"03 right": "2", "03 wrong": "0", "03 unanswered": "0", "03 points": "3.5"},
        **{"03 handed in": ada[5], "03 late": ""},
        **{"all right": "2", "all wrong": "0", "all unanswered": "0", "all points": "3.5"},
        "all late": "0",
    }
    assert ada[5].startswith("1970-01-0")
    assert bob[:7] == ["'=bob", "0", "1", "1", "0", bob[5], "late"]  # no formula in a spreadsheet
    assert bob[-1] == "1"
    assert eve[:7] == ["eve", *[""] * 6]


@pytest.mark.parametrize(
    ("platform", "heading"), [(p, h) for p, h in grades.PLATFORMS.items() if "canvas" not in p]
)
def test_the_heading_of_the_first_column_is_what_moodle_maps_from(
    platform: str, heading: str, tmp_path: Path
) -> None:
    assert table(tmp_path, platform=platform)[0][0] == heading


@pytest.mark.parametrize("platform", ["canvas-login", "canvas-sis"])
def test_canvas_gets_its_five_columns_possible_points_and_nothing_but_points(
    platform: str, tmp_path: Path
) -> None:
    """Catches a count of wrong answers that Canvas would make an assignment."""
    head, possible, ada, bob, eve = table(tmp_path, platform=platform)
    assert head == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "03_scratch"]
    assert possible[0].strip() == "Points Possible"
    assert possible[1:] == ["", "", "", "", "3.5"]
    for row, name, score in ((ada, "ada@x.org", "3.5"), (bob, "'=bob", "0"), (eve, "eve", "")):
        assert row[0] == row[head.index(grades.PLATFORMS[platform])] == name
        assert row[-1] == score


def test_points_are_one_each_or_as_a_file_says(tmp_path: Path) -> None:
    file = tmp_path / "points.csv"
    file.write_text("exercise,points\ngradient,2.5\n")
    assert grades.points_of(COURSE) == {"count": 1, "gradient": 1, "evaluate": 1}
    assert grades.points_of(COURSE, file) == POINTS


@pytest.mark.parametrize("line", ["gradiant,2", "gradient,two", "gradient"])
def test_points_that_cannot_be_meant_are_refused(line: str, tmp_path: Path) -> None:
    file = tmp_path / "points.csv"
    file.write_text(f"exercise,points\n{line}\n")
    with pytest.raises(ValueError, match=r"points\.csv: .*gradi"):
        grades.points_of(COURSE, file)


def handed_in(*times: float) -> list[Submission]:
    one = Submission(File(Path("a.ipynb")), "ada", COURSE[0])  # type: ignore[arg-type]
    return [replace(one, changed=time) for time in times]


@pytest.mark.parametrize(
    ("times", "due", "counts"),
    [
        ((1.0, 3.0, 2.0), math.inf, 3.0),
        ((1.0, 3.0, 2.0), 2.0, 2.0),
        ((5.0, 4.0), 2.0, 5.0),
    ],
)
def test_of_several_files_the_newest_in_time_counts_or_else_the_newest(
    times: tuple[float, ...], due: float, counts: float
) -> None:
    """Catches a late file that takes the place of one that came in time."""
    left = submissions.newest(handed_in(*times), due)
    assert [one.changed for one in left if not one.problem] == [counts]
    for one in left:
        if one.problem:
            assert ("after the time" in one.problem) == (one.changed > due)
