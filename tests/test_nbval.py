"""Every notebook, run anew, gives the outputs and figures that are stored in it."""

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from figures import compare
from machine import lacks
from nbformat.v4 import new_code_cell, new_notebook, new_output
from nbval.plugin import get_sanitize_patterns
from notebook_checks import COURSE, QUICK, SLOW
from rerun import PLAIN, SANITIZER, isolation, login_node, nbval

PROVE_ISOLATION = """
import errno, socket, tempfile
try:
    tempfile.TemporaryFile(dir="notebooks")
except OSError as error:
    assert error.errno == errno.EROFS, error
else:
    raise AssertionError("notebooks/ can be written to")
try:
    socket.create_connection(("1.1.1.1", 53), timeout=5)
except OSError as error:
    assert error.errno == errno.ENETUNREACH, error
else:
    raise AssertionError("the network can be reached")
"""


GROUPS = [
    pytest.param(QUICK, id="quick"),
    pytest.param(SLOW, id="with processes", marks=[pytest.mark.long, pytest.mark.alone]),
]


@pytest.mark.parametrize("paths", GROUPS)
def test_offline_in_a_read_only_checkout_with_one_thread_on_another_cpu(
    paths: list[Path], tmp_path: Path
) -> None:
    run = nbval(*paths, pictures=tmp_path, environment=PLAIN, prefix=isolation())
    if run.returncode != 0:
        pytest.fail(run.stdout, pytrace=False)
    for path in paths:
        compare(path, tmp_path)


@pytest.mark.long
@pytest.mark.alone
def test_two_threads_where_cuda_is_and_no_gpu(tmp_path: Path) -> None:
    run = nbval(*COURSE, pictures=tmp_path, environment=login_node(tmp_path / "login_node"))
    if run.returncode != 0:
        pytest.fail(run.stdout, pytrace=False)


def test_the_first_run_is_offline_and_cannot_write_to_the_checkout() -> None:
    if not isolation():
        lacks("namespaces", "the notebooks ran online and in a writable checkout")
    proof = [*isolation(), sys.executable, "-c", PROVE_ISOLATION]
    subprocess.run(proof, check=True)


def test_every_rule_of_the_sanitizer_is_loaded() -> None:
    text = SANITIZER.read_text(encoding="utf-8")
    assert len(get_sanitize_patterns(text)) == text.count("[regex") > 0


@pytest.mark.parametrize(
    ("text", "compared"),
    [
        ("loop 31893.01 µs, epoch 17.78 ms", "loop TIME, epoch TIME"),
        ("loop:    93.01 µs", "loop: TIME"),
        ("x + y is 1,234× as fast, lists 2.7×", "x + y is FACTOR as fast, lists FACTOR"),
        ("indexing: ≈ 56 % of the loop", "indexing: MEASURED of the loop"),
        ("crossover: ≈ 21 elements", "crossover: MEASURED"),
        ("best with ≈ 1,024 machines", "best with MEASURED"),
        ("memory: ≈  1,120 MB", "memory: MEASURED"),
        ("1.6 µs", "1.6 µs"),
        ("1.611 µs", "1.611 µs"),
        ("0.03 s", "0.03 s"),
        ("3.14 msteps", "3.14 msteps"),
        ("loss 0.12", "loss 0.12"),
        ("1234× as fast", "1234× as fast"),
        ("11 × 11, 2.71× and 4×10", "11 × 11, 2.71× and 4×10"),
        ("5 % of the labels", "5 % of the labels"),
        ("≈ 3.142", "≈ 3.142"),
        ("0.35 MB, 21 elements", "0.35 MB, 21 elements"),
    ],
)
def test_the_sanitizer_hides_what_was_measured_and_nothing_else(text: str, compared: str) -> None:
    assert sanitize(text) == compared


def sanitize(text: str) -> str:
    for regex, replacement in get_sanitize_patterns(SANITIZER.read_text(encoding="utf-8")):
        text = re.sub(regex, replacement, text)
    return text


TRIALS = [  # a cell, what is stored, and whether that passes
    ("print('loss 0.25')", "loss 0.25\n", "."),
    ("print('0.01 µs')", "777.77 µs\n", "."),
    ("print('loss 0.25')", "loss 0.26\n", "F"),
    ("print('loss 0.25')", "", "F"),
    ("import torch.utils.cpp_extension", "", "F"),  # warns on a login node
]


def test_a_changed_output_and_a_warning_of_the_login_node_are_noticed(tmp_path: Path) -> None:
    cells = []
    for source, text, _ in TRIALS:
        outputs = [new_output("stream", text=text)] if text else []
        cells.append(new_code_cell(source, execution_count=1, outputs=outputs))
    path = tmp_path / "trials.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    run = nbval(path, pictures=tmp_path, environment=login_node(tmp_path))
    assert run.stdout.split()[0] == "".join(verdict for _, _, verdict in TRIALS), run.stdout
    assert "Unexpected output fields from running code: {'stderr'}" in run.stdout
