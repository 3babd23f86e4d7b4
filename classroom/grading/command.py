"""The command line of the grading."""

from __future__ import annotations

import argparse
import math
import os
import sys
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from classroom.grading import (
    anonymous,
    confine,
    course,
    finder,
    grades,
    report,
    run,
    submissions,
    trial,
)
from classroom.grading.grade import Settings
from classroom.grading.naming import readable
from classroom.grading.summary import STATUSES

MARK = "cache"  # the folder by which the results of an earlier run are known
DESCRIPTION = """\
Run the notebooks that students handed in, check their exercises with the installed package, and
write to RESULTS: results.csv (a row for each answer), students.csv (a row for each student, with
points), class.html (the mistakes of the class, without names), students/ (a text for each student)
and cache/ (what is known, so that a second run executes new and changed files only; delete it to
run everything again). SUBMISSIONS is only read.
"""
LIMITS = """\
This is no prison for hostile code: it protects against accidents and against simple tricks. Each
notebook runs in a process of its own, with limits of time and memory; where the system allows it
(on Linux as root or with user namespaces) without network, in a file system that is read-only but
for a temporary folder, and apart from all other processes. The number of processes is not limited.
Run strangers' code in a container that holds nothing else, and never as root outside of one.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Grade as the arguments say, and return the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        return _grade(options)
    except (OSError, ValueError) as error:
        print(f"grading: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("grading: interrupted. The same command goes on from here.", file=sys.stderr)
        return 130


class _Parser(argparse.ArgumentParser):
    """A parser whose help says what is limited here, which takes a moment to find out."""

    def format_help(self) -> str:
        """Return the help."""
        confine.prepare()
        return f"{super().format_help()}{trial.words(confine.in_force)}\n"


def _parser() -> argparse.ArgumentParser:
    defaults = Settings()
    parser = _Parser(
        prog="python -m classroom.grading",
        description=DESCRIPTION,
        epilog=f"WHICH FILE IS WHOSE\n{submissions.RULES}\n\nWHAT IT IS NOT\n{LIMITS}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add(
        "submissions",
        metavar="SUBMISSIONS",
        type=Path,
        help="what was handed in: a folder, or a zip",
    )
    add("--out", metavar="RESULTS", type=Path, required=True, help="the folder of the results")
    add(
        "--names",
        metavar="CSV",
        type=Path,
        help="students and notebooks of files that the rules below do not find: columns file (as "
        "seen from SUBMISSIONS), student, notebook; an empty field leaves what was found",
    )
    add(
        "--anonymous",
        metavar="KEY",
        type=Path,
        help="numbers in place of names; KEY is a CSV file outside of RESULTS that keeps them",
    )
    add(
        "--course",
        metavar="FOLDER",
        type=Path,
        default=course.folder(),
        help="the course's notebooks (default: those beside the package)",
    )
    add(
        "--due",
        metavar="TIME",
        type=_time,
        help="the last moment, such as 2026-12-04T18:00: of a student's files the newest before it "
        "counts; one that came later counts where there is no other, and is marked as late",
    )
    add(
        "--points",
        metavar="CSV",
        type=Path,
        help="points for a right answer: columns exercise, points (default: one each)",
    )
    add(
        "--grades-for",
        choices=grades.PLATFORMS,
        default="nobody",
        help="whose import shall take students.csv, and by what it knows a student (default: the "
        "name that was found)",
    )
    add("--jobs", type=_positive(int), help="notebooks at the same time (default: by the machine)")
    add(
        "--cell-seconds",
        type=_positive(float),
        default=defaults.cell_seconds,
        help="limit for a cell (default: %(default)s)",
    )
    add(
        "--notebook-seconds",
        type=_positive(float),
        default=defaults.seconds,
        help="limit for a notebook (default: %(default)s)",
    )
    add(
        "--memory",
        metavar="MB",
        type=_positive(int),
        default=defaults.memory // 10**6,
        help="limit for each process (default: %(default)s)",
    )
    return parser


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


_time.__name__ = "time"


def _positive(kind: type[int] | type[float]) -> type:
    def number(text: str) -> float:
        value = kind(text)
        if not 0 < value < 10**9:
            raise ValueError
        return value

    number.__name__ = "positive number"
    return number  # type: ignore[return-value]


def _grade(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    folder, out = options.submissions, options.out
    _refuse(folder, out, options.anonymous)
    lessons = course.lessons(options.course)
    found = finder.find(folder, lessons)
    if options.names:
        found = submissions.named(found, options.names, lessons)
    points = grades.points_of(lessons, options.points)
    due = options.due.timestamp() if options.due else math.inf
    found = submissions.newest(found, due)
    settings = Settings(options.cell_seconds, options.notebook_seconds, options.memory * 10**6)
    known = run.Known(out / MARK, settings)
    jobs = options.jobs or suitable_jobs(settings.memory)
    rows: list[run.Row] = []
    # On a terminal only: a bar in a file is noise.
    with tqdm(total=len(found), unit="file", disable=None) as bar:
        for one, graded in run.rows(found, known, settings, jobs):
            for row in graded:
                place, late = readable(one.file.place), one.changed > due
                rows.append(replace(row, file=place, handed_in=one.changed, late=late))
            bar.update()
    order = {
        (lesson.name, name): place
        for lesson in lessons
        for place, name in enumerate(lesson.exercises)
    }
    rows.sort(
        key=lambda row: (
            row.student.casefold(),
            row.student,
            row.notebook,
            order.get((row.notebook, row.exercise), -1),
            row.file,
        )
    )
    if options.anonymous:
        rows = anonymous.numbered(rows, options.anonymous)
    report.write(rows, out)
    grades.write(rows, lessons, points, out / "students.csv", options.grades_for)
    _say(rows, found, out, lessons)
    return 0


def _refuse(folder: Path, out: Path, key: Path | None) -> None:
    """Raise for folders that must not be the same, or that hold something else."""
    if not folder.is_dir() and not zipfile.is_zipfile(folder):
        raise NotADirectoryError(f"{folder}: SUBMISSIONS should be a folder or a zip")
    inside, results = folder.resolve(), out.resolve()
    if results.is_relative_to(inside) or inside.is_relative_to(results):
        raise ValueError(f"{out}: RESULTS and SUBMISSIONS should be apart")
    if out.exists() and not (out / MARK).is_dir() and any(out.iterdir()):
        raise ValueError(f"{out}: RESULTS should be new, empty, or from an earlier run")
    if key and any(key.resolve().is_relative_to(place) for place in (inside, results)):
        raise ValueError(f"{key}: the key should be kept apart from RESULTS and SUBMISSIONS")


def suitable_jobs(memory: int) -> int:
    """Return how many notebooks can run at once: one a core, and none without memory."""
    import psutil

    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    usual = 600_000_000  # bytes of a notebook that does nothing extraordinary
    return int(max(1, min(cores, psutil.virtual_memory().available // min(memory, usual))))


def _say(
    rows: Sequence[run.Row],
    found: Sequence[submissions.Submission],
    out: Path,
    lessons: Sequence[course.Lesson],
) -> None:
    counts = Counter(row.status for row in rows if row.exercise)
    answers = ", ".join(f"{counts[status]} {status}" for status in STATUSES)
    print(f"{len(found)} files. Answers: {answers}.")
    if late := len({(row.student, row.notebook) for row in rows if row.exercise and row.late}):
        print(f"{late} of the notebooks came late.")
    ungraded = [row for row in rows if not row.exercise]
    if ungraded:
        print(f"{len(ungraded)} files were not graded; their rows in results.csv say why.")
    if len(found) > 3 and len({one.student for one in found}) == 1:
        print(
            "All files belong to one student, by the name of their folder. Is SUBMISSIONS "
            "the folder inside of it?"
        )
    limits = trial.words(confine.in_force)
    if limits:
        print(limits)
    print(f"See {out / 'class.html'}, {out / 'results.csv'} and {out / 'students.csv'}.")
