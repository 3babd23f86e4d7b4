"""What the class knows and what it does not, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from classroom.grading import ideas, repeat
from classroom.grading.repeat import Section
from classroom.grading.run import Row

STATUSES = ("right", "wrong", "unanswered", "missing", "not checked")


@dataclass(frozen=True)
class Mistake:
    """A mistake of the class: one idea, however the students wrote it.

    Attributes:
        idea: what it is counted by.
        heading: what is true of all who made it, if that is known.
        wordings: what else they were told, each with how many were.
        count: how many they are.
        section: what to repeat.
    """

    idea: str
    heading: str
    wordings: tuple[tuple[str, int], ...]
    count: int
    section: Section | None


@dataclass(frozen=True)
class Exercise:
    """An exercise as the class answered it.

    Attributes:
        name: of the exercise.
        counts: how many students are where, by status.
        mistakes: the most frequent first.
        unnamed: how many wrong answers contain no mistake that has a name.
        late: how many came after the time that was due.
        section: what treats the exercise as a whole.
    """

    name: str
    counts: dict[str, int]
    mistakes: tuple[Mistake, ...]
    unnamed: int
    late: int
    section: Section | None

    @property
    def students(self) -> int:
        """How many handed in the notebook of this exercise."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class Notebook:
    """A notebook's exercises as the class answered them, and how many files were no answer."""

    name: str
    exercises: tuple[Exercise, ...]


def of_class(rows: Sequence[Row]) -> list[Notebook]:
    """Count the rows of a class, by notebook and exercise.

    Example:
        >>> told = (("sum", "This is the sum. Take the mean."),)
        >>> rows = [Row(student, "03", "loss", "wrong", told) for student in ("Ada", "Bob")]
        >>> [[exercise]] = [notebook.exercises for notebook in of_class(rows)]
        >>> exercise.counts["wrong"], exercise.mistakes[0].count
        (2, 2)
    """
    groups: dict[str, dict[str, list[Row]]] = {}
    for row in rows:
        if row.notebook and row.exercise:
            groups.setdefault(row.notebook, {}).setdefault(row.exercise, []).append(row)
    return [
        Notebook(name, tuple(_exercise(name, key, group) for key, group in groups[name].items()))
        for name in sorted(groups)
    ]


def _exercise(notebook: str, name: str, rows: list[Row]) -> Exercise:
    counts = Counter(row.status for row in rows)
    made: dict[str, list[dict[str, None]]] = {}  # of each idea what each student was told
    for row in rows:
        of_row: dict[str, dict[str, None]] = {}
        for label, sentence in row.mistakes:
            of_row.setdefault(ideas.idea(name, label), {})[sentence] = None
        for idea, said in of_row.items():
            made.setdefault(idea, []).append(said)
    mistakes = []
    for idea, told in made.items():
        heading, wordings = ideas.told(idea, [sentence for said in told for sentence in said])
        section = repeat.section(notebook, name, idea)
        mistakes.append(Mistake(idea, heading, tuple(wordings), len(told), section))
    mistakes.sort(key=lambda mistake: (-mistake.count, mistake.idea))
    unnamed = sum(row.status == "wrong" and not row.mistakes for row in rows)
    return Exercise(
        name,
        {status: counts[status] for status in STATUSES},
        tuple(mistakes),
        unnamed,
        late=sum(row.late for row in rows),
        section=repeat.section(notebook, name),
    )
