"""All submissions run, each once: what is known from an earlier run is read, not run again."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import re
import time
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
from classroom.grading.submissions import Submission, readable


@dataclass(frozen=True)
class Settings:
    """The limits of a run.

    Attributes:
        cell_seconds: time for a cell, and for the check of an answer.
        seconds: time for a notebook.
        memory: bytes for each process.
    """

    cell_seconds: float = 30
    seconds: float = 120
    memory: int = 2_000_000_000

    def limits(self, seconds: float) -> confine.Limits:
        """Return the limits of one process, with half a minute to come to an end by itself."""
        return confine.Limits(seconds + 30, self.memory)


@dataclass(frozen=True)
class Row:
    """What is known of a student's answer to an exercise.

    Attributes:
        student: whose it is.
        notebook: its name, or nothing when it is not known.
        exercise: its name, or nothing when the file could not be graded.
        status: "right", "wrong", "unanswered", "missing" or "not checked".
        mistakes: by their names, what was told.
        seconds: how long the notebook and its checks took.
        note: what else there is to say.
        text: the whole feedback.
        file: of the submission, below SUBMISSIONS.
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


class Known:
    """What earlier runs found, a file for each content of a submission."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        """Take a folder; what was found by another version of the course does not count."""
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        packages = [
            Path(str(module.__file__)).parent for module in (classroom, d2lhelpers, tellwhy)
        ]
        sources = [path.read_bytes() for one in packages for path in sorted(one.rglob("*.py"))]
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
    waiting: dict[Path, list[tuple[Submission, Lesson, bytes]]] = {}
    for one in submissions:
        try:
            if one.problem or not one.lesson:
                raise ValueError(one.problem)
            content = one.path.read_bytes()
        except (OSError, ValueError) as error:
            yield one, [_ungraded(one, getattr(error, "strerror", None) or str(error))]
            continue
        file = known.file(one.lesson, content)
        results = known.get(file)
        if results is None:
            waiting.setdefault(file, []).append((one, one.lesson, content))
        else:
            yield one, _rows(one, one.lesson, results)
    if waiting:
        yield from _run(waiting, known, settings, jobs)


def _run(
    waiting: dict[Path, list[tuple[Submission, Lesson, bytes]]],
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
                    file = todo.pop()
                    _, lesson, content = waiting[file][0]
                    running[pool.submit(grade, content, lesson, settings)] = file
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    file = running.pop(future)
                    known.put(file, future.result())
                    for one, lesson, _ in waiting[file]:
                        yield one, _rows(one, lesson, future.result())
        except (GeneratorExit, KeyboardInterrupt):
            confine.stop()
            raise


def _ungraded(one: Submission, problem: str) -> Row:
    return Row(one.student, one.lesson.name if one.lesson else "", note=readable(problem))


def _rows(one: Submission, lesson: Lesson, results: list[dict[str, Any]]) -> list[Row]:
    return [
        Row(one.student, lesson.name, **{**found, "mistakes": tuple(found["mistakes"].items())})
        for found in results
    ]


def grade(content: bytes, lesson: Lesson, settings: Settings) -> list[dict[str, Any]]:
    """Run a notebook and check its answers, each in a process of its own.

    Returns:
        For each exercise its name, status, mistakes, text, note, and the seconds of the notebook.
    """
    started = time.monotonic()
    outcome = confine.call(
        settings.limits(settings.seconds),
        "classroom.grading.kernel:run",
        content.decode("utf-8", "replace"),
        list(lesson.exercises),
        list(lesson.cells),
        settings.cell_seconds,
        settings.seconds,
    )
    ran = outcome.result or {"problem": f"the notebook {outcome.failure}"}
    if ran["problem"]:
        found = [_result("not checked", note=ran["problem"]) for _ in lesson.exercises]
    else:
        found = [_verdict(name, lesson, ran, settings) for name in lesson.exercises]
    seconds = round(time.monotonic() - started, 1)
    return [
        {**result, "exercise": name, "seconds": seconds}
        for name, result in zip(lesson.exercises, found, strict=True)
    ]


def _verdict(name: str, lesson: Lesson, ran: dict[str, Any], settings: Settings) -> dict[str, Any]:
    errors = [error for error in ran["errors"] if error["source"] not in lesson.cells]
    own = [e for e in errors if re.search(rf"exercises\.{name}\.|def {name}\b", e["source"])]
    said = [f"cell {error['cell']}: {error['error']}" for error in own or errors[:1]]
    if name in ran["answers"]:
        limits = settings.limits(settings.cell_seconds)
        answer = ran["answers"][name]
        outcome = confine.call(limits, "classroom.grading.verdict:check", name, answer)
        result = outcome.result or _result("wrong", note=f"the answer {outcome.failure}")
        notes = [result["note"], *(said if own else []), *ran["notes"]]
    elif own:
        result = _result("wrong", text=f"{name}: not yet right.\n{said[0]}")
        notes = [*said, *ran["notes"]]
    elif ran["stopped"]:
        result = _result("not checked")
        notes = [ran["stopped"]]
    else:
        result = _result("missing")
        notes = [f"no function {name}, and nothing given to its check", *said, *ran["notes"]]
    note = readable("; ".join(dict.fromkeys(filter(None, notes))).replace("\n", " "))
    return {**result, "note": note}


def _result(status: str, text: str = "", note: str = "") -> dict[str, Any]:
    return {"status": status, "mistakes": {}, "text": text, "note": note}
