"""A row for each student, as Moodle's and Canvas's imports of grades take it."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path

from classroom.grading.course import Lesson
from classroom.grading.report import cell
from classroom.grading.run import Row

# What identifies a student, by what --grades-for names, is the heading that the platform knows.
# Moodle: Grades > Import > CSV file, "Map from" (docs.moodle.org/en/Grade_import). Canvas: its own
# export has these five columns, and its importer wants the first two
# (lib/gradebook_importer.rb in instructure/canvas-lms).
PLATFORMS = {
    "nobody": "student",
    "moodle-email": "Email address",
    "moodle-username": "Username",
    "moodle-idnumber": "ID number",
    "canvas-login": "SIS Login ID",
    "canvas-sis": "SIS User ID",
}
CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")


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
    """Write students.csv.

    Args:
        rows: of all answers, sorted by student.
        lessons: the notebooks of the course; a column for each that somebody handed in.
        points: of each exercise.
        path: of the file.
        platform: of `PLATFORMS`, whose import shall take it.
    """
    handed_in = {row.notebook for row in rows if row.exercise}
    wanted = [lesson for lesson in lessons if lesson.name in handed_in]
    students = [(name, list(own)) for name, own in groupby(rows, lambda row: row.student)]
    make = _canvas if platform.startswith("canvas") else _table
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(make(students, wanted, points, PLATFORMS[platform]))


def _scored(rows: Sequence[Row], points: Mapping[str, float]) -> float:
    return sum(points[row.exercise] for row in rows if row.status == "right")


def _most(lesson: Lesson, points: Mapping[str, float]) -> float:
    return sum(points[name] for name in lesson.exercises)


def _of(rows: Sequence[Row], lesson: Lesson) -> list[Row]:
    return [row for row in rows if row.notebook == lesson.name and row.exercise]


def _table(
    students: Sequence[tuple[str, list[Row]]],
    lessons: Sequence[Lesson],
    points: Mapping[str, float],
    heading: str,
) -> list[list[str]]:
    kinds = ("right", "wrong", "unanswered")
    head = [heading]
    for lesson in lessons:
        number = lesson.words[0]
        head += [f"{number} {kind}" for kind in (*kinds, "points", "handed in", "late")]
    table = [[*head, *(f"all {kind}" for kind in (*kinds, "points", "late"))]]
    for name, rows in students:
        line = [cell(name)]
        for lesson in lessons:
            own = _of(rows, lesson)
            line += [*_counts(own, kinds), _number(_scored(own, points))] if own else [""] * 4
            line += [_time(own), "late" if any(row.late for row in own) else ""]
        answers = [row for row in rows if row.exercise]
        late = len({row.notebook for row in answers if row.late})
        table.append(
            [*line, *_counts(answers, kinds), _number(_scored(answers, points)), f"{late}"]
        )
    return table


def _canvas(
    students: Sequence[tuple[str, list[Row]]],
    lessons: Sequence[Lesson],
    points: Mapping[str, float],
    heading: str,
) -> list[list[str]]:
    """Return nothing but points: of any further column Canvas would make an assignment."""
    possible = [_number(_most(lesson, points)) for lesson in lessons]
    table = [[*CANVAS, *(lesson.name for lesson in lessons)]]
    table.append(["    Points Possible", *[""] * (len(CANVAS) - 1), *possible])
    for name, rows in students:
        who = dict.fromkeys(CANVAS, "") | {"Student": cell(name), heading: cell(name)}
        scores = [(own, _scored(own, points)) for own in (_of(rows, one) for one in lessons)]
        table.append([*who.values(), *(_number(score) if own else "" for own, score in scores)])
    return table


def _counts(rows: Sequence[Row], kinds: Sequence[str]) -> list[str]:
    counts = Counter("unanswered" if row.status == "missing" else row.status for row in rows)
    return [str(counts[kind]) for kind in kinds]


def _number(value: float) -> str:
    return f"{value:g}"


def _time(rows: Sequence[Row]) -> str:
    times = [row.handed_in for row in rows if row.handed_in]
    return f"{datetime.fromtimestamp(max(times)):%Y-%m-%d %H:%M}" if times else ""
