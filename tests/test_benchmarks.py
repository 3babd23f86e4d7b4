import json
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import nbformat
import pytest
import torch
import websocket

from benchmarks import classroom, explorers, iterators, processes
from benchmarks.__main__ import CLAIMS, MACHINE, Claim, main
from benchmarks.measure import Skipped, elapsed, interleaved, peak_megabytes
from benchmarks.students import Student
from benchmarks.table import HEADER, RULE, Kind, Row, bound_text
from d2lhelpers import data_iter
from d2lhelpers._explorer import Explorer

needs_resource = pytest.mark.skipif(find_spec("resource") is None, reason="no module resource")


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


@pytest.fixture
def notebook(tmp_path: Path) -> Callable[..., Path]:
    def write(name: str, *sources: str) -> Path:
        text = nbformat.v4.new_markdown_cell("# Title")
        code = [
            nbformat.v4.new_code_cell(source, execution_count=i)
            for i, source in enumerate(sources, start=1)
        ]
        path = tmp_path / name
        nbformat.write(nbformat.v4.new_notebook(cells=[text, *code]), path)
        return path

    return write


# The sides compared


@pytest.mark.parametrize(
    "iterator",
    [data_iter, iterators.textbook, iterators.slices, iterators.plain_loader, iterators.our_loader],
)
def test_every_side_visits_every_row_once_in_another_order(
    iterator: Callable[..., iterators.Batches],
) -> None:
    X = torch.arange(206.0).reshape(103, 2)
    y = X.sum(dim=1, keepdim=True)
    torch.manual_seed(0)
    batches = list(iterator(10, X, y))
    assert [len(labels) for _, labels in batches] == [10] * 10 + [3]
    rows, labels = (torch.cat(parts) for parts in zip(*batches, strict=True))
    assert torch.equal(labels, rows.sum(dim=1, keepdim=True))
    assert torch.equal(rows.sort(dim=0).values, X)
    assert not torch.equal(rows, X)


def test_an_epoch_serves_both_sides_the_same_examples_to_the_end() -> None:
    served: dict[str, list[object]] = {"ours": [], "reference": []}

    def recording(side: str) -> Callable[..., iterators.Batches]:
        def iterator(*args: object) -> iterators.Batches:
            served[side] += args
            yield from [()] * 3
            served[side].append("end")

        return iterator

    ours, reference = iterators.epoch(recording("ours"), recording("reference"), 20, 6, rounds=2)
    assert ours > 0
    assert reference > 0
    assert len(served["ours"]) == len(served["reference"]) == 8
    for a, b in zip(served["ours"], served["reference"], strict=True):
        assert a is b or a == b
    batch_size, features, labels, end = served["ours"][:4]
    assert (batch_size, end) == (6, "end")
    assert isinstance(features, torch.Tensor)
    assert isinstance(labels, torch.Tensor)
    assert (features.shape, labels.shape) == ((20, 2), (20, 1))


def test_sides_take_turns_and_the_least_of_each_counts() -> None:
    calls = []
    values = {"a": iter([3.0, 1.0, 2.0]), "b": iter([5.0, 6.0, 4.0])}

    def side(name: str) -> float:
        calls.append(name)
        return next(values[name])

    assert interleaved(lambda: side("a"), lambda: side("b"), rounds=3) == (1, 4)
    assert calls == ["a", "b"] * 3


def test_elapsed_is_the_time_of_one_call(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [10.0]
    monkeypatch.setattr("time.perf_counter", lambda: now[0])
    assert elapsed(lambda: now.append(now.pop() + 2.5)) == 2.5


@needs_resource
def test_peak_memory_is_in_megabytes_and_stays_when_memory_is_freed() -> None:
    before = peak_megabytes()
    assert len(bytearray(b"1") * int((before + 100) * 2**20)) > 0
    assert before + 100 < peak_megabytes() < 3 * before + 200


@pytest.mark.long
def test_imports_are_measured_in_interpreters_of_their_own() -> None:
    ours, reference = processes.import_seconds("wave", "token", rounds=1)
    assert ours > 0
    assert reference > 0
    assert "wave" not in sys.modules


@pytest.mark.long
@needs_resource
def test_memory_of_an_import_is_its_own_and_not_that_of_this_process() -> None:
    ours, reference = processes.import_megabytes("torch", "token", rounds=1)
    assert reference < 60 < ours
    assert peak_megabytes() > reference + 60


def test_the_course_is_measured_against_as_many_notebooks(
    notebook: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = []

    def record(paths: list[Path]) -> None:
        for path in paths:
            cell = nbformat.read(path, as_version=4).cells[-1]
            runs.append((path.name, cell.source, cell.execution_count, cell.outputs))

    monkeypatch.setattr(processes, "_nbval", record)
    course = [notebook("01.ipynb", "1 + 1;"), notebook("02.ipynb", "1 + 1;")]
    assert min(processes.course_seconds(course, 2, "import token")) > 0
    assert runs == 2 * [
        ("01.ipynb", "1 + 1;", 1, []),
        ("02.ipynb", "1 + 1;", 1, []),
        ("01.ipynb", "import token", 1, []),
        ("02.ipynb", "import token", 1, []),
    ]


@pytest.mark.long
@pytest.mark.parametrize("cell", [processes.IMPORT, processes.FIGURE, processes.TORCHRUN])
def test_what_the_notebooks_are_held_against_runs(cell: str, notebook: Callable[..., Path]) -> None:
    """Catches a reference that fails at once, and so takes no time."""
    processes._nbval([notebook("01.ipynb", cell)])


@pytest.mark.long
def test_the_time_of_notebooks_that_fail_is_not_taken(
    notebook: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    sanitizer = tmp_path / "sanitize.cfg"
    sanitizer.write_text("[every word]\nregex: \\w+\nreplace: word\n")
    monkeypatch.setattr(processes, "SANITIZER", sanitizer)
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --settings-of-the-project\n")
    path = notebook("01.ipynb", "x = 1", "print('one')", "print('two')")
    stored = nbformat.read(path, as_version=4)
    stored.cells[2].outputs = [nbformat.v4.new_output("stream", text="another\n")]
    nbformat.write(stored, path)
    with pytest.raises(RuntimeError, match="the notebooks fail"):
        processes.course_seconds([path], rounds=1)
    assert "1 failed, 2 passed" in capsys.readouterr().err


@pytest.mark.long
@needs_resource
def test_memory_of_a_kernel_is_that_above_its_first_code_cell(
    notebook: Callable[..., Path],
) -> None:
    small = notebook("01.ipynb", "import json", "x = 1")
    large = notebook("02.ipynb", "held = bytearray(b'1') * 2**26", "x = bytearray(b'1') * 2**27")
    stored = large.read_bytes()
    ours, reference = processes.kernel_megabytes([small, large])
    assert reference > 64
    assert 100 < ours - reference < 160
    assert large.read_bytes() == stored


def test_the_slowest_redraw_of_all_explorers_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = []

    class Slow(Explorer):
        def __init__(self) -> None:
            self.slow = False

        def update(self, slow: bool) -> None:
            self.slow = slow

        def png(self) -> bytes:
            drawn.append(self.slow)
            return b""

    moves = [(Slow, [{"slow": False}, {"slow": True}])]
    monkeypatch.setattr(explorers, "MOVES", moves)
    monkeypatch.setattr(explorers, "elapsed", lambda run: run() or (0.2 if drawn[-1] else 0.1))
    assert explorers.redraw(rounds=2) == (0.2, 0.1)
    assert drawn == [False] * 4 + [True, False] * 2


def test_the_first_output_is_that_of_the_first_notebook() -> None:
    """Catches a time to the first output that ends before there is one."""
    *quiet, shown = classroom.up_to_first_output()
    first = nbformat.read(classroom.NOTEBOOKS / classroom.FIRST, as_version=4)
    code = [cell for cell in first.cells if cell.cell_type == "code"]
    assert [cell.source for cell in code[: len(quiet) + 1]] == [*quiet, shown]
    assert not any(cell.outputs for cell in code[: len(quiet)])
    assert code[len(quiet)].outputs


def test_the_table_for_a_class_counts_in_whole_gigabytes_and_cores(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Catches a server that is too small for the class: everything is rounded up."""
    cost = classroom.Costs(512, 256, 9.0, 3.0, 3.9)
    monkeypatch.setattr(classroom, "costs", lambda: cost)
    header, rule, *rows = classroom.table()
    assert [len(cell) for cell in rule.split("|")] == [len(cell) for cell in header.split("|")]
    assert cells(rows[0]) == ["15", "10", "17", "1"]
    assert cells(rows[2]) == ["60", "32", "62", "4"]


@pytest.mark.skipif(sys.platform == "win32", reason="JupyterHub does not run here")
def test_without_a_hub_its_rows_are_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches measurements that fail where only `make lab` was ever called."""
    classroom.costs.cache_clear()
    monkeypatch.setattr("classroom.hub.trial.find_spec", lambda name: None)
    with pytest.raises(Skipped, match="make deploy"):
        classroom.costs()


# The table


@pytest.mark.parametrize(
    ("kind", "limit", "ours", "reference", "ratio", "text"),
    [
        ("× as fast", 5, 0.02, 0.1, "5.00× as fast", "at least 5× as fast"),
        ("× the time", 1.3, 1.3, 1.0, "1.30× the time", "at most 1.3× the time"),
        ("× the memory", 1.05, 210.0, 200.0, "1.05× the memory", "at most 1.05× the memory"),
        (" MB above", 300, 500.0, 200.0, "300 MB above", "at most 300 MB above"),
    ],
)
def test_a_bound_holds_up_to_its_limit(
    kind: Kind, limit: float, ours: float, reference: float, ratio: str, text: str
) -> None:
    assert bound_text(kind, limit) == text
    line = cells(str(Row("name", kind, limit, ours, reference)))
    assert line[0] == "name"
    assert line[3:] == [ratio, text, "ok"]
    assert Row("name", kind, limit, ours * 0.99, reference).ok
    missed = Row("name", kind, limit, ours * 1.01, reference)
    assert not missed.ok
    assert cells(str(missed))[-1] == "MISSED"


@pytest.mark.parametrize(
    ("kind", "ours", "reference", "shown"),
    [
        ("× as fast", 0.000327, 2.25, ["0.327 ms", "2.25 s"]),
        ("× the time", 0.4011, 12.04, ["401 ms", "12.0 s"]),
        (" MB above", 231.7, 89.2, ["232 MB", "89 MB"]),
        ("× the memory", 231.7, 89.2, ["232 MB", "89 MB"]),
    ],
)
def test_both_sides_are_shown_in_their_unit(
    kind: Kind, ours: float, reference: float, shown: list[str]
) -> None:
    assert cells(str(Row("name", kind, 1, ours, reference)))[1:3] == shown


def skip() -> tuple[float, float]:
    raise Skipped("not here")


def fail() -> tuple[float, float]:
    raise RuntimeError("they fail")


def test_every_row_is_printed_and_a_missed_bound_is_the_exit_status(
    capsys: pytest.CaptureFixture[str],
) -> None:
    good: list[Claim] = [
        ("first", "× as fast", 5, lambda: (1.0, 9.0)),
        ("second", "× the time", 1.3, skip),
    ]
    bad: Claim = ("third", "× the time", 1.3, lambda: (2.0, 1.0))
    assert main(good) == 0
    first, second = capsys.readouterr().out.splitlines()[-2:]
    assert cells(first)[-1] == "ok"
    assert cells(second) == ["second", "", "", "", "at most 1.3× the time", "skipped: not here"]
    assert main([bad, *good]) == 1
    machine, empty, header, rule, *rows = capsys.readouterr().out.splitlines()
    assert (machine, empty, header, rule) == (MACHINE, "", HEADER, RULE)
    assert cells(rows[0])[3:] == ["2.00× the time", "at most 1.3× the time", "MISSED"]
    assert rows[1:] == [first, second]


def test_a_measurement_that_fails_has_missed_its_bound(capsys: pytest.CaptureFixture[str]) -> None:
    failing: Claim = ("first", "× the time", 1.3, fail)
    assert main([failing, ("second", "× as fast", 5, lambda: (1.0, 9.0))]) == 1
    first, second = capsys.readouterr().out.splitlines()[-2:]
    assert cells(first)[-1] == "MISSED: they fail"
    assert cells(second)[-1] == "ok"


def test_every_line_of_the_table_is_as_wide() -> None:
    row = Row("name", "× the memory", 1.05, 1.0, 6.0)
    longest = max(len(name) for name, *_ in CLAIMS)
    for line in (RULE, str(row), str(Row("x" * longest, "× as fast", 1.3, 0.001, 999.0))):
        assert [len(cell) for cell in line.split("|")] == [len(c) for c in HEADER.split("|")]


def test_the_machine_is_named_by_what_matters_to_the_numbers() -> None:
    assert f"torch {torch.__version__}" in MACHINE
    assert "cores" in MACHINE


def test_without_notebooks_their_rows_are_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_nbval", lambda paths: None)  # it would run all tests
    with pytest.raises(Skipped, match="no notebooks"):
        processes.course_seconds([], rounds=1)
    with pytest.raises(Skipped, match="no notebooks"):
        processes.kernel_megabytes([])


def test_where_memory_cannot_be_read_its_rows_are_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "find_spec", lambda name: None)
    with pytest.raises(Skipped, match="resource"):
        processes.import_megabytes("token", "token", rounds=1)
    with pytest.raises(Skipped, match="resource"):
        processes.kernel_megabytes([Path("01.ipynb")])


class Channel:
    """The websocket of a kernel, which answers, or raises an error instead."""

    def __init__(self, error: type[Exception] | None) -> None:
        self.error = error

    def send(self, message: str) -> None:
        self.asked = json.loads(message)["header"]["msg_id"]

    def recv(self) -> str:
        if self.error:
            raise self.error
        return json.dumps({"parent_header": {"msg_id": self.asked}})


@pytest.mark.parametrize("silent", [0, 1, 3])
@pytest.mark.parametrize(
    "error", [websocket.WebSocketTimeoutException, websocket.WebSocketConnectionClosedException]
)
def test_a_kernel_that_does_not_answer_is_replaced(
    silent: int, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    student, asked = object.__new__(Student), list[str]()
    student.base = "http://here"

    def request(self: Student, method: str, path: str, body: object = None) -> dict[str, str]:
        asked.append(f"{method} {path}")
        return {"id": str(asked.count("POST kernels"))}

    monkeypatch.setattr(Student, "request", request)

    def connect(self: Student, url: str) -> Channel:
        return Channel(error if len(asked) <= 2 * silent else None)

    monkeypatch.setattr(Student, "connect", connect)
    if silent == 3:
        with pytest.raises(TimeoutError, match="no kernel answers"):
            student.open_kernel()
    else:
        assert student.open_kernel().ident == str(silent + 1)
    assert asked.count("POST kernels") == min(silent + 1, 3)
    assert [one for one in asked if one != "POST kernels"] == [
        f"DELETE kernels/{number + 1}" for number in range(silent)
    ]
