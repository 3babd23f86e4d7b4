"""The answers of a notebook, kept in the student's kernel as they are given."""

from __future__ import annotations

import copyreg
import functools
import hashlib
import json
import linecache
import os
import sys
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import cloudpickle
from tellwhy.answers.check import is_stub
from tellwhy.answers.exercise import Exercise
from tellwhy.answers.watch import code_of

from classroom.grading import watch
from d2lhelpers import exercises
from tellwhy import Feedback

LARGEST = 3_000_000  # bytes of an answer
NOTES = "notes.json"
# A cached function is copied as the function that it is; pickle would write down its name alone.
copyreg.pickle(type(functools.cache(int)), lambda f: (functools.lru_cache, (f.__wrapped__,)))


class Keeper:
    """Keeps, in the student's kernel, the answers as they are given, each in a file.

    An answer is what is given to `exercises.NAME.check`, or the function called NAME. It is not
    checked here, where the student's code can reach the check: another process does that. The
    last answer counts; the course's stub does not, if it was left standing beside an answer.
    """

    def __init__(self, names: list[str], course: list[str], folder: Path) -> None:
        """Take the exercises' names, the course's own cells, and the folder of the files."""
        self._course, self._folder = set(course), folder
        self._exercises = {id(getattr(exercises, name)): name for name in names}
        self._bound: dict[str, Any] = {}
        self._given: set[str] = set()  # in the cell that runs
        self._answers: dict[str, list[tuple[int, str]]] = {}  # the cells, and what they do
        self._replaced: list[str] = []
        self._cell = 1  # the number of the code cell that runs

        def check(exercise: Exercise, answer: Any = None) -> Feedback:
            name = self._exercises.get(id(exercise))
            if name:
                self._given.add(name)
                self._keep(name, answer)
            return Feedback(exercise.name, "unanswered", ("This is checked later.",))

        Exercise.check = check  # type: ignore[assignment, method-assign]

    def watch(self, shell: Any) -> None:
        """Look, after each cell, for functions with an exercise's name, and for what is wrong."""
        self._shell, self._parts = shell, watch.parts()
        shell.ask_exit = lambda: None  # what exit() calls: the cells below it count, too
        shell.events.register("post_run_cell", self._after)

    def _after(self, result: Any) -> None:
        if result.info.raw_cell not in self._course:
            self._look()
        self._given.clear()
        self._cell += 1
        if "matplotlib.pyplot" in sys.modules:
            sys.modules["matplotlib.pyplot"].close("all")

    def _look(self) -> None:
        names = self._shell.user_ns
        for name in self._exercises.values():
            answer = names.get(name)
            starred = any(
                getattr(sys.modules.get(m), name, 0) is answer for m in ("torch", "numpy")
            )
            if callable(answer) and answer is not self._bound.get(name) and not starred:
                self._bound[name] = answer
                # Where there is an answer, another thing of its name need not be one.
                is_answer = name not in self._answers or getattr(answer, "__name__", "") == name
                if is_answer and name not in self._given:
                    self._keep(name, answer)
        changed = watch.replaced(self._parts)
        for name in ("d2lhelpers", "exercises", "torch"):
            if not isinstance(names.get(name, sys), ModuleType):
                changed.append(f"the name {name}")
        if changed != self._replaced:
            self._replaced = changed
            self._note()

    def _keep(self, name: str, answer: Any) -> None:
        nothing = answer is None or (callable(answer) and is_stub(answer))
        if nothing and name in self._answers:
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
        if not nothing:
            self._answers.setdefault(name, []).append((self._cell, _does(answer)))
            self._note()

    def _note(self) -> None:
        notes = {"replaced": self._replaced[:5], "answers": self._answers}
        self._write(NOTES, json.dumps(notes).encode())

    def _write(self, name: str, data: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)  # a notebook may have deleted it
        new = self._folder / "new"
        new.write_bytes(data)
        new.replace(self._folder / name)


def _does(answer: Any) -> str:
    """Return a text that is the same for functions with the same code, wherever they stand."""

    def parts(code: CodeType) -> list[Any]:
        constants = [parts(c) if isinstance(c, CodeType) else c for c in code.co_consts]
        return [code.co_code.hex(), code.co_names, code.co_varnames, constants]

    code = code_of(answer) if callable(answer) else None
    text = repr(parts(code)) if code else repr(type(answer))
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
