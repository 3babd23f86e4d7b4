"""Every claim about a figure is asserted on the values that are drawn; the guard that says so."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import claims
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from notebook_checks import QUICK, ROOT, SLOW
from rerun import PLAIN


def said_of(*paths: Path) -> list[str]:
    """What the guard says of notebooks, run in one process of their own."""
    run = subprocess.run(
        [sys.executable, claims.__file__, *map(str, paths)],
        cwd=ROOT,
        env={**os.environ, **PLAIN},
        capture_output=True,
        encoding="utf-8",
    )
    assert all(f"\n{path.stem}: " in f"\n{run.stderr}" for path in paths), run.stderr
    return run.stdout.splitlines()


@pytest.fixture(scope="module")
def said_of_quick() -> list[str]:
    return said_of(*QUICK)


@pytest.mark.parametrize("path", QUICK, ids=lambda path: path.stem)
def test_what_is_said_of_each_figure_is_asserted_on_what_is_drawn(
    path: Path, said_of_quick: list[str]
) -> None:
    assert [said for said in said_of_quick if said.startswith(path.stem)] == []


@pytest.mark.long
@pytest.mark.alone
@pytest.mark.parametrize("path", SLOW, ids=lambda path: path.stem)
def test_the_same_where_processes_are_started(path: Path) -> None:
    assert said_of(path) == []


def notebook(*sources: str, tags: Sequence[str] = ()) -> NotebookNode:
    """A notebook of one section, its figures tagged; what begins with `#` or `>` is text."""
    cells: list[NotebookNode] = [new_markdown_cell("## A section"), new_code_cell(IMPORTS)]
    for source in sources:
        make: Any = new_markdown_cell if source[0] in "#>" else new_code_cell
        cells.append(make(source, metadata={"tags": list(tags) if "ax." in source else []}))
    made: NotebookNode = new_notebook(cells=cells)
    return made


IMPORTS = "import matplotlib.pyplot as plt\nimport pandas as pd\nimport torch"
DATA = "losses = [8.0, 4.0, 2.0, 1.5]"
FIGURE = "_, ax = plt.subplots()\nax.plot(losses, label='loss')\nplt.show()"
FALLS = "assert sorted(losses, reverse=True) == losses"

KEPT = {
    "in the next cell": [DATA, FIGURE, FALLS],
    "in the figure's cell": [DATA, f"{FIGURE}\n{FALLS}"],
    "drawn and computed in one cell": [f"{DATA}\n{FIGURE}\n{FALLS}"],
    "after some text": [DATA, FIGURE, "> Text", "x = 1", FALLS],
    "by a sum of its own": [DATA, FIGURE, "ratio = losses[0] / losses[-1]", "assert ratio > 5"],
    "by a function": [
        DATA,
        FIGURE,
        "def falls(run):\n    return all(a > b for a, b in zip(run, run[1:]))",
        "assert falls(losses)",
    ],
    "by a function of the variable": [
        DATA,
        FIGURE,
        "def falls():\n    return all(a > b for a, b in zip(losses, losses[1:]))",
        "assert falls()",
    ],
    "in a loop that collects": [
        DATA,
        FIGURE,
        "ratios = []\nfor a, b in zip(losses, losses[1:]):\n    ratios.append(a / b)",
        "assert min(ratios) > 1.3",
    ],
    "in a loop that collects, in the figure's cell": [
        DATA,
        f"{FIGURE}\nratios = []\nfor a, b in zip(losses, losses[1:]):\n    ratios.append(a / b)\n"
        "assert len(ratios) == 3 and min(ratios) > 1.3",
    ],
    "close to a truth": [
        "losses = torch.tensor([8.0, 4.0])",
        FIGURE,
        "torch.testing.assert_close(losses, torch.tensor([8.0, 4.0]))",
    ],
    "lines of a dict": [
        "runs = {'a': [3.0, 2.0, 1.0], 'b': [1.0, 2.0, 3.0]}",
        "_, ax = plt.subplots()\nfor name, run in runs.items():\n    ax.plot(run, label=name)",
        "assert runs['a'][0] > runs['a'][-1]\nassert runs['b'][0] < runs['b'][-1]",
    ],
    "columns of a tensor": [
        "path = torch.tensor([[0.0, 0.0], [2.0, 1.0], [1.0, 3.0]])",
        "_, ax = plt.subplots()\nax.plot(path[:, 0], path[:, 1])",
        "assert path[-1, 1] == path[:, 1].max()",
    ],
    "a column of a table": [
        "table = pd.DataFrame({'rain': [30, 10, 20], 'yield': [3.0, 1.0, 2.0]})",
        "_, ax = plt.subplots()\nax.plot(table['rain'], table['yield'], 'o')",
        "assert table['rain'].corr(table['yield']) > 0.9",
    ],
    "a part of a list": [
        DATA,
        FIGURE.replace("losses", "losses[:3]"),
        "assert losses[0] > losses[2]",
    ],
    "every other of a list": [
        DATA,
        FIGURE.replace("losses", "losses[::2]"),
        "assert losses[0] > losses[2]",
    ],
    "points": [
        "x, y = torch.tensor([2.0, 1.0, 3.0]), torch.tensor([4.0, 2.0, 6.0])",
        "_, ax = plt.subplots()\nax.scatter(x, y)",
        "assert (y == 2 * x).all()",
    ],
    "bars of a dict": [
        "times = {'a': 1.0, 'b': 2.0}",
        "_, ax = plt.subplots()\nax.bar(list(times), list(times.values()))",
        "assert times['a'] < times['b']",
    ],
    "dots beside names": [
        "times = [1.0, 2.0]",
        "_, ax = plt.subplots()\nax.plot(times, ['a', 'b'], 'o')",
        "assert times[0] < times[1]",
    ],
    "a histogram": [
        "draws = torch.randn(1000, generator=torch.Generator().manual_seed(0))",
        "_, ax = plt.subplots()\nax.hist(draws, bins=20)",
        "assert abs(draws.std() - 1) < 0.1",
    ],
    "contours": [
        "u = torch.linspace(-1, 1, 5)\nbowl = u[:, None] ** 2 + u**2 + u",
        "_, ax = plt.subplots()\nax.contourf(u, u, bowl)",
        "assert bowl[0, 0] < bowl[0, -1]",
    ],
    "a point": [
        "best = torch.tensor(0.5)",
        "_, ax = plt.subplots()\nax.plot(0, best, 'o')",
        "assert 0.4 < best < 0.6",
    ],
    "levels and diagonals": [
        "_, ax = plt.subplots()\nax.axhline(3.0)\nax.plot([0, 1], [0, 1])\nax.plot([0, 5], [2, 2])",
    ],
}


@pytest.mark.parametrize("sources", KEPT.values(), ids=KEPT)
def test_a_claim_on_what_is_drawn_passes(sources: list[str]) -> None:
    assert list(claims.complaints(notebook(*sources))) == []


DRAWN = [name for name, sources in KEPT.items() if sources[-1].startswith("assert")]


@pytest.mark.parametrize("name", DRAWN)
def test_each_kind_of_claim_is_missed(name: str) -> None:
    said = list(claims.complaints(notebook(*KEPT[name][:-1])))
    assert said
    assert all("no assertion notices" in one for one in said)


NOT_KEPT = {
    "none": ([DATA, FIGURE], "no assertion notices"),
    "of something else": ([DATA, FIGURE, "assert sum([1, 2]) == 3"], "no assertion notices"),
    "of another run": (
        [DATA, "again = [8.0, 4.0, 2.0]", FIGURE, "assert again[0] > again[-1]"],
        "no assertion notices",
    ),
    "of the source of what is drawn": (
        [
            "seconds = [1.0, 2.0]\nlosses = [1e6 * s for s in seconds]",
            FIGURE,
            "assert seconds[1] > 1",
        ],
        "no assertion notices",
    ),
    "an upper bound that 0 keeps": (
        [DATA, FIGURE, "assert max(losses) < 100"],
        "no assertion notices",
    ),
    "before the figure": ([DATA, FALLS, FIGURE], "no assertion notices"),
    "after the next heading": (
        [DATA, FIGURE, "# Next", FALLS],
        'no assertion notices other values than the 4 values 8, 4, 2, … of the line "loss"',
    ),
    "of values bound anew": (
        [DATA, FIGURE, "losses = [5.0, 2.0, 1.0]", FALLS],
        "no assertion notices",
    ),
    "of one line of two": (
        [
            DATA,
            "other = [1.0, 2.0]",
            FIGURE.replace("plt.show()", "ax.plot(other, label='two')"),
            FALLS,
        ],
        'of the line "two"',
    ),
    "an error is no assertion": (
        [DATA, FIGURE, "place = losses.index(8.0)\nassert place >= 0"],
        "times 1.7: ValueError",
    ),
    "in no variable": (
        [DATA, FIGURE.replace("losses", "[2 * x for x in losses]"), FALLS],
        'no variable holds the 4 values 16, 8, 4, … of the line "loss"',
    ),
    "not twice": (
        [DATA, f"{FIGURE}\nlosses.append(1.0)\nassert len(losses) == 5"],
        'an assertion, run again with the same line "loss"',
    ),
    "a cell that fails": ([DATA, FIGURE, FALLS, "1 / 0"], "does not run: ZeroDivisionError"),
}


@pytest.mark.parametrize(("sources", "complaint"), NOT_KEPT.values(), ids=NOT_KEPT)
def test_a_claim_on_other_values_is_refused(sources: list[str], complaint: str) -> None:
    (said,) = claims.complaints(notebook(*sources))
    assert complaint in said


def test_a_diagram_needs_no_assertion_unless_it_draws_data() -> None:
    drawn = "_, ax = plt.subplots()\nax.plot([1, 2, 3], [0, 2, 0])"
    assert len(list(claims.complaints(notebook(drawn)))) == 1
    assert list(claims.complaints(notebook(drawn, tags=["diagram"]))) == []
    (said,) = claims.complaints(notebook(DATA, FIGURE, tags=["diagram"]))
    assert "draws values of a variable" in said


def test_an_explorer_and_an_exercise_are_left_out() -> None:
    broken = f"{FIGURE}\n1 / 0"
    assert list(claims.complaints(notebook(broken, tags=["explorer"]))) == []
    assert list(claims.complaints(notebook(f"{broken}\nexercises.mse.check(mse)"))) == []


def test_what_no_assertion_needs_is_not_run_again() -> None:
    count = "seen = []\ndef see(values):\n    seen.append(values)\n    return values"
    sources = [DATA, count, FIGURE, "x = see(losses)", FALLS, "# Next", "assert len(seen) == 1"]
    assert list(claims.complaints(notebook(*sources))) == []


def test_the_notebook_draws_its_own_random_numbers() -> None:
    generator = f"{DATA}\ng = torch.Generator().manual_seed(0)"
    with_noise = "assert losses[0] > losses[-1] + torch.rand(1, generator=g)"
    second = "assert torch.rand(1, generator=g) > 0.7"  # the first is below, and so is the third
    assert list(claims.complaints(notebook(generator, FIGURE, with_noise, second))) == []


def test_the_notebook_goes_on_with_its_own_values() -> None:
    changed = "seen.append(losses[0])\nlosses.append(1.0)\nassert losses[0] > losses[1]"
    sources = [DATA, "seen = []", FIGURE, changed, "assert (seen, len(losses)) == ([8.0], 5)"]
    assert list(claims.complaints(notebook(*sources))) == []
