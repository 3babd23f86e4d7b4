"""All submissions run, each once: what is known from an earlier run is read, not run again."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import classroom
import d2lhelpers
import tellwhy
from classroom.grading import confine
from classroom.grading.course import Lesson
from classroom.grading.grade import Settings, grade, joined, not_checked
from classroom.grading.submissions import OLDER, TOO_LATE, Submission


@dataclass(frozen=True)
class Row:
    """What is known of a student's answer to an exercise.

    Attributes:
        student: whose it is.
        notebook: its name, or nothing when it is not known.
        exercise: its name, or nothing when the file could not be graded.
        status: "right", "wrong", "unanswered", "missing" or "not checked"; of a file for which
            another one of the student counts, "not counted".
        mistakes: by their names, what was told.
        seconds: how long the notebook and its checks took.
        note: what else there is to say.
        text: the whole feedback.
        file: of the submission, below SUBMISSIONS.
        handed_in: when, in seconds since 1970, if it is known.
        late: whether that was after the time that was due.
    """

    student: str
    notebook: str = ""
    exercise: str = ""
    status: str = "not checked"
    mistakes: tuple[tuple[str, str], ...] = ()
    seconds: float = 0
    note: str = ""
    text: str = ""
    file: str = ""
    handed_in: float = 0
    late: bool = False


class Known:
    """What earlier runs found, a file for each content of a submission."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        """Take a folder; what was found by another version of the course does not count."""
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        packages = [
            Path(str(module.__file__)).parent for module in (classroom, d2lhelpers, tellwhy)
        ]
        files = [path for one in packages for path in sorted(one.rglob("*.*"))]
        sources = [path.read_bytes() for path in files if path.suffix in (".py", ".toml")]
        versions = [str(settings), platform.python_version(), version("torch")]
        self._version = hashlib.sha256(b"".join([*sources, *map(str.encode, versions)]))

    def file(self, lesson: Lesson, content: bytes) -> Path:
        """Return where the result for a content is kept."""
        key = self._version.copy()
        key.update(repr(lesson).encode() + content)
        return self._folder / f"{key.hexdigest()[:40]}.json"

    def get(self, file: Path) -> list[dict[str, Any]] | None:
        """Return a kept result, if it is whole."""
        with contextlib.suppress(OSError, ValueError):
            kept: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
            return kept
        return None

    def put(self, file: Path, results: list[dict[str, Any]]) -> None:
        """Keep a result, all of it or nothing."""
        new = file.with_suffix(".new")
        new.write_text(json.dumps(results), encoding="utf-8")
        os.replace(new, file)


def rows(
    submissions: Iterable[Submission], known: Known, settings: Settings, jobs: int
) -> Iterator[tuple[Submission, list[Row]]]:
    """Grade submissions, several at a time, and yield the rows of each as they are known."""
    waiting: dict[Path, list[tuple[Submission, Lesson]]] = {}
    for one in submissions:
        try:
            if one.problem or not one.lesson:
                raise ValueError(one.problem)
            kept_in = known.file(one.lesson, one.file.content())
        except (OSError, ValueError) as error:
            yield one, [_ungraded(one, getattr(error, "strerror", None) or str(error))]
            continue
        results = known.get(kept_in)
        if results is None:  # the contents are read again: a class need not fit into memory
            waiting.setdefault(kept_in, []).append((one, one.lesson))
        else:
            yield one, _rows(one, one.lesson, results)
    if waiting:
        yield from _run(waiting, known, settings, jobs)


def _run(
    waiting: dict[Path, list[tuple[Submission, Lesson]]],
    known: Known,
    settings: Settings,
    jobs: int,
) -> Iterator[tuple[Submission, list[Row]]]:
    confine.prepare()
    with ThreadPoolExecutor(jobs) as pool:
        running: dict[Future[list[dict[str, Any]]], Path] = {}
        todo = list(reversed(waiting))
        try:
            while todo or running:
                while todo and len(running) < jobs:
                    kept_in = todo.pop()
                    one, lesson = waiting[kept_in][0]
                    running[pool.submit(_graded, one, lesson, settings)] = kept_in
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    kept_in = running.pop(future)
                    if all(found["status"] != "not checked" for found in future.result()):
                        known.put(kept_in, future.result())  # what was not checked, is next time
                    for one, lesson in waiting[kept_in]:
                        yield one, _rows(one, lesson, future.result())
        except (GeneratorExit, KeyboardInterrupt):
            confine.stop()
            raise


def _graded(one: Submission, lesson: Lesson, settings: Settings) -> list[dict[str, Any]]:
    try:
        return grade(one.file.content(), lesson, settings)
    except (OSError, ValueError) as error:  # it was there a moment ago
        return not_checked(lesson, f"cannot be read: {error}")


def _ungraded(one: Submission, problem: str) -> Row:
    status = "not counted" if problem in (OLDER, TOO_LATE) else "not checked"
    notebook = one.lesson.name if one.lesson else ""
    return Row(one.student, notebook, status=status, note=joined([problem, one.note]))


def _rows(one: Submission, lesson: Lesson, results: list[dict[str, Any]]) -> list[Row]:
    return [
        Row(
            one.student,
            lesson.name,
            **{
                **found,
                "mistakes": tuple(found["mistakes"].items()),
                "note": joined([found.get("note", ""), one.note]),
            },
        )
        for found in results
    ]
