"""The notebooks as documents: what running them cannot show."""

import ast
import base64
import copy
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import code_checks
import nbformat
import notebook_checks as checks
import pytest
from machine import lacks
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from notebook_checks import COURSE, ROOT, Check, code_cells, text_cells

from d2lhelpers import exercises

CHECKS = [*checks.CHECKS, *code_checks.CHECKS]


def read(path: Path) -> NotebookNode:
    notebook: NotebookNode = nbformat.read(path, as_version=4)
    return notebook


@pytest.mark.parametrize(
    ("check", "path"),
    [
        pytest.param(check, path, id=f"{check.__name__}-{path.stem}")
        for check in CHECKS
        for path in COURSE
    ],
)
def test_notebook(path: Path, check: Check) -> None:
    assert list(check(read(path), path)) == []


@pytest.mark.parametrize("path", COURSE, ids=lambda path: path.stem)
def test_each_solution_runs_with_what_the_notebook_has_imported(path: Path) -> None:
    """Catches a solution that a student pastes into its cell and gets a NameError."""
    cells = code_cells(read(path))
    imports = [line for cell in cells for line in ast.parse(cell.source).body]
    imports = [line for line in imports if isinstance(line, ast.Import | ast.ImportFrom)]
    names = re.findall(
        r"^exercises\.(\w+)\.check", "\n".join(c.source for c in cells), re.MULTILINE
    )
    assert names
    for name in names:
        notebook: dict[str, object] = {}
        exec("\n".join(map(ast.unparse, imports)), notebook)
        exercise = getattr(exercises, name)
        exec(exercise.solution(), notebook)
        assert exercise.check(notebook[name]).status == "right", name


def test_the_folder_holds_the_notebooks_and_nothing_else() -> None:
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        lacks("checkout", "files of one's own cannot be told from the course's")
    listing = subprocess.check_output(["git", "ls-files", "notebooks"], cwd=ROOT, text=True)
    assert listing.splitlines() == [f"notebooks/{path.name}" for path in COURSE]


def test_the_picture_in_the_readme_is_a_stored_output() -> None:
    pictures = [
        base64.b64decode(picture)
        for path in COURSE
        for cell in code_cells(read(path))
        if "readme-picture" in cell.metadata.get("tags", [])
        for picture in checks.stored(cell, "image/png")
    ]
    assert len(pictures) == 1
    assert pictures[0] == (ROOT / "docs" / "course.png").read_bytes(), "run docs/pictures.py"
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.search(r"!\[[^\]]{30,}\]\(docs/course\.png\)", readme)


Break = Callable[[NotebookNode], object]


def first(notebook: NotebookNode) -> NotebookNode:
    return code_cells(notebook)[0]


def add(source: str) -> Break:
    """Append lines to the last code cell."""
    return lambda nb: code_cells(nb)[-1].update(source=f"{code_cells(nb)[-1].source}\n{source}")


def say(old: str, new: str) -> Break:
    """Replace words in every text cell."""
    return lambda nb: [c.update(source=c.source.replace(old, new)) for c in text_cells(nb)]


def ask(source: str) -> Break:
    """Put a question before the first code cell, which holds some lines."""

    def asked(notebook: NotebookNode) -> None:
        first(notebook).update(source=source)
        notebook.cells.insert(1, new_markdown_cell("> **Predict.** What happens?"))

    return asked


def tag(*tags: str) -> Break:
    return lambda nb: first(nb).metadata.update(tags=list(tags))


def fold(source: str, *tags: str) -> Break:
    """Fold the first code cell, which holds some lines."""

    def folded(notebook: NotebookNode) -> None:
        first(notebook).update(source=source, outputs=[])
        first(notebook).metadata.update(jupyter={"source_hidden": True}, tags=list(tags))

    return folded


def store(kind: str = "display_data", **content: object) -> Break:
    return lambda nb: first(nb).outputs.append(new_output(kind, **content))


def show(mime: str, value: str) -> Break:
    return store("execute_result", data={mime: value})


def figure(notebook: NotebookNode) -> NotebookNode:
    return next(c for c in code_cells(notebook) if checks.stored(c, "image/png"))


wide = base64.b64encode(bytes(16) + (1001).to_bytes(4) + bytes(4)).decode()

BREAKS: list[tuple[Check, str, Break]] = [
    (checks.is_freshly_run, "id used 2 times", lambda nb: nb.cells[0].update(id=nb.cells[1].id)),
    (checks.is_freshly_run, "invalid", lambda nb: first(nb).update(surprise=1)),
    (checks.is_freshly_run, "kernel", lambda nb: nb.metadata.kernelspec.update(name="python")),
    (checks.is_freshly_run, "counts", lambda nb: first(nb).update(execution_count=None)),
    (checks.is_freshly_run, "counts", lambda nb: first(nb).update(execution_count=2)),
    (checks.is_freshly_run, "cells were run", lambda nb: first(nb).metadata.update(execution={})),
    (checks.is_freshly_run, "widgets", lambda nb: nb.metadata.update(widgets={})),
    (checks.is_freshly_run, "1 MB", store("stream", text="x" * 1_000_000)),
    (checks.has_all_outputs_compared, "unchecked", tag("nbval-skip")),
    (checks.has_all_outputs_compared, "unchecked", tag("nbval-ignore-output")),
    (checks.has_all_outputs_compared, "unchecked", tag("raises-exception")),
    (checks.has_all_outputs_compared, "unchecked", tag("explorer", "nbval-skip")),
    (checks.has_all_outputs_compared, "cannot compare", add("# NBVAL_IGNORE_OUTPUT")),
    (checks.has_all_outputs_compared, "cannot compare", add("clear_output()")),
    (checks.has_all_outputs_compared, "cannot compare", add("display(1, display_id='a')")),
    (checks.has_all_outputs_compared, "';'", add("n;  ")),
    (checks.has_plain_outputs, "warning", store("stream", name="stderr", text="careful")),
    (checks.has_plain_outputs, "error", store("error", ename="E", evalue="", traceback=[])),
    (checks.has_plain_outputs, "image/svg", show("image/svg+xml", "<svg/>")),
    (checks.has_plain_outputs, "widget", show("application/vnd.jupyter.widget-view+json", "")),
    (checks.has_plain_outputs, "pandas", show("text/html", "<b>bold</b>")),
    (checks.has_plain_outputs, "pandas", show("text/html", '<i class="dataframe"><script>')),
    (checks.has_plain_outputs, "machine", show("text/plain", "<object at 0x7f12ab34cd50>")),
    (checks.has_plain_outputs, "machine", store("stream", text="in /home/me/course.py")),
    (checks.has_plain_outputs, "machine", store("stream", text=r"in C:\course.py")),
    (checks.has_plain_outputs, "machine", store("stream", text=f"in {ROOT}")),
    (checks.has_plain_outputs, "machine", store("stream", text="ipykernel_123")),
    (checks.has_plain_outputs, "bare object", show("text/plain", "<Axes: xlabel='x'>")),
    (checks.has_plain_outputs, "bare object", show("text/plain", "[<matplotlib.lines.Line2D>]")),
    (
        checks.has_described_figures,
        "twice",
        lambda nb: first(nb).metadata.update(figure(nb).metadata),
    ),
    (checks.has_described_figures, "without alt", lambda nb: figure(nb).metadata.pop("alt")),
    (checks.has_described_figures, "without alt", lambda nb: figure(nb).metadata.update(alt="No")),
    (checks.has_described_figures, "without a fig", lambda nb: figure(nb).update(outputs=[])),
    (checks.has_described_figures, "times without a fig", tag("measured-times")),
    (checks.has_described_figures, "1001 pixels", show("image/png", wide)),
    (
        checks.is_a_slide_show,
        "first",
        lambda nb: nb.cells[0].metadata.slideshow.update(slide_type="-"),
    ),
    (checks.is_a_slide_show, "no slide role", lambda nb: nb.cells[1].metadata.pop("slideshow")),
    (
        checks.is_a_slide_show,
        "big",
        lambda nb: nb.cells[1].metadata.slideshow.update(slide_type="big"),
    ),
    (checks.opens_with_the_plan, "title", say("# ", "")),
    (checks.opens_with_the_plan, "you learn", say("will learn", "know")),
    (checks.opens_with_the_plan, "minutes", say(" minutes", " days")),
    (checks.asks_and_answers, "folded answers", say("<details>", "")),
    (checks.asks_and_answers, "numbered", say("<summary>2.", "<summary>3.")),
    (checks.asks_and_answers, "do not match", say("</details>", "")),
    (checks.asks_and_answers, "folded answers", say("<details>", '<details class="aside">')),
    (
        checks.asks_and_answers,
        "holds another",
        say("</summary>", "</summary><details><summary>0. So?</summary>So.</details>"),
    ),
    (checks.asks_and_answers, "without summary", say("summary>", "b>")),
    (checks.asks_and_answers, "without summary", say("</summary>", "</summary></details>")),
    (checks.closes_with_summary_and_links, "no summary", say("## Summary", "## End")),
    (checks.closes_with_summary_and_links, "does not link", lambda nb: nb.cells.pop()),
    (checks.closes_with_summary_and_links, "no file", say("# ", "# [gone](gone.md#part) ")),
    (checks.closes_with_summary_and_links, "no file", say("# ", '# <img src="gone.png"> ')),
    (checks.heads_every_column, "without a heading", say("# ", "| | a |\n| --- | --- |\n")),
    (checks.is_plain_python, "first code cell", lambda nb: first(nb).update(source="import torch")),
    (checks.is_plain_python, "outside of the first", add("def f():\n    import os")),
    (checks.is_plain_python, "import *", lambda nb: first(nb).update(source="from torch import *")),
    (checks.is_plain_python, "not plain Python", add("!ls")),
    (checks.is_plain_python, "not plain Python", add("%time x")),
    (checks.is_plain_python, "sys.path", add("sys.path.append('..')")),
    (checks.is_plain_python, "seed(", add("np.random.seed(0)")),
    (checks.is_plain_python, "requests", add("requests.get('https://example.org')")),
    (checks.is_plain_python, "writes a file", add("open('a.txt', mode='w')")),
    (
        checks.is_plain_python,
        "defines and imports",
        add("from d2lhelpers import sgd\ndef sgd(): ..."),
    ),
    (checks.seeds_only_what_takes_no_generator, "not followed", add("torch.manual_seed(0)")),
    (
        checks.seeds_only_what_takes_no_generator,
        "not followed",
        add("torch.manual_seed(0)\nx = 1\nnet = nn.Linear(2, 1)"),
    ),
    (checks.keeps_the_pace, "21 lines", lambda nb: first(nb).update(source="x\n\n" * 21)),
    (
        checks.keeps_the_pace,
        "median",
        lambda nb: [cell.update(source="x\n" * 7) for cell in code_cells(nb)],
    ),
    (
        checks.keeps_the_pace,
        "of the passages",
        lambda nb: nb.update(cells=[nb.cells[0], *code_cells(nb)]),
    ),
    (checks.keeps_the_pace, "follow", lambda nb: nb.cells.sort(key=lambda c: str(c.cell_type))),
    (
        code_checks.prints_what_was_computed,
        "prints 40.0 as fixed text",
        add("assert share > 0.4\nprint('40 % of the time')"),
    ),
    (
        code_checks.prints_what_was_computed,
        "prints 10.0 as fixed text",
        lambda nb: first(nb).update(source="assert a > 10 * b\nprint('At least 10 times.')"),
    ),
    (
        code_checks.prints_what_was_computed,
        "prints nan as fixed text",
        add("assert loss != loss\nprint('It ends in nan.')"),
    ),
    (
        code_checks.prints_what_was_computed,
        "nothing in the cell proves",
        lambda nb: first(nb).update(source="print('Both agree.')"),
    ),
    (
        code_checks.keeps_the_answer_from_the_code_below_a_question,
        "“falls” below a question",
        ask("ax.set_title('The cloud falls')"),
    ),
    (
        code_checks.keeps_the_answer_from_the_code_below_a_question,
        "“faster” below a question",
        ask("ax.set(xlabel='size', title=f'{name} is faster')"),
    ),
    (
        code_checks.keeps_the_answer_from_the_code_below_a_question,
        "“same” below a question",
        ask("assert a == b\nprint('They are the same.')"),
    ),
    (checks.folds_what_only_checks, "2 assertions stand", add("assert True\nassert True")),
    (
        checks.folds_what_only_checks,
        "1 assertions stand",
        lambda nb: figure(nb).update(source=f"{figure(nb).source}\nassert True"),
    ),
    (checks.folds_what_only_checks, "not folded", tag("hide-input")),
    (
        checks.folds_what_only_checks,
        "does not only check",
        fold("# Shows x.\nx = 'def holds('", "hide-input"),
    ),
    (checks.folds_what_only_checks, "does not only check", fold("# Shows x.\nx = 1", "hide-input")),
    (checks.folds_what_only_checks, "not tagged", fold("# Checks x.\nassert x")),
    (checks.folds_what_only_checks, "no comment", fold("assert x", "hide-input")),
    (checks.keeps_the_pace, "181 words", lambda nb: nb.cells[0].update(source="word " * 181)),
]


@pytest.mark.parametrize("path", [COURSE[0], COURSE[-1]], ids=lambda path: path.stem)
@pytest.mark.parametrize(("check", "complaint", "spoil"), BREAKS)
def test_a_spoilt_notebook_is_refused(
    path: Path, check: Check, complaint: str, spoil: Break
) -> None:
    notebook = copy.deepcopy(read(path))
    spoil(notebook)
    assert complaint in "\n".join(check(notebook, path))


def test_every_check_is_shown_to_refuse() -> None:
    assert {check for check, _, _ in BREAKS} == set(CHECKS)


FAIR = [  # prints that a cell may hold
    "assert err < 1e-6\nprint('They agree to 1e-6.')",
    "torch.testing.assert_close(a, b)\nprint('Both give the same (n, 1) with d2lhelpers.')",
    "assert share > 0.5\nprint(f'{share:.0%}')\nprint('More than 0.5.')",
    "losses = train(steps=100)\nassert losses[-1] < 0.001\nprint('After 100 steps.')",
    "if ready:\n    pass\nelse:\n    print('No accelerator: skipped.')",
    "print('times:')\nprint(times)",
    "print(f'{factor:,.0f}× as fast')",
]


@pytest.mark.parametrize("source", FAIR)
def test_a_print_that_shows_what_was_computed_is_accepted(source: str) -> None:
    notebook = new_notebook(cells=[new_code_cell(source)])
    assert list(code_checks.prints_what_was_computed(notebook, COURSE[0])) == []


def test_only_the_code_that_answers_a_question_is_held_back() -> None:
    """Catches a check that goes on below the answer, or above the question."""
    tells = "ax.set_title('The cloud falls')"
    shown = new_code_cell("ax.set_title('Label against feature')", outputs=[new_output("stream")])
    question = new_markdown_cell("> **Predict.** Does it fall?")
    cells = [new_code_cell(tells), question, shown, new_code_cell(tells)]
    check = code_checks.keeps_the_answer_from_the_code_below_a_question
    assert list(check(new_notebook(cells=cells), COURSE[0])) == []
    cells = [question, new_markdown_cell("## Next"), new_code_cell(tells)]
    assert list(check(new_notebook(cells=cells), COURSE[0])) == []
