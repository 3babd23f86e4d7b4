"""Whether a test fails when a line is broken: mutants made by mutmut, each in a copy of the tree.

`make mutate` draws mutants for half an hour, always the same ones in the same order; `make mutate
SECONDS=inf` takes all of them, which takes days. The last line is the score. A mutant that
no test notices is printed as a change of its line: it is worth a test, or it changes nothing.
"""

import argparse
import difflib
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from mutmut.mutation.file_mutation import create_mutations

ROOT = Path(__file__).parents[1]
COPIED = ("tellwhy", "d2lhelpers", "tests", "pyproject.toml", "README.md")
ENGINE = sorted((ROOT / "tellwhy/src/tellwhy").rglob("*.py"))
CORE = [ROOT / f"d2lhelpers/{name}.py" for name in ("data", "linear", "timing", "_checks")]
# What may be left out without a change, as it is the default.
DEFAULTS = ("strict=False",)
PATIENCE = 900  # seconds of a run of tests, after which a mutant counts as noticed


@dataclass(frozen=True)
class Mutant:
    """A file with one thing changed."""

    of: str  # "engine" or "core"
    path: Path
    module: Any
    mutation: Any

    @property
    def changes_nothing(self) -> bool:
        """Tell whether it only leaves out what is the default."""
        old, new = (
            self.module.code_for_node(node)
            for node in (self.mutation.original_node, self.mutation.mutated_node)
        )
        return any(old.replace(default, "") == new for default in DEFAULTS if default in old)

    @cached_property
    def code(self) -> str:
        """The file's text."""
        new = self.module.deep_replace(self.mutation.original_node, self.mutation.mutated_node)
        return str(new.code)

    @property
    def tests(self) -> list[str]:
        """The tests that should notice."""
        if self.of == "engine":
            return ["tellwhy", "tests/test_told.py"]
        name = self.path.stem
        own = ["tests/test_data.py", "tests/test_linear.py"] if name == "_checks" else []
        return own or [f"tests/test_{name}.py", f"d2lhelpers/{name}.py"]

    @property
    def change(self) -> str:
        """The lines that differ."""
        lines = difflib.unified_diff(
            self.path.read_text().splitlines(), self.code.splitlines(), lineterm="", n=0
        )
        return "\n".join([str(self.path.relative_to(ROOT)), *[*lines][2:]])


def mutants() -> list[Mutant]:
    """Return all mutants, in an order that is random and always the same."""
    found = [*_of("engine", ENGINE), *_of("core", CORE)]
    random.Random(0).shuffle(found)
    return found


def _of(of: str, paths: list[Path]) -> Iterator[Mutant]:
    for path in paths:
        module, changes, *_ = create_mutations(str(path), path.read_text())
        made = (Mutant(of, path, module, one) for one in changes)
        yield from (mutant for mutant in made if not mutant.changes_nothing)


def is_noticed(mutant: Mutant) -> bool:
    """Tell whether a test fails with the mutant in place of its file."""
    with tempfile.TemporaryDirectory() as folder:
        for name in COPIED:
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, Path(folder, name))
        Path(folder, mutant.path.relative_to(ROOT)).write_text(mutant.code)
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
        environment = os.environ | {"PYTHONPATH": str(Path(folder, "tellwhy/src"))}
        try:
            run = subprocess.run(
                [*command, *mutant.tests],
                cwd=folder,
                env=environment,
                capture_output=True,
                timeout=PATIENCE,
            )
        except subprocess.TimeoutExpired:
            return True
        return run.returncode != 0


def main(seconds: float, at_once: int) -> None:
    """Try mutants until the time is over, and print those that no test notices, and the score."""
    end, noticed, tried = time.monotonic() + seconds, Counter[str](), Counter[str]()
    todo = mutants()
    every = Counter(mutant.of for mutant in todo)

    def tried_in_time(mutant: Mutant) -> bool | None:
        return is_noticed(mutant) if time.monotonic() < end else None

    with ThreadPoolExecutor(at_once) as pool:
        runs = {pool.submit(tried_in_time, mutant): mutant for mutant in todo}
        for run in as_completed(runs):
            mutant, is_seen = runs[run], run.result()
            if is_seen is None:
                continue
            tried[mutant.of] += 1
            noticed[mutant.of] += is_seen
            if not is_seen:
                print(mutant.change, end="\n\n", flush=True)
    shares = (
        f"{of}: {noticed[of]} of {n} mutants noticed ({noticed[of] / n:.0%}; {every[of]} in all)"
        for of, n in tried.items()
    )
    print("; ".join(shares))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1700, help="for how long (inf for all)")
    parser.add_argument("--at-once", type=int, default=2, help="how many runs of tests at once")
    options = parser.parse_args()
    main(options.seconds, options.at_once)
