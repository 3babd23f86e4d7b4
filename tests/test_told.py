"""What wrong answers are told, to the letter: `told.md` has answers as students give them.

`python tests/test_told.py` writes the feedback anew. Read the difference before you commit it:
each sentence must be true of the answer above it, and tell its reason.
"""

import linecache
import math
import re
import statistics
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tellwhy.answers import ask as asking
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from d2lhelpers import exercises, squared_loss

TOLD = Path(__file__).with_name("told.md")
# Of each answer what was thought, its code, and what it is told.
ENTRY = re.compile(
    r"\n(?P<why>(?!```)[^\n]+)\n\n```python\n(?P<code>.*?)```\n\n```text\n.*?```\n", re.S
)


def checked(code: str, number: int = 0) -> str:
    """Return the feedback on an answer in a notebook's cell, without what a library's words are."""
    name = f"/nowhere/ipykernel_1/{number}.py"  # no file: the lines are in linecache alone
    linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
    namespace: dict[str, Any] = {
        "DataLoader": DataLoader,
        "F": nn.functional,
        "TensorDataset": TensorDataset,
        "math": math,
        "nn": nn,
        "np": np,
        "squared_loss": squared_loss,
        "statistics": statistics,
        "torch": torch,
    }
    exec(compile(code, name, "exec"), namespace)
    exercise = re.findall(r"^def (\w+)", code, re.M)[-1]
    text: str = getattr(exercises, exercise).check(namespace[exercise]).text
    return re.sub(r"^(  raised +\w+|  warned).*", r"\1", text, flags=re.M)


def entry(why: str, code: str, text: str) -> str:
    return f"\n{why}\n\n```python\n{code}```\n\n```text\n{text}\n```\n"


ENTRIES = [match.group() for match in ENTRY.finditer(TOLD.read_text())]


@pytest.mark.parametrize("number", range(len(ENTRIES)))
def test_an_answer_is_told_what_is_written(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches any other word or value, where other tests look at names, and a question's error."""
    monkeypatch.setattr(asking, "FORGIVEN", ())
    match = ENTRY.match(ENTRIES[number])
    assert match
    text = checked(match["code"], number)
    assert ENTRIES[number] == entry(match["why"], match["code"], text)


def test_the_answers_are_of_every_exercise() -> None:
    """Catches a pattern that misses entries, and an exercise that is added without any."""
    told = TOLD.read_text()
    assert len(ENTRIES) == told.count("```python\n")
    for name in exercises.__all__:
        assert sum(f"\n{name}: not yet right." in one for one in ENTRIES) >= 3, name


if __name__ == "__main__":
    TOLD.write_text(
        ENTRY.sub(
            lambda one: entry(one["why"], one["code"], checked(one["code"])), TOLD.read_text()
        )
    )
