"""A row for each student, as Moodle's and Canvas's imports of grades take it."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path

from classroom.grading.course import Lesson
from classroom.grading.report import cell
from classroom.grading.run import Row

# What identifies a student, by what --grades-for names: the heading that the platform knows, and
# what stands under it. Moodle: Grades > Import > CSV file, "Map from"
# (docs.moodle.org/en/Grade_import). Canvas: its own export has these five columns, and its importer
# wants the first two (lib/gradebook_importer.rb in instructure/canvas-lms); the ID is the number
# that Canvas writes into the names of a download, behind the student's.
PLATFORMS = {
    "nobody": ("student", ""),
    "moodle-email": ("Email address", r"[^\s@]+@[^\s@]+"),
    "moodle-username": ("Username", r"[^\sA-Z]+"),
    "moodle-idnumber": ("ID number", r"(?!Participant_|submission_|anon_)\S*\d\S*"),
    "canvas-id": ("ID", r"(\w+_)?(?P<id>\d+)"),
    "canvas-login": ("SIS Login ID", r"(?P<id>(?![^\W\d]+_\d+$)\S+)"),
    "canvas-sis": ("SIS User ID", r"(?P<id>(?![^\W\d]+_\d+$)\S+)"),
}
CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
KINDS = ("right", "wrong", "unanswered", "not checked")
# Where there is no grade: Canvas takes an empty cell for that, and Moodle, of a column that it does
# not know yet, a hyphen alone (grade/import/csv/classes/load_data.php in moodle/moodle).
NO_GRADE = {"moodle": "-"}


def points_of(lessons: Sequence[Lesson], file: Path | None = None) -> dict[str, float]:
    """Return the points of each exercise: one, or what a CSV with exercise and points says.

    Raises:
        ValueError: the file names no exercise of the course, or no number.
        OSError: it cannot be read.
    """
    points = {name: 1.0 for lesson in lessons for name in lesson.exercises}
    if file is None:
        return points
    with file.open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            name, number = row.get("exercise"), row.get("points")
            if name not in points:
                raise ValueError(f"{file}: no exercise {name!r}; there are {', '.join(points)}")
            try:
                points[name] = float(number or "")
            except ValueError:
                raise ValueError(f"{file}: {name} should have a number, got {number!r}") from None
    return points


def write(
    rows: Sequence[Row],
    lessons: Sequence[Lesson],
    points: Mapping[str, float],
    path: Path,
    platform: str = "nobody",
) -> None:
    """Write students.csv. Points stand only where everything could be checked.

    Args:
        rows: of all answers, sorted by student.
        lessons: the notebooks of the course; a column for each that somebody handed in.
        points: of each exercise.
        path: of the file.
        platform: of `PLATFORMS`, whose import shall take it.
    """
    handed_in = {row.notebook for row in rows}
    wanted = [lesson for lesson in lessons if lesson.name in handed_in]
    students = [(name, list(own)) for name, own in groupby(rows, lambda row: row.student)]
    make = _canvas if platform.startswith("canvas") else _table
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(make(students, wanted, points, platform))


def remarks(rows: Sequence[Row], lessons: Sequence[Lesson], platform: str) -> list[str]:
    """Return what somebody should know who uses students.csv.

    Example:
        >>> remarks([Row("Ada", "03", "loss", "right")], [], "moodle-email")[0][:50]
        "1 of 1 names do not look like an 'Email address', "
    """
    heading, pattern = PLATFORMS[platform]
    students = {name: list(own) for name, own in groupby(rows, lambda row: row.student)}
    unchecked = sum(bool(_total(own, lessons)["not checked"]) for own in students.values())
    unknown = [name for name in students if pattern and not re.fullmatch(pattern, name)]
    return [
        *[
            f"{unchecked} of {len(students)} students have no sum of points, as a file of "
            "theirs could not be read or checked."
        ]
        * bool(unchecked),
        *(
            f"{len(unknown)} of {len(students)} names do not look like an '{heading}', such as "
            f"{name}: name the student with --names."
            for name in unknown[:1]
        ),
    ]


def _of(rows: Sequence[Row], lesson: Lesson) -> list[Row]:
    """Return a student's answers of a notebook, or else the files that could not be read."""
    own = [row for row in rows if row.notebook == lesson.name]
    return [row for row in own if row.exercise] or own


def _counts(own: Sequence[Row], lesson: Lesson) -> Counter[str]:
    if own and not own[0].exercise:
        return Counter({"not checked": len(lesson.exercises)})
    return Counter("unanswered" if row.status == "missing" else row.status for row in own)


def _total(rows: Sequence[Row], lessons: Sequence[Lesson]) -> Counter[str]:
    """Count all answers of a student; a file of which the notebook is not known counts as one."""
    total = Counter(row.status for row in rows if not row.notebook)
    return sum((_counts(_of(rows, lesson), lesson) for lesson in lessons), total)


def _scored(
    rows: Sequence[Row], counts: Counter[str], points: Mapping[str, float], platform: str
) -> str:
    """Return the points for answers, if there are some and all of them could be checked."""
    if not counts or counts["not checked"]:
        return NO_GRADE.get(platform.partition("-")[0], "")
    return _number(sum(points[row.exercise] for row in rows if row.status == "right"))


def _table(
    students: Sequence[tuple[str, list[Row]]],
    lessons: Sequence[Lesson],
    points: Mapping[str, float],
    platform: str,
) -> list[list[str]]:
    head = [PLATFORMS[platform][0]]
    for lesson in lessons:
        head += [f"{lesson.words[0]} {kind}" for kind in (*KINDS, "points", "handed in", "late")]
    table = [[*head, *(f"all {kind}" for kind in (*KINDS, "points", "late"))]]
    for name, rows in students:
        line, late = [cell(name)], 0
        for lesson in lessons:
            own = _of(rows, lesson)
            counts, is_late = _counts(own, lesson), any(row.late for row in own)
            line += [str(counts[kind]) for kind in KINDS] if own else [""] * len(KINDS)
            line += [_scored(own, counts, points, platform), _time(own), "late" * is_late]
            late += is_late
        total = _total(rows, lessons)
        line += [*(str(total[kind]) for kind in KINDS), _scored(rows, total, points, platform)]
        table.append([*line, f"{late}"])
    return table


def _canvas(
    students: Sequence[tuple[str, list[Row]]],
    lessons: Sequence[Lesson],
    points: Mapping[str, float],
    platform: str,
) -> list[list[str]]:
    """Return nothing but points: of any further column Canvas would make an assignment."""
    heading, pattern = PLATFORMS[platform]
    possible = [_number(sum(points[name] for name in one.exercises)) for one in lessons]
    table = [[*CANVAS, *(lesson.name for lesson in lessons)]]
    table.append(["    Points Possible", *[""] * (len(CANVAS) - 1), *possible])
    for name, rows in students:
        known = re.fullmatch(pattern, name)
        who = dict.fromkeys(CANVAS, "") | {"Student": cell(name)}
        who[heading] = cell(known["id"]) if known else ""
        of_each = [(_of(rows, lesson), lesson) for lesson in lessons]
        scores = [_scored(own, _counts(own, one), points, platform) for own, one in of_each]
        table.append([*who.values(), *scores])
    return table


def _number(value: float) -> str:
    return f"{value:g}"


def _time(rows: Sequence[Row]) -> str:
    times = [row.handed_in for row in rows if row.handed_in]
    return f"{datetime.fromtimestamp(max(times)):%Y-%m-%d %H:%M}" if times else ""
