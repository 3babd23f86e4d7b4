"""The command line of the training: what is left out has a value, and nonsense is refused."""

import sys
from pathlib import Path

import pytest

from d2lhelpers.scale import options


def parsed(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> dict[str, object]:
    monkeypatch.setattr(sys, "argv", ["train", *arguments])
    return vars(options.parse("What it does."))


def test_a_folder_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches an option that has to be given, and a default that the help does not tell."""
    assert parsed(monkeypatch, "rows") == {
        "data": Path("rows"),
        "targets": 1,
        "epochs": 3,
        "batch_size": 400,
        "lr": 0.1,
        "save": None,
        "checkpoint": None,
        "seed": 0,
        "device": "auto",
        "drill": None,
    }


REFUSED = {
    "--epochs -3": "it must be a positive integer, got -3.",
    "--epochs 0": "it must be a positive integer, got 0.",
    "--epochs many": "it must be a positive integer, got 'many' (str).",
    "--epochs 2.5": "it must be a positive integer, got '2.5' (str).",
    "--batch-size 0": "it must be a positive integer, got 0.",
    "--targets 0": "it must be a positive integer, got 0.",
    "--drill 1 0": "it must be a positive integer, got 0.",
    "--seed -1": "it must be an integer, 0 or larger, got -1.",
    "--lr -0.1": "it must be a finite number, 0 or larger, got -0.1.",
    "--lr nan": "it must be a finite number, 0 or larger, got nan.",
    "--lr fast": "it must be a finite number, 0 or larger, got 'fast' (str).",
    "--device gpu": "invalid choice: 'gpu'",
}


@pytest.mark.parametrize("command", REFUSED)
def test_nonsense_is_refused(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Catches a training of -3 epochs, and a refusal that does not say what was wanted."""
    with pytest.raises(SystemExit) as end:
        parsed(monkeypatch, "rows", *command.split())
    said = capsys.readouterr().err
    assert end.value.code == 2
    assert command.split()[0] in said
    assert REFUSED[command] in said
    assert len(said.splitlines()) == 2  # the usage, and why not
