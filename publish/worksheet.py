"""What a class works on with a pencil, and the sheet of its answers."""

import re

from nbformat import NotebookNode

from d2lhelpers import exercises
from publish import guide, notebooks, render
from publish.notebooks import Lesson

Printed = list[tuple[str, list[str]]]
FOLDED = re.compile(r"<details>\s*<summary>(.*?)</summary>(.*?)</details>", re.DOTALL)
HEADING = re.compile(r"^##+ .+\n*")
ASKS = re.compile(r"^> \*\*(?:Predict|Guess)\.\*\*", re.MULTILINE)
NAME = re.compile(r"^exercises\.(\w+)\.check", re.MULTILINE)
# Lines to write on: below a question, a prediction, for each minute of an exercise, and at most.
QUESTION, PREDICTION, MINUTE, MOST = 2, 3, 2, 14


def asks(cell: NotebookNode) -> bool:
    """Tell whether a cell asks for a prediction."""
    return cell.cell_type == "markdown" and bool(ASKS.search(cell.source))


def room(lines: int) -> str:
    """Return lines to write on, in HTML."""
    return '<div class="room"></div>' * lines


def sheet(lesson: Lesson) -> Printed:
    """Return what is worked on: predictions with the code to read, exercises and questions."""
    printed: Printed = [("text", [render.text(f"# {lesson.title}"), '<p class="name">Name</p>'])]
    heading = ""
    for place, cell in enumerate(lesson.cells):
        if found := HEADING.match(cell.source) if cell.cell_type == "markdown" else None:
            heading = found[0].strip()
        work = [*task(lesson, place)]
        if work and heading:
            printed.append(("text", [render.text(heading)]))
            heading = ""
        printed += work
    return printed


def task(lesson: Lesson, place: int) -> Printed:
    """Return what a cell asks of the class: its words, the code that belongs to them, and room."""
    cell = lesson.cells[place]
    if cell.cell_type == "code":
        if not notebooks.is_exercise(cell):
            return []
        statement = lesson.cells[place - 1].source
        minutes = re.search(r"about (\d+) minute", statement)
        lines = min(MINUTE * int(minutes[1]) + 2, MOST) if minutes else MOST
        first = cell.source.split("    # your answer")[0].split("    ...")[0]
        return [("task", [render.text(statement), render.code(first), room(lines)])]
    if asks(cell):
        said = HEADING.sub("", cell.source)
        code = [render.code(one.source) for one in following(lesson, place)]
        return [("task", [render.text(said), *code, room(PREDICTION)])]
    folded = FOLDED.findall(cell.source)
    return [("task", [render.text(question), room(QUESTION)]) for question, _ in folded]


def following(lesson: Lesson, place: int) -> list[NotebookNode]:
    """Return the code cells that answer a prediction: those up to the next words."""
    found = []
    for cell in lesson.cells[place + 1 :]:
        if cell.cell_type != "code":
            break
        found.append(cell)
    return found


def answers(lesson: Lesson) -> Printed:
    """Return the answers: what comes of each prediction, solutions, and answers to questions."""
    printed: Printed = [("text", [render.text(f"# {lesson.title}: answers")])]
    rows = iter(guide.read(lesson.number).questions)
    for place, cell in enumerate(lesson.cells):
        if asks(cell):
            row = next(rows)
            words = render.text(f"**{row.ask[0].upper()}{row.ask[1:]}**: {row.comes}")
            shown = [html for one in following(lesson, place) for html in render.outputs(one)]
            printed.append(("answer", [words, *shown]))
        elif cell.cell_type == "markdown":
            for question, answer in FOLDED.findall(cell.source):
                said = f"**{question}**\n\n{answer.strip()}"
                printed.append(("answer", [render.text(said)]))
        elif found := NAME.search(cell.source):
            solution = getattr(exercises, found[1]).solution()
            printed.append(("answer", [render.code(solution)]))
    return printed
