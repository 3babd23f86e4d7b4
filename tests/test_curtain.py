"""The curtain before solutions and answers: what the instructor writes, and what students see."""

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import nbformat
import pytest
from notebook_checks import COURSE, ROOT

from classroom import curtain, workspace

SOON = datetime.now(UTC).replace(microsecond=0) + timedelta(days=7)
PAST = SOON - timedelta(days=14)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "class.toml"
    monkeypatch.setattr(curtain, "FILE", file)
    monkeypatch.setattr(curtain.opening, "__defaults__", (file,))
    monkeypatch.setattr(curtain.environment, "__defaults__", (file,))
    return file


def write(file: Path, **dates: datetime) -> None:
    lines = [f'"{number}" = {when.isoformat()}' for number, when in dates.items()]
    file.write_text("\n".join(["[open]", *lines]), encoding="utf-8")


def test_without_settings_all_is_open(settings: Path) -> None:
    assert curtain.environment(ROOT / "notebooks") == {}
    assert all(curtain.opening(path.stem[:2]) is None for path in COURSE)


def test_a_notebook_is_named_or_is_one_of_the_others(settings: Path) -> None:
    write(settings, **{"03": SOON, "others": PAST})
    assert curtain.opening("03") == SOON
    assert curtain.opening("04") == PAST


def test_each_exercise_of_a_notebook_has_its_date(settings: Path) -> None:
    """Catches an exercise whose solution answers though its notebook is closed."""
    write(settings, **{"03": SOON})
    dates = json.loads(curtain.environment(ROOT / "notebooks")[curtain.VARIABLE])
    text = COURSE[2].read_text(encoding="utf-8")
    names = set(re.findall(r"exercises\.(\w+)\.check\(\1\)", text))
    assert dates == dict.fromkeys(names, SOON.isoformat())


def answers(folder: Path, number: int) -> str:
    notebook = nbformat.read(folder / COURSE[number - 1].name, as_version=4)
    return "\n".join(cell.source for cell in notebook.cells if "<details>" in cell.source)


def test_a_student_s_copy_shows_answers_when_they_open(settings: Path, tmp_path: Path) -> None:
    """Catches answers in a copy that is not open, and a copy that never gets them."""
    work = tmp_path / "work"
    write(settings, **{"03": SOON})
    workspace.update(ROOT / "notebooks", work)
    stored = answers(ROOT / "notebooks", 3)
    closed = answers(work, 3)
    assert closed.count("<summary>") == stored.count("<summary>")
    assert closed.count(f"The answer opens on {SOON:%Y-%m-%d}") == stored.count("<summary>")
    assert answers(work, 4) == answers(ROOT / "notebooks", 4)
    write(settings, **{"03": PAST})
    assert "1 updated" in workspace.update(ROOT / "notebooks", work)
    assert answers(work, 3) == stored


def test_the_hub_reads_the_same_settings() -> None:
    """Catches a listing that a server cannot read."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "classroom.curtain"]
    assert json.loads(subprocess.check_output(command, env=environment, text=True)) == {}


@pytest.mark.parametrize(
    "text",
    [
        "[open",
        '"03" = 2026-12-04T18:00:00+01:00',
        "[open]\n3 = 2026-12-04T18:00:00+01:00",
        '[open]\n"03" = 2026-12-04',
        '[open]\n"03" = 2026-12-04T18:00:00',
        '[open]\n"03" = "tomorrow"',
    ],
)
def test_settings_that_cannot_be_read_are_refused_with_what_was_wanted(
    text: str, settings: Path
) -> None:
    settings.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"class\.toml: .*wanted"):
        curtain.opening("03")
