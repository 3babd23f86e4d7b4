"""Whose a file is and which notebook, as platforms, systems and people name and pack them."""

import io
import json
import os
import stat
import unicodedata
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from grading_class import COUNT, NOTEBOOK, RIGHT, answered, original, short, write
from notebook_checks import ROOT

from classroom.grading import contents, course, files, finder, platforms, report, submissions
from classroom.grading.files import UnreadableError
from classroom.grading.submissions import Submission

LESSONS = course.lessons(ROOT / "notebooks")
LESSON = next(lesson for lesson in LESSONS if lesson.name == NOTEBOOK)
MOODLE = "Ada Lovelace_{}_assignsubmission_file/03.ipynb"
BLANK = '{"cells": []}'
BRIGHTSPACE = "12345-6789 - Ada Lovelace - Nov {} PM/hw.ipynb"


def found(folder: Path) -> list[Submission]:
    return submissions.newest(finder.find(folder, LESSONS))


def archive(path: Path, members: Mapping[str, Any]) -> Path:
    """Write a zip; what is no text is a notebook, or the bytes of another zip."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in members.items():
            as_is = isinstance(content, str | bytes)
            new.writestr(name, content if as_is else json.dumps(content))
    return path


def packed(members: Mapping[str, Any]) -> bytes:
    with zipfile.ZipFile(buffer := io.BytesIO(), "w") as new:
        for name, content in members.items():
            new.writestr(name, content)
    return buffer.getvalue()


# What platforms write: the platform, a path, the student, the number of the notebook.
DOWNLOADED = [
    ("Moodle", "Ada Lovelace_77_assignsubmission_file_/Untitled_02_normal.ipynb", "Ada Lovelace"),
    ("Moodle", "CS-hw-12/Ada Lovelace_77_assignsubmission_file/02_normal.ipynb", "Ada Lovelace"),
    ("Moodle", "Ada Lovelace_77_assignsubmission_file_02_normal.ipynb", "Ada Lovelace"),
    ("Moodle", "Participant_77_assignsubmission_file/02_normal.ipynb", "Participant_77"),
    ("Blackboard", "Homework 3_ada1_attempt_2026-11-20-10-22-33_02_normal.ipynb", "ada1"),
    (
        "Brightspace",
        "12345-6789 - Ada Lovelace - Nov 20, 2026 1022 PM/02_normal.ipynb",
        "Ada Lovelace",
    ),
    (
        "Brightspace",
        "27236-46025 - 23304308 Cook-Mc - 05 March 2026 612 PM - 02_normal.ipynb",
        "23304308 Cook-Mc",
    ),
    ("Canvas", "lovelaceada_LATE_1234_56789_02_normal-1.ipynb", "lovelaceada_1234"),
    ("Canvas", "lovelaceada_late_1234_56789_02_normal.ipynb", "lovelaceada_1234"),
    ("Canvas", "submissions/lovelaceada_1234_56789_02_normal.ipynb", "lovelaceada_1234"),
    ("Canvas without names", "anon_x7Yz2_56789_02_normal.ipynb", "anon_x7Yz2"),
    ("Gradescope", "assignment_9_export/submission_456/02_normal.ipynb", "submission_456"),
    (
        "Sakai",
        "Homework/Lovelace, Ada(ada1)/Submission attachment(s)/02_normal.ipynb",
        "Lovelace, Ada(ada1)",
    ),
    (
        "Microsoft Teams",
        "Submitted files/Ada Lovelace/Homework/Version 2/02_normal.ipynb",
        "Ada Lovelace",
    ),
    ("GitHub Classroom", "hw-3-submissions/hw-3-ada1/notebooks/02_normal.ipynb", "ada1"),
]


@pytest.mark.parametrize(("platform", "path", "student"), DOWNLOADED)
def test_what_platforms_write_into_a_path_is_understood(
    platform: str, path: str, student: str, tmp_path: Path
) -> None:
    write(tmp_path / path, BLANK)
    (one,) = found(tmp_path)
    assert (one.student, one.problem) == (student, "")
    assert one.lesson
    assert one.lesson.name == "02_normal_distribution"
    sign = platforms.sign(path)
    assert sign
    assert sign.platform == platform


def test_each_platform_has_a_source_and_is_tried() -> None:
    assert {platform for platform, _, _ in DOWNLOADED} == {one.name for one in platforms.PLATFORMS}
    assert all("." in one.source or " " in one.source for one in platforms.PLATFORMS)


# Each line is a manner of a person or a system; a rule that is dropped fails one of them.
@pytest.mark.parametrize(
    ("path", "student", "number"),
    [
        ("ada_03_regression.ipynb", "ada", "03"),
        ("Ada Lovelace 03-Regression-From-Scratch (2).ipynb", "Ada Lovelace", "03"),
        ("Ada Lovelace - 03_regression_from_scratch.ipynb", "Ada Lovelace", "03"),
        ("Ada/03_regression_from_scratch.ipynb", "Ada", "03"),
        ("Ada/week 3/my copy of 03.ipynb", "Ada", "03"),
        ("03_regression_from_scratch_ada.ipynb", "ada", "03"),
        ("Notebook 03 Ada Lovelace.ipynb", "Ada Lovelace", "03"),
        ("ada_2026-11-20_03_regression.ipynb", "ada", "03"),
        ("1234567_03_regression.ipynb", "1234567", "03"),
        ("group_05_03_regression.ipynb", "group_05", "03"),
        ("group_05_and_03.ipynb", "group_05_and_03", None),
        ("Ada/Untitled.ipynb", "Ada", None),
        ('it\'s "Ada" 🌾_03.IPYNB', 'it\'s "Ada" 🌾', "03"),
        ("ada_03_regression.ipynb.txt", "ada", "03"),
        ("ada_03_regression.ipynb.json", "ada", "03"),
    ],
)
def test_whose_a_file_is_and_which_notebook(
    path: str, student: str, number: str | None, tmp_path: Path
) -> None:
    write(tmp_path / path, BLANK)
    (one,) = found(tmp_path)
    assert one.student == student
    assert (one.lesson.name[:2] if one.lesson else None) == number
    assert bool(one.problem) == (number is None)
    assert one.note == ""


@pytest.mark.parametrize(
    "name",
    [
        "03_regression_from_scratch_2026-11-20.ipynb",
        "03_regression_from_scratch-Copy1.ipynb",
        "03_regression_from_scratch-checkpoint.ipynb",
        "03_regression_from_scratch (1).ipynb",
        "Copy of 03_regression_from_scratch.ipynb",
        "03_regression_from_scratch - Copy (2).ipynb",
        "Homework 03 final v2.ipynb",
    ],
)
def test_without_a_name_each_file_is_a_student_of_its_own_and_told_how_to_get_a_name(
    name: str, tmp_path: Path
) -> None:
    write(tmp_path / name, BLANK)
    write(tmp_path / f"new {name}", BLANK)
    one, other = found(tmp_path)
    assert other.student == f"(no name) {name}" or one.student == f"(no name) {name}"
    assert one.student != other.student
    assert {one.problem, other.problem} == {""}
    assert "give one with --names" in one.note


@pytest.mark.parametrize("name", ["hw3", "Untitled1", "regression_from_scratch", "Homework 04"])
@pytest.mark.parametrize("ids", [True, False])
def test_which_notebook_it_is_is_told_from_its_cells_where_the_name_does_not(
    name: str, ids: bool, tmp_path: Path
) -> None:
    notebook = answered(short(), RIGHT) if ids else original()
    for cell in notebook["cells"]:
        if not ids:
            del cell["id"]  # as in the format before
    write(tmp_path / f"{name}.ipynb", notebook)
    (one,) = found(tmp_path)
    assert (one.lesson, one.problem) == (LESSON, "")
    assert one.student == f"(no name) {name}.ipynb"


def test_text_alone_is_enough_to_know_the_notebook_and_another_course_is_none(
    tmp_path: Path,
) -> None:
    notebook = original()
    notebook["cells"] = [c for c in notebook["cells"] if c["cell_type"] == "markdown"]
    write(tmp_path / "Ada" / "hw.ipynb", notebook)
    for cell in notebook["cells"]:
        cell["id"] = f"other-{cell['id']}"
    write(tmp_path / "Bob" / "hw.ipynb", notebook)
    ada, bob = found(tmp_path)
    assert ada.lesson == LESSON
    assert "neither the file's name nor its cells say which notebook" in bob.problem
    assert "--names" in bob.problem


def test_a_name_that_contradicts_the_cells_is_noted(tmp_path: Path) -> None:
    write(tmp_path / "ada_02_normal.ipynb", short())
    (one,) = found(tmp_path)
    assert one.lesson
    assert one.lesson.name[:2] == "02"
    assert one.note == f"its cells are those of {NOTEBOOK}"


def test_one_folder_around_all_is_no_student(tmp_path: Path) -> None:
    for student in ("ada", "bob"):
        write(tmp_path / "flat" / "hw 3" / f"{student}_03.ipynb", BLANK)
        write(tmp_path / "deep" / "hw 3" / "unpacked" / student / "03.ipynb", BLANK)
    write(tmp_path / "one" / "Ada" / "week 1" / "03.ipynb", BLANK)
    write(tmp_path / "one" / "Ada" / "week 1" / "04.ipynb", BLANK)
    assert [one.student for one in found(tmp_path / "flat")] == ["ada", "bob"]
    assert [one.student for one in found(tmp_path / "deep")] == ["ada", "bob"]
    assert [one.student for one in found(tmp_path / "one")] == ["Ada", "Ada"]


def test_a_name_is_one_name_however_a_system_writes_its_letters(tmp_path: Path) -> None:
    write(tmp_path / unicodedata.normalize("NFC", "Zoë") / "03.ipynb", BLANK)
    write(tmp_path / unicodedata.normalize("NFD", "Zoë") / "04.ipynb", BLANK)
    assert [one.student for one in found(tmp_path)] == ["Zoë", "Zoë"]


def test_a_folder_of_a_class_among_other_things_is_no_student(tmp_path: Path) -> None:
    names = ("Bob - Copy of 03.ipynb", "Carl - 03.ipynb")
    for name in names:
        write(tmp_path / "Google Classroom" / name, BLANK)
    archive(tmp_path / "drive-download.zip", {f"hw/New Dr {name}": BLANK for name in names})
    for name in ("03_first.ipynb", "second_03.ipynb", "third_03.ipynb"):
        write(tmp_path / "Ada" / name, BLANK)
    students = {one.student for one in found(tmp_path)}
    assert students == {"Ada", "Bob", "Carl", "Dr Bob", "Dr Carl"}


def test_hidden_files_are_not_looked_at(tmp_path: Path) -> None:
    write(tmp_path / "Ada" / ".ipynb_checkpoints" / "03-checkpoint.ipynb", BLANK)
    write(tmp_path / "Ada" / "03.ipynb", BLANK)
    write(tmp_path / "__MACOSX" / "03.ipynb", BLANK)
    assert len(found(tmp_path)) == 1


# Several files of a student


def test_of_files_as_old_as_each_other_the_last_by_name_counts(tmp_path: Path) -> None:
    for number in (2, 9, 10):
        os.utime(write(tmp_path / "Ada" / f"03 ({number}).ipynb", BLANK), (0, 0))
    assert [one.file.path.name for one in found(tmp_path) if not one.problem] == ["03 (10).ipynb"]


@pytest.mark.parametrize("content", ["", '{"cells": ['])
def test_a_file_that_cannot_be_read_takes_no_older_ones_place(content: str, tmp_path: Path) -> None:
    os.utime(write(tmp_path / "Ada" / "03.ipynb", BLANK), (0, 0))
    write(tmp_path / "Ada" / "03 (1).ipynb", content)
    new, old = found(tmp_path)
    assert old.problem == ""
    assert "save the notebook in JupyterLab" in new.problem


def test_a_notebook_with_large_outputs_is_read(tmp_path: Path) -> None:
    write(tmp_path / "Ada" / "hw.ipynb", short() | {"outputs": "x" * 30_000_000})
    (one,) = found(tmp_path)
    assert (one.lesson, one.problem) == (LESSON, "")


def test_the_time_that_a_platform_wrote_decides(tmp_path: Path) -> None:
    for changed, time in enumerate(["20, 2026 112", "20, 2026 1045", "9, 2026 1159"]):
        file = write(tmp_path / BRIGHTSPACE.format(time).replace("hw", "03"), BLANK)
        os.utime(file, (changed, changed))
    (counts,) = [one for one in found(tmp_path) if not one.problem]
    assert "1045" in counts.file.place


def test_two_students_of_one_name_are_told_apart_by_the_platforms_number(tmp_path: Path) -> None:
    for number in (77, 78):
        write(tmp_path / MOODLE.format(number), BLANK)
    assert [one.student for one in found(tmp_path)] == ["Ada Lovelace 77", "Ada Lovelace 78"]


def test_one_student_stays_one_though_the_platform_draws_a_number_each_week(
    tmp_path: Path,
) -> None:
    write(tmp_path / MOODLE.format(77), BLANK)
    write(tmp_path / MOODLE.format(78).replace("03", "04"), BLANK)
    assert {one.student for one in found(tmp_path)} == {"Ada Lovelace"}


def test_gradescope_says_in_a_file_of_its_own_whose_a_folder_is(tmp_path: Path) -> None:
    write(tmp_path / "assignment_1_export" / "submission_7" / "03.ipynb", BLANK)
    write(
        tmp_path / "assignment_1_export" / platforms.METADATA,
        "---\nsubmission_7:\n  :submitters:\n  - :name: Ada Lovelace\n    :sid: '1'\n",
    )
    (one,) = found(tmp_path)
    assert one.student == "Ada Lovelace"


# Names given by hand


def test_names_correct_what_was_found(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    archive(folder / "week.zip", {"homework.ipynb": {"cells": []}})
    names = tmp_path / "names.csv"
    names.write_text(f"file,student,notebook\nweek.zip/homework.ipynb,Ada,{NOTEBOOK}\n")
    (one,) = submissions.named(finder.find(folder, LESSONS), names, LESSONS)
    assert (one.student, one.lesson, one.problem, one.note) == ("Ada", LESSON, "", "")


def test_a_file_is_named_as_results_csv_has_it(tmp_path: Path) -> None:
    """Catches a mark against formulas, and letters composed otherwise, that hide a file."""
    name = unicodedata.normalize("NFD", "=homework ü.ipynb")
    write(tmp_path / "in" / name, BLANK)
    names = tmp_path / "names.csv"
    names.write_text(f"file,student,notebook\n{report.cell(name)},Ada,{NOTEBOOK}\n", "utf-8")
    (one,) = submissions.named(finder.find(tmp_path / "in", LESSONS), names, LESSONS)
    assert (one.student, one.problem) == ("Ada", "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("file,student\nx,y\n", "the column 'notebook' is missing"),
        ("file,student,notebook\nhomework.ipynb,Ada,pandas\n", "no notebook 'pandas'; there are"),
    ],
)
def test_names_that_cannot_be_right_are_refused(text: str, said: str, tmp_path: Path) -> None:
    folder, names = tmp_path / "in", tmp_path / "names.csv"
    write(folder / "homework.ipynb", BLANK)
    names.write_text(text)
    with pytest.raises(ValueError, match=said):
        submissions.named(finder.find(folder, LESSONS), names, LESSONS)


# No notebook


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("Ada/report.pdf", "a PDF, and no notebook: save the notebook in JupyterLab"),
        ("ada_03_regression.pdf", "a PDF, and no notebook"),
        ("Ada/03_regression.html", "a web page, and no notebook"),
        ("Ada/answers.docx", "a document of a word processor"),
        ("ada_03.ipynb.url", "a shortcut to a file elsewhere, and no notebook"),
        ("ada_03.py", "a program, and no notebook: save"),
        ("ada.rar", "an archive that is no zip"),
        ("Ada/notes.md", "no notebook"),
        ("Hw_ada_attempt_2026-11-20-10-22-33.txt", "no notebook"),
    ],
)
def test_a_student_without_a_notebook_has_a_row_that_says_what_there_is(
    path: str, said: str, tmp_path: Path
) -> None:
    write(tmp_path / path, "")
    (one,) = found(tmp_path)
    assert one.student.casefold() == "ada"
    assert said in one.problem


def test_what_lies_beside_a_notebook_or_belongs_to_the_platform_is_no_row(tmp_path: Path) -> None:
    write(tmp_path / "Ada" / "03.ipynb", BLANK)
    write(tmp_path / "Ada" / "report.pdf", "")
    for name in ("index.html", "names.csv", "grades.csv"):
        write(tmp_path / name, "")
    assert [one.file.path.name for one in found(tmp_path)] == ["03.ipynb"]


def test_an_empty_folder_has_a_row(tmp_path: Path) -> None:
    (tmp_path / "Ada" / "empty").mkdir(parents=True)
    (one,) = found(tmp_path)
    assert (one.student, one.problem) == ("Ada", files.NOTHING)


def test_a_notebook_is_one_whatever_its_name_ends_in(tmp_path: Path) -> None:
    write(tmp_path / "Ada" / "03.json", short())
    write(tmp_path / "Ada" / "data.json", "{}")
    assert [(one.file.path.name, one.problem) for one in found(tmp_path)] == [("03.json", "")]


@pytest.mark.parametrize("form", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_a_notebook_is_read_in_every_form_that_editors_save(form: str) -> None:
    text = json.dumps(answered(short(), RIGHT), ensure_ascii=False)
    (cell,) = [
        cell for cell in contents.notebook_of(text.encode(form)).cells if COUNT in cell.source
    ]
    assert RIGHT[COUNT].strip() in cell.source


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b" \n", "the file is empty"),
        (b"%PDF-1.7 ...", "a PDF"),
        (b"\n\n<!DOCTYPE html><html>", "a web page"),
        (b'{\n"cells": [', "broken JSON, line 2"),
        (b"version https://git-lfs.github.com/spec/v1", "a pointer of Git LFS"),
        (b"PK\x03\x04", "a zip or an office document"),
        (b"[1, 2]", "no notebook"),
        (b"[" * 100_000, "no notebook"),
        (b"1" * 5_000, "no notebook"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": {}}]}', "no notebook"),
        (b'{"cells": [1]}', "no notebook"),
    ],
)
def test_what_is_no_notebook_is_told_what_it_is_and_what_to_do(content: bytes, said: str) -> None:
    with pytest.raises(UnreadableError, match=said) as caught:
        contents.notebook_of(content)
    assert "save the notebook in JupyterLab and hand in the .ipynb file" in str(caught.value)


# Zips


def test_zips_are_opened_where_they_lie_and_as_submissions(tmp_path: Path) -> None:
    class_zip = archive(
        tmp_path / "in" / "CS-hw-12.zip",
        {
            MOODLE.format(77): short(),
            "Bob_78_assignsubmission_file/hw.zip": packed({"hw/03.ipynb": BLANK}),
            "__MACOSX/Bob_78_assignsubmission_file/._hw.zip": "",
        },
    )
    for where in (tmp_path / "in", class_zip):
        ada, bob = found(where)
        assert (ada.student, bob.student) == ("Ada Lovelace", "Bob")
        assert {ada.problem, bob.problem} == {""}
        assert ada.lesson == bob.lesson == LESSON
        assert json.loads(ada.file.content()) == short()
        assert bob.file.content() == BLANK.encode()
        assert bob.file.place.endswith("Bob_78_assignsubmission_file/hw.zip/hw/03.ipynb")


def test_a_zip_of_a_students_belongs_to_him(tmp_path: Path) -> None:
    archive(tmp_path / "ada_03.zip", {"homework/Untitled.ipynb": short()})
    archive(tmp_path / "lovelaceada_1234_56789_hw.zip", {"03.ipynb": BLANK})
    write(tmp_path / "bob_03.ipynb", BLANK)
    assert [one.student for one in found(tmp_path)] == ["ada", "bob", "lovelaceada_1234"]
    assert {one.lesson for one in found(tmp_path)} == {LESSON}


def test_a_zip_of_the_class_without_a_platforms_names_is_none_of_a_student(tmp_path: Path) -> None:
    archive(tmp_path / "submissions.zip", {"Ada/03.ipynb": BLANK, "Bob/03.ipynb": BLANK})
    assert [one.student for one in found(tmp_path)] == ["Ada", "Bob"]


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def hostile(path: Path) -> None:
    """Write zips that a student should not have made."""
    archive(path / "outside.zip", {"../../03.ipynb": BLANK, "/etc/03.ipynb": BLANK})
    with zipfile.ZipFile(path / "link.zip", "w") as new:
        new.writestr(link("03.ipynb"), "/etc/passwd")
    archive(path / "many.zip", {f"{number}.txt": "" for number in range(files.MOST + 1)})
    archive(path / "large.zip", {"03.ipynb": b" " * (files.LARGEST + 1)})
    inner = packed({"03.ipynb": BLANK})
    archive(path / "deep.zip", {"b.zip": packed({"c.zip": inner})})
    (path / "broken.zip").write_bytes(inner[:-30])
    (path / "text.zip").write_text("no zip")
    locked = bytearray(inner)
    for head, flags in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        locked[locked.index(head) + flags] |= 1
    (path / "locked.zip").write_bytes(locked)
    damaged = bytearray(packed({"ada_03.ipynb": BLANK * 9}))
    damaged[60] ^= 1
    (path / "damaged.zip").write_bytes(damaged)
    archive(path / "empty.zip", {"__MACOSX/x": ""})


def test_zips_that_should_not_be_opened_say_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST", 50)
    folder = tmp_path / "in"
    folder.mkdir()
    hostile(folder)
    before = sorted(path.name for path in tmp_path.rglob("*"))
    said = {one.file.path.parts[0]: one.problem for one in finder.find(folder, LESSONS)}
    assert said == {
        "outside.zip": "its path leads out of the zip",
        "link.zip": files.LINK,
        "many.zip": "a zip of more than 50 files",
        "large.zip": "larger than 50 MB: a notebook without its outputs is smaller",
        "deep.zip": "a zip in a zip in a zip",
        "broken.zip": "no zip that can be opened (File is not a zip file)",
        "text.zip": "no zip that can be opened (File is not a zip file)",
        "locked.zip": "protected by a password",
        "damaged.zip": said["damaged.zip"],
        "empty.zip": files.NOTHING,
    }
    assert sorted(path.name for path in tmp_path.rglob("*")) == before, "something was unpacked"
    (damaged,) = [one for one in finder.find(folder, LESSONS) if "damaged" in one.file.place]
    with pytest.raises(UnreadableError, match="cannot be unpacked"):
        damaged.file.content()


def test_a_zip_that_unpacks_to_too_much_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "WHOLE", 10**6)
    archive(tmp_path / "ada_03.zip", {"data.bin": bytes(10**6 + 1), "03.ipynb": BLANK})
    (one,) = found(tmp_path)
    assert one.problem.startswith("a zip that holds more than")


def test_names_in_zips_of_macos_are_read(tmp_path: Path) -> None:
    name = "Zoë/03.ipynb".encode().decode("cp437")  # UTF-8 that is not said to be
    data = packed({"Zoé/03.ipynb": BLANK}).replace("Zoé".encode(), "Zoë".encode())
    flagless = bytearray(data)
    for head, flags in ((b"PK\x01\x02", 9), (b"PK\x03\x04", 7)):
        flagless[flagless.index(head) + flags] &= 0xF7
    (tmp_path / "class.zip").write_bytes(flagless)
    assert zipfile.ZipFile(tmp_path / "class.zip").namelist() == [name]
    assert [file.path.parts[1] for file in files.listing(tmp_path)] == ["Zoë"]
