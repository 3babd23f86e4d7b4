"""students.csv: what a student gets, when it was handed in, and what a platform takes."""

import csv
import math
from collections.abc import Sequence
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


def table(tmp_path: Path, rows: Sequence[Row] = ROWS, **options: Any) -> list[list[str]]:
    grades.write(rows, COURSE, POINTS, tmp_path / "students.csv", **options)
    with (tmp_path / "students.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_a_student_has_one_row_with_all_that_counts(tmp_path: Path) -> None:
    """Catches two rows for one student, and a column for a notebook that nobody handed in."""
    head, ada, bob, eve = table(tmp_path)
    assert dict(zip(head, ada, strict=True)) == {
        "student": "ada@x.org",
        **{"03 right": "2", "03 wrong": "0", "03 unanswered": "0", "03 not checked": "0"},
        **{"03 points": "3.5", "03 handed in": ada[6], "03 late": ""},
        **{"all right": "2", "all wrong": "0", "all unanswered": "0", "all not checked": "0"},
        **{"all points": "3.5", "all late": "0"},
    }
    assert ada[6].startswith("1970-01-0")
    assert bob[:8] == ["'=bob", "0", "1", "1", "0", "0", bob[6], "late"]  # a formula nowhere
    assert bob[-1] == "1"
    assert eve == ["eve", *[""] * 7, "0", "0", "0", "1", "", "0"]


UNCHECKED = [
    Row("ada", "03_scratch", "count", "right", handed_in=86_400.0),
    Row("ada", "03_scratch", "gradient", "not checked", handed_in=86_400.0),
    Row("bob", "03_scratch", note="the file is empty", handed_in=86_400.0),
    Row("eve", "03_scratch", "count", "right"),
    Row("eve", "03_scratch", "gradient", "wrong"),
    Row("eve", "03_scratch", note="the file is empty"),
    Row("eve", "03_scratch", status="not counted", note=submissions.OLDER),
]


@pytest.mark.parametrize(("platform", "none"), [("nobody", ""), ("moodle-email", "-")])
def test_what_could_not_be_checked_is_counted_and_no_zero(
    platform: str, none: str, tmp_path: Path
) -> None:
    """Catches a failure of ours that looks like a student's zero."""
    head, *students = table(tmp_path, UNCHECKED, platform=platform)
    wanted = ("03 right", "03 not checked", "03 points", "all not checked", "all points")
    found = {own[0]: [own[head.index(column)] for column in wanted] for own in students}
    assert found == {
        "ada": ["1", "1", none, "1", none],
        "bob": ["0", "2", none, "2", none],
        "eve": ["1", "0", "1", "0", "1"],  # of whose files the older one counts
    }
    assert students[1][head.index("03 handed in")].startswith("1970-01-0")


def test_canvas_gets_no_zero_for_what_could_not_be_checked(tmp_path: Path) -> None:
    _, _, *students = table(tmp_path, UNCHECKED, platform="canvas-login")
    assert {own[0]: own[-1] for own in students} == {"ada": "", "bob": "", "eve": "1"}


@pytest.mark.parametrize(
    ("platform", "fit", "unfit"),
    [
        ("nobody", ["Ada Lovelace", "(no name) 03.ipynb"], []),
        ("moodle-email", ["ada@x.org"], ["ada", "Ada Lovelace"]),
        ("moodle-username", ["ada", "ada@x.org"], ["Ada", "ada lovelace", "(no name) 03.ipynb"]),
        ("moodle-idnumber", ["1234567", "s0123"], ["ada", "Ada Lovelace 77", "Participant_77"]),
        ("canvas-id", ["lovelaceada_1234", "1234"], ["Ada Lovelace", "anon_x7Yz2"]),
        ("canvas-login", ["ada", "ada@x.org"], ["lovelaceada_1234", "Ada Lovelace"]),
        ("canvas-sis", ["1234567"], ["lovelaceada_1234", "student 7"]),
    ],
)
def test_a_name_in_place_of_what_a_platform_knows_is_told(
    platform: str, fit: list[str], unfit: list[str]
) -> None:
    rows = [Row(name, "03_scratch", "count", "right") for name in fit + unfit]
    said = " ".join(grades.remarks(rows, COURSE, platform))
    assert said.startswith(
        f"{len(unfit)} of {len(rows)} names do not look like an " if unfit else ""
    )
    assert bool(said) == bool(unfit)
    for name in unfit:
        (said,) = grades.remarks([Row(name, "03_scratch", "count", "right")], COURSE, platform)
        assert f"such as {name}: " in said


@pytest.mark.parametrize(
    ("platform", "heading"), [(p, h) for p, (h, _) in grades.PLATFORMS.items() if p[:6] != "canvas"]
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
        assert row[0] == row[head.index(grades.PLATFORMS[platform][0])] == name
        assert row[-1] == score


def test_canvas_knows_a_student_by_the_number_in_its_download(tmp_path: Path) -> None:
    rows = [Row(name, "03_scratch", "count", "right") for name in ("Ada L", "lovelaceada_1234")]
    _, _, *students = table(tmp_path, rows, platform="canvas-id")
    assert [own[:2] for own in students] == [["Ada L", ""], ["lovelaceada_1234", "1234"]]


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
