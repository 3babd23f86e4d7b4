"""The copies for Colab and Kaggle: what opens there, and where its links lead."""

import re
from pathlib import Path

import nbformat
import pytest
from notebook_checks import COURSE, is_folded

from publish import __main__ as publish
from publish import colab

REPOSITORY = "https://github.com/somebody/course"


@pytest.fixture
def copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(colab, "TARGET", tmp_path / "colab")
    monkeypatch.setattr(colab, "ROOT", tmp_path)
    monkeypatch.setenv("COURSE_REPOSITORY", f"{REPOSITORY}/")
    monkeypatch.delenv("COURSE_VERSION", raising=False)
    assert publish.run(["colab"]) == 0
    return tmp_path / "colab"


def test_a_copy_is_the_notebook_without_outputs_behind_a_cell_that_installs(copies: Path) -> None:
    """Catches outputs that answer a question, and a notebook that was changed besides."""
    assert sorted(path.name for path in copies.iterdir()) == [path.name for path in COURSE]
    for path in COURSE:
        stored = nbformat.read(path, as_version=4)
        first, *cells = nbformat.read(copies / path.name, as_version=4).cells
        assert f"git+{REPOSITORY}#subdirectory=tellwhy" in first.source
        assert [cell.id for cell in cells] == [cell.id for cell in stored.cells]
        for cell, old in zip(cells, stored.cells, strict=True):
            if cell.cell_type == "code":
                assert (cell.source, cell.outputs) == (old.source, [])
                assert cell.execution_count is None
                is_form = cell.metadata.get("cellView") == "form"
                assert is_form == is_folded(cell), "how Colab folds the code of a cell"


def test_its_links_lead_to_other_copies(copies: Path) -> None:
    """Catches a link to a file that lies nowhere on Colab."""
    address = f"{colab.COLAB}/github/somebody/course/blob/colab/"
    texts = [path.read_text(encoding="utf-8") for path in copies.iterdir()]
    assert sum(text.count(address) for text in texts) >= 2 * len(COURSE) - 2
    assert not any(re.search(r"\]\(\d\d_\w+\.ipynb", text) for text in texts)


def test_the_first_cell_does_nothing_where_the_package_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches an installation over the one that is there."""
    from IPython.core.inputtransformer2 import TransformerManager

    asked: list[str] = []

    class Shell:
        def run_line_magic(self, name: str, line: str) -> None:
            asked.append(f"{name} {line}")

    code = TransformerManager().transform_cell(colab.FIRST.format(what="d2lhelpers==9"))
    exec(code, {"get_ipython": Shell})
    assert asked == []
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    exec(code, {"get_ipython": Shell})
    assert asked == ["pip install --quiet d2lhelpers==9"]


@pytest.mark.parametrize("address", ["", "github.com/somebody/course", "https://example.org/a/b"])
def test_an_address_that_colab_cannot_open_is_one_line(
    address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COURSE_REPOSITORY", address)
    assert publish.run(["colab"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("colab: COURSE_REPOSITORY should be")
    assert said.count("\n") == 1
