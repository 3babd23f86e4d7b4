"""What wrong answers are told: `told.md` has answers as students give them.

Two or so of each exercise have their feedback to the letter, the others the labels of what is
found. `python tests/test_told.py` writes both anew. Read the difference before you commit it:
each sentence must be true of the answer above it, and tell its reason.
"""

import linecache
import math
import re
import statistics
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from d2lhelpers import exercises, squared_loss
from tellwhy import Feedback, Specification, check

TOLD = Path(__file__).with_name("told.md")
# Of each answer what was thought, its code, and what it is told.
ENTRY = re.compile(
    r"\n(?P<why>(?!```)[^\n]+)\n\n```python\n(?P<code>.*?)```\n\n```(?P<kind>\w+)\n.*?```\n", re.S
)


def checked(code: str, number: int = 0) -> Feedback:
    """Return the feedback on an answer in a notebook's cell."""
    name = f"/nowhere/ipykernel_1/{number}.py"  # no file: the lines are in linecache alone
    linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
    namespace: dict[str, Any] = {
        "F": nn.functional,
        "math": math,
        "nn": nn,
        "np": np,
        "squared_loss": squared_loss,
        "statistics": statistics,
        "torch": torch,
    }
    exec(compile(code, name, "exec"), namespace)
    exercise = re.findall(r"^def (\w+)", code, re.M)[-1]
    return check(patient(exercise), namespace[exercise])


@cache
def patient(exercise: str) -> Specification:
    """Return an exercise with time for a busy machine, where what is told must not depend on it."""
    specification: Specification = getattr(exercises, exercise).specification
    return replace(specification, seconds=100)


def entry(match: re.Match[str], number: int = 0) -> str:
    """Return an entry of the file, as it should stand there."""
    why, code, kind = match["why"], match["code"], match["kind"]
    feedback = checked(code, number)
    text = re.sub(r"^(  raised +\w+|  warned).*", r"\1", feedback.text, flags=re.M)
    labels = [feedback.exercise, *(finding.label for finding in feedback.findings)]
    told = text if kind == "text" else "\n".join(labels)
    return f"\n{why}\n\n```python\n{code}```\n\n```{kind}\n{told}\n```\n"


ENTRIES = [match.group() for match in ENTRY.finditer(TOLD.read_text())]


@pytest.mark.parametrize("number", range(len(ENTRIES)))
def test_an_answer_is_told_what_is_written(number: int) -> None:
    """Catches another finding, or another word or value where all is written."""
    match = ENTRY.match(ENTRIES[number])
    assert match
    assert ENTRIES[number] == entry(match, number)


def test_the_answers_are_of_every_exercise() -> None:
    """Catches a pattern that misses entries, and an exercise that is added without any."""
    told = TOLD.read_text()
    assert len(ENTRIES) == told.count("```python\n")
    for name in exercises.__all__:
        assert sum(f"def {name}(" in one for one in ENTRIES) >= 3, name
        assert any(f"\n{name}: not yet right." in one for one in ENTRIES), name


if __name__ == "__main__":
    TOLD.write_text(ENTRY.sub(entry, TOLD.read_text()))
