"""What the name of a file tells: which notebook it is, and whose."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from classroom.grading.course import Lesson

# What systems and people add to a file's name, and what no student is called.
DATE = r"20\d\d[-_. ]?[01]\d[-_. ]?[0-3]\d([-_. T]+[0-2]?\d[-_.:h]?[0-5]\d([-_.:]?[0-5]\d)?)?"
DAY_FIRST = r"[0-3]?\d[-_.][01]?\d[-_.](20)?\d\d"
COPY = r"copy of|copy\d*|kopie( von)?|copie( de)?|c[oó]pia( de)?|checkpoint"
WORK = r"(home)?work|hw|assignment|exercises?|task|notebook|lesson|week|lab|colab|ipynb"
STATE = r"untitled|submissions?|submitted|solved|solutions?|answers?|final|draft|new|done|my"
ADDED = rf"{DATE}|{DAY_FIRST}|{COPY}|v(ersion)?[ _-]?\d+|({WORK}|{STATE})[ _-]?\d*"
BORDERS = " _-.,;()[]"


@dataclass(frozen=True)
class Told:
    """What a name tells.

    Attributes:
        lesson: the course's notebook, or nothing.
        sure: whether the name has more of the notebook's than its number.
        student: whose it is, or nothing.
    """

    lesson: Lesson | None
    sure: bool
    student: str


def readable(text: str) -> str:
    r"""Return a text without what cannot be written or seen: control and broken characters.

    Letters are composed: of an ü, macOS makes a u and two dots in the names of files.

    Example:
        >>> readable("Ada\x1b[31m\udcff Love\u202elace\n")
        'Ada[31m? Lovelace'
    """
    whole = unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode("utf-8"))
    return "".join(letter for letter in whole if letter.isprintable()).strip()


def words(text: str) -> list[str]:
    """Split a name at everything that is no letter and no digit.

    Example:
        >>> words("Ada_03-Regression (1)")
        ['ada', '03', 'regression', '1']
    """
    return re.findall(r"[^\W_]+", text.casefold())


def told(stem: str, lessons: Sequence[Lesson]) -> Told:
    """Return what a file's name tells: the notebook, and the student before or else behind it.

    Example:
        >>> course = [Lesson("03_regression_from_scratch", (), ())]
        >>> [told(stem, course).student for stem in ("ada b_03_regression-Copy1", "03 (2)")]
        ['ada b', '']
        >>> told("Untitled", course)
        Told(lesson=None, sure=False, student='')
    """
    parts = [(part[0].casefold(), part.start(), part.end()) for part in _parts(stem)]
    for length in ("whole", "first word", "number"):
        hits = []
        for lesson in lessons:
            number, *topic = words(lesson.name)
            wanted = {
                "whole": [number, *topic],
                "first word": [number, topic[0]],
                "number": [number],
            }[length]
            hits += [
                (lesson, start, start + len(wanted))
                for start in range(len(parts))
                if [part[0] for part in parts[start : start + len(wanted)]] == wanted
            ]
        if len({lesson for lesson, _, _ in hits}) == 1:
            lesson, start, stop = hits[-1]
            rest = [word for word in lesson.words if word in words(stem)]
            while stop < len(parts) and parts[stop][0] in rest:  # 03_regression_scratch
                stop += 1
            before, after = stem[: parts[start][1]], stem[parts[stop - 1][2] :]
            return Told(lesson, length != "number", name_in(before) or name_in(after))
        if hits:
            break  # more than one notebook is named
    return Told(None, False, name_in(stem))


def _parts(stem: str) -> list[re.Match[str]]:
    return list(re.finditer(r"[^\W_]+", stem))


def name_in(text: str, topic: Sequence[str] = ()) -> str:
    """Return the name of a person in a part of a file's name, if there is one.

    It has a letter, or is the number of a student, which is longer than a year.

    Example:
        >>> name_in("Copy of "), name_in("_2026-11-20"), name_in("ada_final-v2"), name_in("(1)")
        ('', '', 'ada', '')
        >>> name_in("group_05"), name_in("1234567 "), name_in("scratch_bob", ["scratch"])
        ('group_05', '1234567', 'bob')
    """
    left = re.sub(rf"(?i)(?<![^\W_])({ADDED})(?![^\W_])", " ", text)
    left = re.sub(r"\(\d+\)\s*$", " ", left).strip(BORDERS)
    left = re.sub(r"[ _]{2,}", " ", left)
    if topic:
        left = " ".join(word for word in re.split(r"[ _]+", left) if word.casefold() not in topic)
    return left if re.search(r"[^\W\d_]|\d{5}", left) else ""
