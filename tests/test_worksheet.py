"""Worksheets and their answers: what a class gets to work on, and what it does not see."""

import re

import pytest

from publish import guide, notebooks, worksheet
from publish.notebooks import Lesson

LESSONS = [notebooks.read(path) for path in notebooks.discover()]
each_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.path.stem)


def html(printed: worksheet.Printed) -> str:
    return "\n".join(block for _, blocks in printed for block in blocks)


def questions(lesson: Lesson) -> list[str]:
    texts = [cell.source for cell in lesson.cells if cell.cell_type == "markdown"]
    return [question for text in texts for question, _ in worksheet.FOLDED.findall(text)]


@each_lesson
def test_a_worksheet_has_room_below_everything_that_is_asked(lesson: Lesson) -> None:
    """Catches a task that is left out, or that leaves nowhere to write."""
    exercises = [cell for cell in lesson.cells if notebooks.is_exercise(cell)]
    tasks = [blocks for kind, blocks in worksheet.sheet(lesson) if kind == "task"]
    predictions = len(guide.read(lesson.number).questions)
    assert len(tasks) == predictions + len(exercises) + len(questions(lesson))
    assert all(blocks[-1].startswith('<div class="room">') for blocks in tasks)


@each_lesson
def test_a_worksheet_shows_no_output_no_answer_and_nothing_to_unfold(lesson: Lesson) -> None:
    """Catches a picture that answers the question above it, and words for a screen."""
    shown = html(worksheet.sheet(lesson))
    assert not re.search(r'<img|class="output"|details|[Uu]nfold|exercises\.\w+\.check', shown)


@each_lesson
def test_the_answers_answer_everything(lesson: Lesson) -> None:
    """Catches a question whose answer is that of the next one."""
    printed = worksheet.answers(lesson)
    shown = html(printed)
    exercises = [cell for cell in lesson.cells if notebooks.is_exercise(cell)]
    predictions = guide.read(lesson.number).questions
    assert len(printed) == 1 + len(predictions) + len(exercises) + len(questions(lesson))
    for cell in exercises:
        name = worksheet.NAME.search(cell.source)
        assert name
        assert f'<span class="nf">{name[1]}</span>' in shown
