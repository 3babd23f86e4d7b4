"""What the class page counts: ideas, however each student wrote them, and no two as one."""

import linecache
import textwrap
from dataclasses import replace
from functools import cache

import pytest
import torch
from spelled import HEAD, SPELLED
from tellwhy.answers.causes import SHOWN
from tellwhy.answers.tables import SLIPS

from classroom.grading import grade, ideas, repeat, report, summary
from classroom.grading.run import Row
from d2lhelpers import exercises
from tellwhy import Feedback, Specification, check

NOTEBOOK = "03_regression_from_scratch"
LARGE = "gradient"  # with so many slips that its class takes half a minute


def feedback(exercise: str, body: str) -> Feedback:
    """Return the feedback on an answer in a notebook's cell."""
    code = f"{HEAD[exercise]}\n{textwrap.indent(body, '    ')}\n"
    name = f"/nowhere/ipykernel_1/{abs(hash(code))}.py"
    linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
    space = {"torch": torch}
    exec(compile(code, name, "exec"), space)
    specification: Specification = getattr(exercises, exercise).specification
    return check(replace(specification, seconds=100), space[exercise])  # type: ignore[arg-type]


@cache
def answered(exercise: str) -> list[Row]:
    """Return the rows of a class with all slips of an exercise, each student with a spelling."""
    bodies = [body for bodies in SPELLED[exercise].values() for body in bodies]
    rows = []
    for number, body in enumerate(bodies):
        said = feedback(exercise, body)
        mistakes = tuple((one.label, one.sentence) for one in said.findings)
        rows.append(Row(str(number), NOTEBOOK, exercise, said.status, mistakes))
    return rows


def counted(exercise: str) -> summary.Exercise:
    ((found,),) = (one.exercises for one in summary.of_class(answered(exercise)))
    return found


@pytest.mark.parametrize(
    "exercise",
    [pytest.param(name, marks=pytest.mark.long if name == LARGE else ()) for name in SPELLED],
)
def test_an_idea_is_one_row_however_it_was_written(exercise: str) -> None:
    """Catches students with the same slip who are counted apart, and others who are not."""
    rows = {mistake.idea: mistake.count for mistake in counted(exercise).mistakes}
    wanted = {idea: len(bodies) for idea, bodies in SPELLED[exercise].items()}
    others = {"gradients"}  # what some forget besides
    assert {idea: count for idea, count in rows.items() if idea not in others} == wanted
    assert counted(exercise).unnamed == 0


@pytest.mark.long
def test_one_exception_with_three_causes_is_three_rows() -> None:
    """Catches errors that are counted by their type, or by the line of one student."""
    page = report.class_page(answered(LARGE))
    assert "Write the formula, without backward or other help of autograd." in page
    rows = {mistake.idea: mistake for mistake in counted(LARGE).mistakes}
    for idea in ("shapes", "not_allowed", "raise"):  # all are a RuntimeError
        heading = rows[idea].heading or rows[idea].wordings[0][0]
        assert report.marked_up(heading) in page
    assert "backward" not in rows["shapes"].heading + str(rows["shapes"].wordings)


@pytest.mark.long
def test_what_is_general_is_said_once_and_the_wordings_below_it() -> None:
    """Catches a row that shows one student's line as if it were everybody's."""
    rows = {mistake.idea: mistake for mistake in counted(LARGE).mistakes}
    assert rows["factor(by=2)"].heading == "Your result is twice the right one."
    assert sum(count for _, count in rows["shapes"].wordings) == rows["shapes"].count
    assert rows["sum for mean"].section == repeat.section(NOTEBOOK, "gradient", "sum for mean")


def test_a_cell_that_is_no_python_has_a_name() -> None:
    """Catches syntax errors that the page shows as mistakes without a name."""
    assert [*grade._not_run("SyntaxError: '(' was never closed, line 2")] == ["syntax"]
    assert [*grade._not_run("IndentationError: unexpected indent, line 2")] == ["syntax"]
    assert [*grade._not_run("NameError: name 'np' is not defined")] != ["syntax"]


def test_the_table_of_ideas_names_what_is_found() -> None:
    """Catches a heading of an idea that nothing has, and a row of a mistake that is gone."""
    known = {*SLIPS["causes"], *SHOWN, "syntax"}
    for exercise in ideas.table().keys() - {"headings", "same"}:
        mistakes = getattr(exercises, exercise).specification.mistakes
        assert {*ideas.table()[exercise].values()} <= {*mistakes}
        known |= {*mistakes}
    assert {*ideas.table()["headings"]} <= known
