"""One notebook graded: run in a process of its own, and each of its answers checked in another."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from classroom.grading import confine
from classroom.grading.cells import TIMEOUT
from classroom.grading.course import Lesson
from classroom.grading.naming import readable

# Errors of a cell that came to a limit of ours: they say nothing of the answer in it.
LIMIT = re.compile(f"^({TIMEOUT}|MemoryError)|(allocate|enough) memory")

SYNTAX = ("SyntaxError", "IndentationError", "TabError")


@dataclass(frozen=True)
class Settings:
    """The limits of a run.

    Attributes:
        cell_seconds: time for a cell.
        seconds: time for a notebook.
        memory: bytes for each process.
        check_seconds: time for the check of an answer, which itself ends what does not end within
            8 s of the processor's time; the rest is for a busy machine.
    """

    cell_seconds: float = 30
    seconds: float = 120
    memory: int = 2_000_000_000
    check_seconds: float = 30

    def limits(self, seconds: float) -> confine.Limits:
        """Return the limits of one process, with half a minute to come to an end by itself."""
        return confine.Limits(seconds + 30, self.memory)


def grade(content: bytes, lesson: Lesson, settings: Settings) -> list[dict[str, Any]]:
    """Run a notebook and check its answers, each in a process of its own.

    Returns:
        For each exercise its name, status, mistakes, text, note, and the seconds of the notebook.
    """
    started = time.monotonic()
    outcome = confine.call(
        settings.limits(settings.seconds),
        "classroom.grading.kernel:run",
        content,
        lesson,
        settings.cell_seconds,
        settings.seconds,
    )
    ran = outcome.result or {"problem": f"the notebook {outcome.failure}"}
    if ran["problem"]:
        found = not_checked(lesson, ran["problem"])
    else:
        found = [_verdict(name, lesson, ran, settings) for name in lesson.exercises]
    seconds = round(time.monotonic() - started, 1)
    return [{**result, "seconds": seconds} for result in found]


def not_checked(lesson: Lesson, reason: str) -> list[dict[str, Any]]:
    """Return what is known of answers that could not be checked."""
    return [_result(name, "not checked", note=reason) for name in lesson.exercises]


def _verdict(name: str, lesson: Lesson, ran: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """Return what is known of an answer. No failure of ours makes it wrong: it is not checked."""
    errors = [error for error in ran["errors"] if error["source"] not in lesson.cells]
    of_it = re.compile(rf"exercises\.{name}\.|def {name}\b")
    own = [error for error in errors if of_it.search(error["source"])]
    said = [f"{error['place']}: {error['error']}" for error in own or errors[:1]]
    result = _result(name, "missing", note=f"no function {name}, and nothing given to its check")
    if name in ran["answers"]:
        limits, answer = settings.limits(settings.check_seconds), ran["answers"][name]
        outcome = confine.call(limits, "classroom.grading.verdict:check", name, answer)
        failed = _result(name, "not checked", note=f"the check of the answer {outcome.failure}")
        result = {**failed, **outcome.result} if outcome.result else failed
    if result["status"] in ("missing", "unanswered"):
        broken = [e for e in own if result["status"] == "missing" or f"def {name}" in e["source"]]
        if any(LIMIT.search(error["error"]) for error in broken):
            result = _result(name, "not checked")
        elif broken:
            result = _result(name, "wrong", text=f"{name}: not yet right.\n{said[0]}")
            result["mistakes"] = _not_run(broken[0]["error"])
        elif ran["stopped"] and (
            result["status"] == "missing" or any(map(of_it.search, ran["left"]))
        ):
            result = _result(name, "not checked", note=ran["stopped"])
        else:
            said = [*ran["misplaced"][name], *said]
    notes = [result["note"], *said, ran["about"].get(name, ""), *ran["notes"]]
    return {**result, "note": joined(notes)}


def _not_run(error: str) -> dict[str, str]:
    """Return what is told of a cell that did not run, by its label.

    Example:
        >>> _not_run("NameError: name 'np' is not defined")
        {'cell_raises(error=NameError)': "The cell raises `NameError: name 'np' is not defined`."}
    """
    kind, _, message = error.partition(": ")
    if kind in SYNTAX:
        return {"syntax": f"{kind}: {message}"}
    return {f"cell_raises(error={kind})": f"The cell raises `{error}`."}


def _result(name: str, status: str, text: str = "", note: str = "") -> dict[str, Any]:
    return {
        "exercise": name,
        "status": status,
        "mistakes": {},
        "text": text,
        "note": note,
        "seconds": 0.0,
    }


def joined(notes: Iterable[str]) -> str:
    r"""Return notes as one line, each once.

    Example:
        >>> joined(["late", "", "late", "two\nlines"])
        'late; two lines'
    """
    return readable("; ".join(dict.fromkeys(filter(None, notes))).replace("\n", " "))
