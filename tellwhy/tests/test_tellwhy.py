"""The package from outside: without PyTorch, what it lists, what an author can ask of it."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from answers import defined
from tellwhy.__main__ import main
from tellwhy.answers.tables import SAID, SLIPS
from tellwhy.show import show, side_by_side

from tellwhy import Specification, audit, exercise

WHOLE = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
README, _ = WHOLE.split("\n## Why does a training loop not learn?")
SOURCES = Path(__file__).parents[1] / "src" / "tellwhy"

WITHOUT = """
import sys
sys.modules["torch"] = sys.modules["numpy"] = None  # an import of them fails
from tellwhy import exercise
assert sys.modules["torch"] is None
@exercise(inputs=[([1, 2, 3],), ([4, 4],)], draw=lambda rng: ([rng.randint(1, 9)] * 3 + [2],))
def mean(values):
    return sum(values) / len(values)
print(mean.check(lambda values: sum(values)))
print(mean.check(lambda values: sum(values) / len(values)).status)
"""


def test_it_works_where_neither_pytorch_nor_numpy_can_be_imported() -> None:
    run = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True)
    assert run.stderr == ""
    assert "a sum where a mean belongs." in run.stdout
    assert run.stdout.endswith("right\n")


def test_importing_it_imports_neither() -> None:
    code = "import tellwhy, sys; print({'torch', 'numpy'} & {*sys.modules})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"


def test_the_readme_lists_every_identifier_and_no_other() -> None:
    assert re.findall(r"^\| `(\w+)` \|", README, re.MULTILINE) == [*SAID]


def test_every_identifier_is_found_somewhere() -> None:
    """Catches a sentence that nothing says, and one that is said twice."""
    code = "\n".join(path.read_text() for path in (SOURCES / "answers").glob("*.py"))
    tables = {name for table in ("each", "whole", "pairs") for name in SLIPS[table]}
    for name in SAID:
        assert f'"{name}"' in code or name in tables, name
    said = [sentence for sentence in SAID.values() if "{" not in sentence]
    assert len({*said}) == len(said)


@pytest.mark.parametrize("name", SAID)
def test_a_sentence_is_plain(name: str) -> None:
    """Catches a sentence without an end, in the past, or longer than a learner reads."""
    text = SAID[name]
    assert text.endswith((".", "}", "?"))
    assert len(text) < 190
    assert not re.search(r"\b(was|were|did)\b", text) or "was stopped" in text


def test_the_readmes_exercise_runs_as_it_stands() -> None:
    of, answer = re.findall(r"```python\n(.*?)```\n", README, re.S)
    (shown,) = re.findall(r"```text\n(.*?)```", README, re.S)
    assert defined(of).check(defined(answer)).text + "\n" == shown


@exercise(inputs=[("noon",), ("word",)], draw=lambda rng: (rng.choice("ab") * rng.randint(1, 3),))
def palindrome(text):
    return text.lower() == text.lower()[::-1]


def test_an_audit_finds_a_slip_that_no_input_tells_with_one_that_would() -> None:
    found = audit(palindrome)
    assert found.passing["`text` for `text.lower()`"].startswith("palindrome(")
    assert "passes; palindrome(" in repr(found)
    told = Specification(palindrome.specification.solution, inputs=[("noon",), ("Noon",), ("ab",)])
    assert "`text` for `text.lower()`" not in audit(told).passing


def test_an_audit_is_a_command(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "audited.py").write_text(
        "from tellwhy import exercise\n\n"
        "@exercise(inputs=[(3,), (4,)])\ndef double(n):\n    return 2 * n\n"
    )
    sys.path.insert(0, str(tmp_path))
    main(["audit", "audited"])
    del sys.path[sys.path.index(str(tmp_path))]
    assert capsys.readouterr().out.startswith("double: ")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("no_such_module", "no module no_such_module"),
        ("no_such.module", "no module no_such:"),
        ("json", "no exercise"),
    ],
)
def test_a_module_that_cannot_be_audited_is_refused(name: str, said: str) -> None:
    with pytest.raises(SystemExit, match=said):
        main(["audit", name])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([1] * 61, "[1, 1, 1, ..., 1, 1, 1]"),
        ([], "[]"),
        ((1,), "(1,)"),
        (set(), "set()"),
        ({"b", "a"}, "{'a', 'b'}"),
        (frozenset({1}), "frozenset({1})"),
        ({"a": 0.5}, "{'a': 0.5}"),
        ("two  spaces", "'two  spaces'"),
        (0.000123456, "0.00012346"),
        (1234567.8, "1234567.8"),
        (float("nan"), "float('nan')"),
        (-float("inf"), "-float('inf')"),
        (True, "True"),
        (object, "<class 'object'>"),
    ],
)
def test_a_value_is_shown_such_as_can_be_pasted(value: Any, text: str) -> None:
    """Catches a long value in full, and brackets or digits of another kind."""
    assert show(value, 5) == text


def test_two_values_are_never_shown_alike() -> None:
    assert side_by_side(1.00002, 1.00001) == ("1.00002", "1.00001")
    assert side_by_side(1.0000002, 1.0000001) == ("1.0000002", "1.0000001")
