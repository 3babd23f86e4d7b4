"""The verdict on an answer, by the installed package in a process that is clean of the student's.

The functions in front run in that process.
"""

from __future__ import annotations

import base64
import linecache
import pickle
from typing import Any

from classroom.grading import watch
from d2lhelpers import exercises


def check(name: str, answer: str) -> dict[str, Any]:
    """Check an answer that `keeper.Keeper` wrote.

    Returns:
        status and text of the feedback, what was told by the label of each finding, and a note on
        what else happened.
    """
    before = watch.parts()
    lines, function, reason = pickle.loads(base64.b64decode(answer))
    if reason:
        return result(
            "not checked", note=f"the answer cannot be copied out of its notebook: {reason}"
        )
    for file, text in lines.items():  # so that an error can be shown with its line
        linecache.cache[file] = (sum(map(len, text)), None, text, file)
    feedback = getattr(exercises, name).check(function)
    changed = watch.replaced(before)
    if changed:
        note = f"the answer replaced {', '.join(changed[:3])} when it was called"
        return result("not checked", note=note)
    note = ""
    if str(getattr(function, "__module__", "")).startswith(("d2lhelpers", "tellwhy")):
        note = "the answer is a function of the package itself"
    mistakes = {finding.label: finding.sentence for finding in feedback.findings}
    return result(feedback.status, mistakes, feedback.text, note)


def result(
    status: str, mistakes: dict[str, str] | None = None, text: str = "", note: str = ""
) -> dict[str, Any]:
    """Return what is known of an answer."""
    return {"status": status, "mistakes": mistakes or {}, "text": text, "note": note}
