"""The verdict on an answer, by the installed package in a process that is clean of the student's.

The functions in front run in that process.
"""

from __future__ import annotations

import base64
import builtins
import contextlib
import inspect
import linecache
import pickle
import signal
import sys
import time
from collections.abc import Iterator
from types import FrameType
from typing import Any
from unittest import mock

from IPython.display import display

from classroom.grading import watch
from classroom.grading.likeness import alike
from d2lhelpers import exercises


def check(name: str, answer: str) -> dict[str, Any]:
    """Check an answer that `keeper.Keeper` wrote.

    Returns:
        status and text of the feedback, what was told by the label of each finding, and a note on
        what else happened.
    """
    vars(builtins)["display"] = display  # as IPython has it
    before = watch.parts()
    lines, function, reason = pickle.loads(base64.b64decode(answer))
    if reason:
        return result(
            "not checked", note=f"the answer cannot be copied out of its notebook: {reason}"
        )
    for file, text in lines.items():  # so that an error can be shown with its line
        linecache.cache[file] = (sum(map(len, text)), None, text, file)
    names = getattr(function, "__globals__", {})  # which pickle looks for, as a Pool's does
    vars(sys.modules["__main__"]).update({k: v for k, v in names.items() if k[:2] != "__"})
    exercise = getattr(exercises, name)
    with _own_time():
        feedback = exercise.check(function)
    changed = watch.replaced(before)
    if changed:
        note = f"the answer replaced {', '.join(changed[:3])} when it was called"
        return result("not checked", note=note)
    if "raised    FileNotFoundError" in feedback.text:  # whatever else is told, or nothing
        note = "the answer reads a file, and files are not there when it is checked"
        return result("not checked", note=note)
    note = ""
    if str(getattr(function, "__module__", "")).startswith(("d2lhelpers", "tellwhy")):
        note = "the answer is a function of the package itself"
    elif _is_solution(function, exercise):
        note = "the same as the course's own solution, names and spacing apart"
    mistakes = {finding.label: finding.sentence for finding in feedback.findings}
    return result(feedback.status, mistakes, feedback.text, note)


def _is_solution(function: Any, exercise: Any) -> bool:
    try:
        return alike(inspect.getsource(function), exercise.solution())
    except (OSError, TypeError):  # there is no source
        return False


@contextlib.contextmanager
def _own_time() -> Iterator[None]:
    """Have a check count this process's own time, so that no answer is slow on a busy machine."""

    def awaken(_: int, frame: FrameType | None) -> None:
        # Before 3.12 Python tells a tracer nothing of a loop on one line, which would never end.
        if frame and frame.f_trace:
            frame.f_trace_opcodes = True

    with mock.patch.object(time, "monotonic", time.process_time):
        if sys.platform == "win32":
            yield
            return
        signal.signal(signal.SIGPROF, awaken)
        signal.setitimer(signal.ITIMER_PROF, 1, 1)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)


def result(
    status: str, mistakes: dict[str, str] | None = None, text: str = "", note: str = ""
) -> dict[str, Any]:
    """Return what is known of an answer."""
    return {"status": status, "mistakes": mistakes or {}, "text": text, "note": note}
