"""What the class page says to repeat: sections and slides that exist."""

import re

import pytest
from machine import need_packages

need_packages("publish", "sphinx_revealjs")
from tellwhy.answers.causes import SHOWN
from tellwhy.answers.tables import SAID, SLIPS

from classroom.grading import course, repeat
from classroom.grading.repeat import Section
from d2lhelpers import exercises
from publish import decks, guide, notebooks

LESSONS = course.lessons(course.folder())
OF = {exercise: lesson.name for lesson in LESSONS for exercise in lesson.exercises}
CASES = [(exercise, cause) for exercise, causes in repeat.table().items() for cause in causes]


def found(exercise: str, cause: str) -> Section:
    """Return the section of a row of the table, where `section` stands for no cause."""
    section = repeat.section(OF[exercise], exercise, cause)
    assert section, f"{exercise}: there is no section on stage for {cause}"
    return section


def test_each_exercise_has_a_section() -> None:
    """Catches an exercise that was forgotten, and a row of one that is gone."""
    assert set(repeat.table()) == set(OF)
    assert all("section" in causes for causes in repeat.table().values())


@pytest.mark.parametrize(("exercise", "cause"), CASES)
def test_the_slide_is_that_of_the_deck(exercise: str, cause: str) -> None:
    """Catches a heading that was renamed, and a number that the deck does not show."""
    section = found(exercise, cause)
    lesson = notebooks.read(course.folder() / f"{section.notebook}.ipynb")
    slide = decks.deck(lesson, guide.read(lesson.number))[section.slide - 1]
    assert section.heading in slide.heading + str(slide.blocks)


@pytest.mark.parametrize(("exercise", "cause"), CASES)
def test_the_guide_skips_nothing_that_has_to_be_repeated(exercise: str, cause: str) -> None:
    """Catches a class that is sent back to what its lecturer was told to leave out."""
    section = found(exercise, cause)
    advice = guide.read(section.notebook[:2]).advice
    (skipped,) = re.findall(r"\*\*Skip first\*\*: (.*)", advice)
    assert section.heading.casefold() not in skipped.casefold()


def test_the_causes_are_what_is_found() -> None:
    """Catches a row that no finding asks for."""
    for exercise, cause in CASES:
        known = getattr(exercises, exercise).specification
        ideas = {"section", *SAID, *SHOWN, *SLIPS["causes"], *known.mistakes, *known.says}
        assert cause in ideas, (exercise, cause)


def test_a_cause_has_the_section_of_its_own() -> None:
    """Catches parameters of a cause that hide it, and a cause of another exercise."""
    ideas = ("sum for mean", "factor(by=2)", "silent_shape")
    wanted = [
        "A sum that is not divided",
        "The best weights have a formula",
        "Labels of shape (n,)",
    ]
    assert [found("gradient", idea).heading for idea in ideas] == wanted
    assert repeat.section(OF["gradient"], "gradient", "syntax") is None
    assert repeat.section("03_regression_from_scratch", "no_exercise") is None
