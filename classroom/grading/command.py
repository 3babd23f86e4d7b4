"""The command: what was handed in is found, graded and written down."""

from __future__ import annotations

import argparse
import math
import os
import sys
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from classroom.grading import (
    anonymous,
    confine,
    course,
    finder,
    grades,
    options,
    report,
    run,
    submissions,
    trial,
)
from classroom.grading.grade import Settings, joined
from classroom.grading.naming import readable
from classroom.grading.summary import STATUSES

MARK = "cache"  # the folder by which the results of an earlier run are known


def main(arguments: Sequence[str] | None = None) -> int:
    """Grade as the arguments say, and return the exit status."""
    given = options.parser().parse_args(arguments)
    try:
        return _grade(given)
    except (OSError, ValueError) as error:
        print(f"grading: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("grading: interrupted. The same command goes on from here.", file=sys.stderr)
        return 130


def _grade(given: argparse.Namespace) -> int:
    from tqdm import tqdm

    folder, out = given.submissions, given.out
    _refuse(folder, out, given.anonymous)
    lessons = course.lessons(given.course)
    found = finder.find(folder, lessons)
    if given.names:
        found = submissions.named(found, given.names, lessons)
    points = grades.points_of(lessons, given.points)
    due = given.due.timestamp() if given.due else math.inf
    found = submissions.newest(found, due)
    settings = Settings(given.cell_seconds, given.notebook_seconds, given.memory * 10**6)
    known = run.Known(out / MARK, settings)
    jobs = given.jobs or suitable_jobs(settings.memory)
    rows: list[run.Row] = []
    # On a terminal only: a bar in a file is noise.
    with tqdm(total=len(found), unit="file", disable=None) as bar:
        for one, graded in run.rows(found, known, settings, jobs):
            rows += [_dated(row, one, due) for row in graded]
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
    if given.anonymous:
        rows = anonymous.numbered(rows, given.anonymous)
    report.write(rows, out)
    grades.write(rows, lessons, points, out / "students.csv", given.grades_for)
    _say(rows, found, out, grades.remarks(rows, lessons, given.grades_for))
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


def _dated(row: run.Row, one: submissions.Submission, due: float) -> run.Row:
    """Return a row with the place and the time of its file, and a note if that came late."""
    place, late = readable(one.file.place), one.changed > due
    note = joined([row.note, "handed in late" * late])
    return replace(row, file=place, handed_in=one.changed, late=late, note=note)


def _say(
    rows: Sequence[run.Row],
    found: Sequence[submissions.Submission],
    out: Path,
    remarks: Sequence[str],
) -> None:
    counts = Counter(row.status for row in rows if row.exercise)
    answers = ", ".join(f"{counts[status]} {status}" for status in STATUSES)
    print(f"{len(found)} files. Answers: {answers}.")
    if late := len({(row.student, row.notebook) for row in rows if row.exercise and row.late}):
        print(f"{late} of the notebooks came late.")
    ungraded = [row for row in rows if not row.exercise]
    if ungraded:
        print(f"{len(ungraded)} files were not graded; their rows in results.csv say why.")
    same = Counter((one.student, one.lesson) for one in found if one.lesson)
    for (student, _), count in same.items():
        if count > 3:
            print(
                f"{count} files of one notebook belong to {student}, and one counts. If that is "
                "no student but the folder of a class, move what is in it into SUBMISSIONS."
            )
    for remark in remarks:
        print(f"students.csv: {remark}")
    limits = trial.words(confine.in_force)
    if limits:
        print(limits)
    print(f"See {out / 'class.html'}, {out / 'results.csv'} and {out / 'students.csv'}.")
