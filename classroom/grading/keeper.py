"""The answers of a notebook, kept in the student's kernel as they are given."""

from __future__ import annotations

import json
import linecache
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import cloudpickle
from tellwhy import Feedback
from tellwhy.answers.exercise import Exercise

from classroom.grading import watch
from d2lhelpers import exercises

LARGEST = 3_000_000  # bytes of an answer
NOTES = "notes.json"


class Keeper:
    """Keeps, in the student's kernel, the answers as they are given, each in a file.

    An answer is what is given to `exercises.NAME.check`. It is not checked here, where the
    student's code can reach the check: another process does that. If nothing is ever given to
    it, the answer is the function called NAME.
    """

    def __init__(self, names: list[str], course: list[str], folder: Path) -> None:
        """Take the exercises' names, the course's own cells, and the folder of the files."""
        self._course, self._folder = set(course), folder
        self._exercises = {id(getattr(exercises, name)): name for name in names}
        self._bound: dict[str, Any] = {}
        self._given: set[str] = set()
        self._notes: list[str] = []

        def check(exercise: Exercise, answer: Any = None) -> Feedback:
            name = self._exercises.get(id(exercise))
            if name:
                self._keep(name, answer, given=True)
            return Feedback(exercise.name, "unanswered", ("This is checked later.",))

        Exercise.check = check  # type: ignore[assignment, method-assign]

    def watch(self, shell: Any) -> None:
        """Look, after each cell, for functions with an exercise's name, and for what is wrong."""
        self._shell, self._parts = shell, watch.parts()
        shell.events.register("post_run_cell", self._after)

    def _after(self, result: Any) -> None:
        if result.info.raw_cell not in self._course:
            self._look()
        if "matplotlib.pyplot" in sys.modules:
            sys.modules["matplotlib.pyplot"].close("all")

    def _look(self) -> None:
        names = self._shell.user_ns
        for name in self._exercises.values():
            answer = names.get(name)
            if callable(answer) and answer is not self._bound.get(name):
                self._bound[name] = answer
                self._keep(name, answer)
        changed = watch.replaced(self._parts)
        for name in ("d2lhelpers", "exercises", "torch"):
            if not isinstance(names.get(name, sys), ModuleType):
                changed.append(f"the name {name}")
        notes = [f"replaced in the notebook: {name}" for name in changed]
        if notes != self._notes:
            self._notes = notes
            self._write(NOTES, json.dumps(notes[:5]).encode())

    def _keep(self, name: str, answer: Any, *, given: bool = False) -> None:
        if given:
            self._given.add(name)
        elif name in self._given:
            return
        cells = f"ipykernel_{os.getpid()}"  # a folder that ipykernel makes up for the cells
        lines = {file: linecache.getlines(file) for file in [*linecache.cache] if cells in file}
        try:
            data = cloudpickle.dumps((lines, answer, ""))
            if len(data) > LARGEST:
                raise ValueError(f"it holds {len(data):,} bytes of data")
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"[:300]
            data = cloudpickle.dumps(({}, None, reason))
        self._write(name, data)

    def _write(self, name: str, data: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)  # a notebook may have deleted it
        new = self._folder / "new"
        new.write_bytes(data)
        new.replace(self._folder / name)
