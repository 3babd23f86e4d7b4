"""What was handed in: of each file whose it is, which notebook, and whether it counts."""

from __future__ import annotations

import csv
import math
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from classroom.grading import platforms
from classroom.grading.course import Lesson
from classroom.grading.files import File
from classroom.grading.naming import readable

RULES = """\
SUBMISSIONS is a folder, or the zip as it was downloaded. A zip in it is opened, and counts as a
folder. What these platforms write into a name or a path is understood:
{platforms}.
Elsewhere a file in a folder belongs to the student whose name the folder has: the first folder
below SUBMISSIONS counts, or the first below the one folder in which everything lies. A file in no
folder, or in one in which all files of a notebook begin with the names of several students, belongs
to the student whose name stands before the notebook's name in its own, as in
ada_03_regression.ipynb, or else behind it. Dates, "Copy of", "(1)", "final" and the like are no
names.
The notebook is told from the file's name: the whole name of the course's notebook, or else its
number and the first word ("03_regression"). If the name does not have them, the notebook is told
from the cells: by the exercises that they check, and by their ids. If these do not tell it either,
a number in the name is enough ("03"). Capitals, blanks, hyphens and underscores are alike.
Of several files of a student with the same notebook the newest counts, by the time that the
platform wrote into the name, or else by the file's own; of equally new ones the last by name,
where 10 comes after 9. One that cannot be read takes no other's place. Links are not followed. A
file of which these rules find no student or no notebook has a row that says so; with --names you
name them.""".format(
    platforms=textwrap.fill(", ".join(one.name for one in platforms.PLATFORMS), 98)
)
NO_NAME = "no student's name in the file's name: give one with --names"
NO_LESSON = "neither the file's name nor its cells say which notebook it is: name it with --names"
OLDER = "a newer file of the same student counts"
TOO_LATE = "an earlier file of the same student counts: this one came after the time that was due"


@dataclass(frozen=True)
class Submission:
    """A file, or a student without a notebook.

    Attributes:
        file: as it was handed in.
        student: whose it is.
        lesson: the course's notebook, if it is known.
        problem: why it is not graded, or nothing.
        note: what else there is to say of the file; no names, as it is read by the whole class.
        changed: when it was handed in or changed, in seconds since 1970.
        drawn: a number of the platform's, for students of the same name.
        meant: whether the file is meant as a notebook; else it is what was handed in instead.
    """

    file: File
    student: str
    lesson: Lesson | None = None
    problem: str = ""
    note: str = ""
    changed: float = 0.0
    drawn: str = ""
    meant: bool = True


def newest(submissions: Sequence[Submission], due: float = math.inf) -> list[Submission]:
    """Leave one file for each student and notebook; the others become problems.

    It is the newest of those that came in time, or else the newest of all, which is late.

    Args:
        submissions: of the class.
        due: the last moment, in seconds since 1970.
    """
    last: dict[tuple[str, str], int] = {}
    for place, one in enumerate(submissions):
        if one.lesson and not one.problem:
            key = one.student, one.lesson.name
            other = last.get(key)
            if other is None or _order(submissions[other], due) <= _order(one, due):
                last[key] = place
    counted = set(last.values())
    return [
        one
        if one.problem or place in counted
        else replace(one, problem=TOO_LATE if one.changed > due else OLDER)
        for place, one in enumerate(submissions)
    ]


def _order(one: Submission, due: float) -> tuple[bool, float]:
    return one.changed <= due, one.changed


def named(
    submissions: Sequence[Submission], names: Path, lessons: Sequence[Lesson]
) -> list[Submission]:
    """Correct students and notebooks by a CSV file with columns file, student and notebook.

    Raises:
        ValueError: a column is missing, or a notebook is not of this course.
        OSError: the file cannot be read.
    """
    with names.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        if missing := {"file", "student", "notebook"} - row.keys():
            raise ValueError(f"{names}: the column {sorted(missing)[0]!r} is missing")
    by_file = {_as_written(row["file"]): row for row in rows}
    return [_corrected(one, by_file, names, lessons) for one in submissions]


def _as_written(place: str) -> str:
    """Return a file's place as results.csv has it, but for the mark that it is no formula."""
    return readable(place).removeprefix("'")


def _corrected(
    one: Submission,
    by_file: Mapping[str, Mapping[str, str]],
    names: Path,
    lessons: Sequence[Lesson],
) -> Submission:
    row = by_file.get(_as_written(one.file.place))
    if row is None:
        return one
    lesson = one.lesson
    if row["notebook"]:
        lesson = next((ours for ours in lessons if ours.name == row["notebook"]), None)
        if lesson is None:
            known = ", ".join(ours.name for ours in lessons)
            raise ValueError(f"{names}: no notebook {row['notebook']!r}; there are {known}")
    student = readable(row["student"])
    return replace(
        one,
        student=student or one.student,
        lesson=lesson,
        problem="" if lesson and one.problem == NO_LESSON else one.problem,
        note=one.note.replace(NO_NAME, "") if student else one.note,
    )
