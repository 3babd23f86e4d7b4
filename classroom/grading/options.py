"""The options of the command, and its help."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path

from classroom.grading import confine, course, grades, submissions, trial
from classroom.grading.grade import Settings

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


class _Parser(argparse.ArgumentParser):
    """A parser whose help says what is limited here, which takes a moment to find out."""

    def format_help(self) -> str:
        """Return the help."""
        confine.prepare()
        return f"{super().format_help()}{trial.words(confine.in_force)}\n"


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command's options."""
    defaults = Settings()
    made = _Parser(
        prog="python -m classroom.grading",
        description=DESCRIPTION,
        epilog=f"WHICH FILE IS WHOSE\n{submissions.RULES}\n\nWHAT IT IS NOT\n{LIMITS}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = made.add_argument
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
        "results.csv has it), student, notebook; an empty field leaves what was found",
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
        help="whose import shall take students.csv, and by what it knows a student: in place of "
        "the name that was found, which has to be that (default: nobody's)",
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
    return made


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
