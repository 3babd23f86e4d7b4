"""Find out of each file whose it is, and which notebook; submissions.RULES says it in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from classroom.grading import contents, files, platforms
from classroom.grading.course import Lesson, told_by_cells
from classroom.grading.files import File, UnreadableError
from classroom.grading.naming import Told, name_in, readable, told
from classroom.grading.submissions import NO_LESSON, NO_NAME, Submission


def find(submissions: Path, lessons: Sequence[Lesson]) -> list[Submission]:
    """Return every submission in a folder or a zip, in the order of the names.

    Of a student who handed in no notebook, what there is of him instead.

    Example:
        >>> lesson = Lesson("03_regression_from_scratch", ("gradient",), ())
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as name:
        ...     _ = (Path(name) / "ada_03_regression.ipynb").write_text("")
        ...     [(s.student, s.lesson.name) for s in find(Path(name), [lesson])]
        [('ada', '03_regression_from_scratch')]
    """
    listed = files.listing(submissions)
    names: dict[str, str] = {}
    for file in listed:
        if file.path.name == platforms.METADATA and not file.problem:
            names |= platforms.submitters(contents.text_of(file.content()))
    around = _around(listed, lessons)
    inside = [file for file in listed if len(file.path.parts) > around + 1]
    classes = _classes(inside, around, lessons)
    finder = _Finder(submissions.stem, lessons, names, around, classes)
    found = [finder.submission(file) for file in listed if finder.counts(file)]
    have = {one.student for one in found if one.meant}
    others = [one for one in reversed(found) if not one.meant and one.student not in have]
    telling = sorted(others, key=lambda one: bool(contents.kind(one.file.path.name)))
    instead = {one.student: one for one in telling}
    return _told_apart([one for one in found if one.meant or one is instead.get(one.student)])


def _around(listed: Iterable[File], lessons: Sequence[Lesson]) -> int:
    """Return how many folders lie around the whole class, and are no student's."""
    paths = {one.path.parts for one in listed if contents.may_be_notebook(one.path.name)}
    around = 0
    for depth in range(min(map(len, paths), default=1) - 1):
        if len({path[depth] for path in paths}) > 1:
            break
        inside = {path[depth + 1 :] for path in paths}
        folders = {path[0] for path in inside if len(path) > 1}
        files_of = {told(PurePosixPath(path[0]).stem, lessons).student for path in inside}
        if len(folders) > 1 or len(files_of - {""}) > 1:
            around = depth + 1
    return around


def _classes(listed: Iterable[File], around: int, lessons: Sequence[Lesson]) -> set[str]:
    """Return the folders in which every file of a notebook begins with a student's name.

    There have to be two names: such a folder is no student's, but comes from Google Classroom.
    """
    names: dict[tuple[str, Lesson], set[str]] = {}
    for file in listed:
        stem = PurePosixPath(file.path.name).stem
        if contents.may_be_notebook(file.path.name) and (name := told(stem, lessons)).lesson:
            behind = stem.partition(name.student or stem)[2]
            first = name.student if name.lesson.words[0] in behind else ""
            names.setdefault((file.path.parts[around], name.lesson), set()).add(first)
    return {folder for (folder, _), found in names.items() if len(found) > 1 and "" not in found}


@dataclass(frozen=True)
class _Finder:
    """What has to be known of all files, to tell whose one is.

    Attributes:
        top: the name of SUBMISSIONS.
        lessons: the course.
        names: of students, by the folders of a Gradescope export.
        around: how many folders lie around the whole class.
        classes: folders below them that are no student's.
    """

    top: str
    lessons: Sequence[Lesson]
    names: Mapping[str, str]
    around: int
    classes: Set[str]

    def counts(self, file: File) -> bool:
        """Tell whether somebody handed in a file, with which others may have come."""
        name = file.path.name.casefold()
        if _is_meant(file) or file.problem == files.NOTHING or self._sign(file):
            return True
        is_somebodys = len(file.path.parts) > self.around + 1 or contents.kind(name)
        return bool(is_somebodys or self._told(name).lesson) and name not in platforms.EXTRAS

    def submission(self, file: File) -> Submission:
        """Return a file with all that is known of it."""
        sign = self._sign(file)
        own = sign.rest.rpartition("/")[2] if sign else file.path.name
        name = self._told(own)
        meant = _is_meant(file)
        by_cells, problem = self._look(file) if meant else (None, _instead(file))
        lesson = name.lesson if name.sure else by_cells or name.lesson
        if sign:
            student = self.names.get(sign.student, sign.student)
        else:
            topic = lesson.words if lesson and not name.lesson else []
            student = self._folder(file) or name_in(name.student, topic)
        notes = [] if student else [NO_NAME]
        if lesson and by_cells and by_cells != lesson:
            notes.append(f"its cells are those of {by_cells.name}")
        return Submission(
            file,
            readable(student or f"(no name) {file.place}"),
            lesson,
            problem or ("" if lesson else NO_LESSON),
            "; ".join(notes),
            sign.time if sign and sign.time else file.changed,
            sign.drawn if sign else "",
            meant,
        )

    def _told(self, name: str) -> Told:
        return told(PurePosixPath(name).stem, self.lessons)

    def _sign(self, file: File) -> platforms.Sign | None:
        return platforms.sign("/".join([self.top, *_parts(file)]))

    def _folder(self, file: File) -> str:
        """Return whose the first folder is, or the first zip, in which a file lies."""
        first, *below = _parts(file)[self.around :]
        if not below or first in self.classes:
            return ""
        return self._told(first).student if first.casefold().endswith(".zip") else first

    def _look(self, file: File) -> tuple[Lesson | None, str]:
        """Return the notebook that a file's cells tell, if they do, and why it cannot be read."""
        if file.problem:
            return None, file.problem
        try:
            return told_by_cells(contents.cells_of(file.content()), self.lessons), ""
        except OSError as error:
            return None, f"cannot be read: {error.strerror}"
        except UnreadableError as error:
            return None, str(error)


def _parts(file: File) -> tuple[str, ...]:
    """Return the parts of a path; those of an empty folder as if there was a file in it."""
    return (*file.path.parts, "") if file.problem == files.NOTHING else file.path.parts


def _is_meant(file: File) -> bool:
    """Tell whether a file is meant as a notebook, or may hold one that cannot be reached."""
    if contents.may_be_notebook(file.path.name) or file.problem == files.LINK:
        return True
    end = file.path.suffix.casefold()
    if file.problem or end not in {".json", ".txt", ""}:
        return end == ".zip" and file.problem != files.NOTHING
    try:
        return bool(contents.cells_of(file.content()))
    except (OSError, UnreadableError):
        return False


def _instead(file: File) -> str:
    """Say what was handed in instead of a notebook."""
    words = contents.kind(file.path.name)
    what = f"{words}, and no notebook" if words else "no notebook"
    return file.problem or f"{what}: {contents.ADVICE}"


def _told_apart(found: Sequence[Submission]) -> list[Submission]:
    """Add the platform's number to the names that several students have."""
    numbers: dict[tuple[str, Lesson | None], set[str]] = {}
    for one in found:
        numbers.setdefault((one.student, one.lesson), set()).add(one.drawn)
    several = {student for (student, _), drawn in numbers.items() if len(drawn - {""}) > 1}
    return [
        replace(one, student=f"{one.student} {one.drawn}") if one.student in several else one
        for one in found
    ]
