"""Which file is whose, and which notebook it is."""

from __future__ import annotations

import csv
import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from classroom.grading.course import Lesson

LARGEST = 20_000_000  # bytes of a notebook's file
RULES = """\
A file in a folder belongs to the student whose name the folder has: the first folder below
SUBMISSIONS counts. A file that lies in SUBMISSIONS itself belongs to the student whose name stands
before the notebook's name, as in ada_03_regression.ipynb, or else behind it. What learning
platforms add ("_assignsubmission_file", "_LATE", the second number of Canvas) is left out.
The notebook is told from the file's name: the whole name of the course's notebook, or else its
number and the first word ("03_regression"), or else its number alone ("03"). What follows, such
as "-Copy1" or "(2)", does not matter. Capitals, blanks, hyphens and underscores are alike.
Of several files of a student with the same notebook the newest counts; of equally new ones the
last by name, where 10 comes after 9. Links are not followed."""


@dataclass(frozen=True)
class Submission:
    """A file, or a folder without a notebook.

    Attributes:
        path: where it is.
        student: whose it is.
        lesson: the course's notebook, if it is known.
        problem: why it is not graded, or nothing.
    """

    path: Path
    student: str
    lesson: Lesson | None = None
    problem: str = ""


def readable(text: str) -> str:
    r"""Return a text without what cannot be written or seen: control and broken characters.

    Example:
        >>> readable("Ada\x1b[31m\udcff Love\u202elace\n")
        'Ada[31m? Lovelace'
    """
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return "".join(letter for letter in whole if letter.isprintable()).strip()


def words(text: str) -> list[str]:
    """Split a name at everything that is no letter and no digit.

    Example:
        >>> words("Ada_03-Regression (1)")
        ['ada', '03', 'regression', '1']
    """
    return re.findall(r"[^\W_]+", text.casefold())


def find(folder: Path, lessons: Sequence[Lesson]) -> list[Submission]:
    """Return every submission below a folder, in the order of the names.

    Example:
        >>> lesson = Lesson("03_regression_from_scratch", ("gradient",), ())
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as name:
        ...     _ = (Path(name) / "ada_03_regression.ipynb").write_text("")
        ...     [(s.student, s.lesson.name) for s in find(Path(name), [lesson])]
        [('ada', '03_regression_from_scratch')]
    """
    found = []
    for entry in _sorted(folder.iterdir()):
        if entry.is_dir() and not entry.is_symlink():
            files = list(_files(entry))
            found += [_submission(file, folder, lessons) for file in files]
            if not files:
                found.append(
                    Submission(entry, student_of(entry.name), problem="no notebook in this folder")
                )
        elif entry.suffix.casefold() == ".ipynb" or entry.is_symlink():
            found.append(_submission(entry, folder, lessons))
    return found


def _sorted(paths: Iterator[Path]) -> list[Path]:
    def order(path: Path) -> list[tuple[int, str]]:
        parts = re.findall(r"\d+|\D+", path.name)
        return [(int(p), "") if p.isdecimal() and len(p) < 20 else (0, p) for p in parts]

    return sorted((p for p in paths if _wanted(p.name)), key=order)


def _wanted(name: str) -> bool:
    return not name.startswith(".") and name != "__MACOSX"


def _files(folder: Path) -> Iterator[Path]:
    for place, inner, names in os.walk(folder):
        inner[:] = [path.name for path in _sorted(Path(place, name) for name in inner)]
        links = [name for name in inner if Path(place, name).is_symlink()]
        notebooks = [name for name in names if name.casefold().endswith(".ipynb")]
        yield from _sorted(Path(place, name) for name in [*links, *notebooks])


def _submission(path: Path, folder: Path, lessons: Sequence[Lesson]) -> Submission:
    inside = path.relative_to(folder).parts
    lesson, before, after = lesson_of(path.stem, lessons)
    name = inside[0] if len(inside) > 1 else before or after or path.stem
    found = Submission(path, student_of(name) or "(no name)", lesson)
    problem = _problem(path)
    if not problem and lesson is None:
        problem = "the file's name does not say which notebook it is"
    return replace(found, problem=problem)


def _problem(path: Path) -> str:
    try:
        status = path.lstat()
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    if stat.S_ISLNK(status.st_mode):
        return "a link, which is not followed"
    if not stat.S_ISREG(status.st_mode):
        return "no ordinary file"
    if status.st_size > LARGEST:
        return f"larger than {LARGEST // 1_000_000} MB"
    return ""


def lesson_of(stem: str, lessons: Sequence[Lesson]) -> tuple[Lesson | None, str, str]:
    """Return the notebook that a file's name tells, and what stands before and after it.

    Example:
        >>> course = [Lesson("03_regression_from_scratch", (), ())]
        >>> lesson_of("ada b_03_regression-Copy1", course)[1:]
        ('ada b', '')
        >>> lesson_of("Untitled", course)
        (None, '', '')
    """
    parts = [(part[0].casefold(), part.start(), part.end()) for part in _parts(stem)]
    for length in ("whole", "first word", "number"):
        hits = []
        for lesson in lessons:
            number, *topic = words(lesson.name)
            wanted = {
                "whole": [number, *topic],
                "first word": [number, topic[0]],
                "number": [number],
            }[length]
            hits += [
                (lesson, start, start + len(wanted))
                for start in range(len(parts))
                if [part[0] for part in parts[start : start + len(wanted)]] == wanted
            ]
        if len({lesson for lesson, _, _ in hits}) == 1:
            lesson, start, stop = hits[-1]
            rest = [word for word in lesson.words if word in words(stem)]
            while stop < len(parts) and parts[stop][0] in rest:  # 03_regression_scratch
                stop += 1
            before = stem[: parts[start][1]].strip(" _-.,([")
            after = re.sub(r"(?i)copy\d*|\(\d+\)|\b(final|v?\d+)\b", "", stem[parts[stop - 1][2] :])
            return lesson, before, after.strip(" _-.,)]")
        if hits:
            break  # more than one notebook is named
    return None, "", ""


def _parts(stem: str) -> Iterator[re.Match[str]]:
    return re.finditer(r"[^\W_]+", stem)


def student_of(name: str) -> str:
    """Return a student's name from a folder's or a file's, without what platforms add.

    Example:
        >>> student_of("Ada Lovelace_1234_assignsubmission_file_")
        'Ada Lovelace_1234'
        >>> student_of("lovelaceada_LATE_1234_56789")
        'lovelaceada_1234'
    """
    name = re.sub(r"_assignsubmission_\w*$", "", name)
    name = re.sub(r"_late(?=_|$)", "", name, flags=re.IGNORECASE)
    name = re.sub(r"^([^\W_]+_\d+)_\d+$", r"\1", name)
    return readable(name)


def newest(submissions: Sequence[Submission]) -> list[Submission]:
    """Leave one file for each student and notebook; the older ones become problems."""
    last: dict[tuple[str, str], int] = {}
    for place, one in enumerate(submissions):
        if one.lesson and not one.problem:
            key = one.student, one.lesson.name
            other = last.get(key)
            if other is None or _changed(submissions[other]) <= _changed(one):
                last[key] = place
    counted = set(last.values())
    older = "a newer file of the same student counts"
    return [
        one if one.problem or place in counted else replace(one, problem=older)
        for place, one in enumerate(submissions)
    ]


def _changed(one: Submission) -> float:
    return one.path.stat().st_mtime


def named(
    submissions: Sequence[Submission], names: Path, folder: Path, lessons: Sequence[Lesson]
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
    by_file = {row["file"]: row for row in rows}
    return [_corrected(one, by_file, names, folder, lessons) for one in submissions]


def _corrected(
    one: Submission,
    by_file: Mapping[str, Mapping[str, str]],
    names: Path,
    folder: Path,
    lessons: Sequence[Lesson],
) -> Submission:
    row = by_file.get(one.path.relative_to(folder).as_posix())
    if row is None:
        return one
    lesson = one.lesson
    if row["notebook"]:
        lesson = next((ours for ours in lessons if ours.name == row["notebook"]), None)
        if lesson is None:
            known = ", ".join(ours.name for ours in lessons)
            raise ValueError(f"{names}: no notebook {row['notebook']!r}; there are {known}")
    problem = one.problem if one.path.is_dir() else _problem(one.path)
    return replace(
        one, student=readable(row["student"]) or one.student, lesson=lesson, problem=problem
    )
