"""Other processes: they answer, they end with the call, and their refusal is said."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from d2lhelpers import cost, processes

PROGRAM = "import time; print('up', flush=True); time.sleep(600)"


def family(pid: int) -> list[Any]:
    psutil = pytest.importorskip("psutil")
    found: list[Any] = psutil.Process(pid).children(recursive=True)
    return found


def interrupt_soon(count: int) -> threading.Thread:
    """Interrupt this process, as a notebook's stop button does, once it has that many others."""

    def wait() -> None:
        for _ in range(6000):
            if len(family(os.getpid())) >= count:
                time.sleep(0.5)
                os.kill(os.getpid(), signal.SIGINT)
                return
            time.sleep(0.01)

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


@pytest.mark.long
def test_each_call_has_a_process_of_its_own() -> None:
    """Catches a pool, whose processes would carry the memory of one call into the next."""
    pids = processes.each(os.getpid, (), (), ())
    assert len({*pids, os.getpid()}) == 4


@pytest.mark.long
def test_a_process_that_dies_is_noticed() -> None:
    """Catches waiting forever for an answer that cannot come."""
    with pytest.raises(RuntimeError, match="a process for _exit ended without a result"):
        processes.each(os._exit, (0,), (1,))


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="interrupts are sent otherwise there")
def test_an_interrupt_ends_the_processes_of_each() -> None:
    """Catches processes that outlive the cell that was stopped."""
    thread = interrupt_soon(2)
    with pytest.raises(KeyboardInterrupt):
        processes.each(time.sleep, (600,), (600,))
    thread.join()
    assert not multiprocessing.active_children()


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="interrupts are sent otherwise there")
def test_an_interrupt_ends_torchrun_and_its_processes(tmp_path: Path) -> None:
    """Catches workers that live on when only their parent is ended: they have its grandparents."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    psutil = pytest.importorskip("psutil")
    before = {child.pid for child in family(os.getpid())}
    thread = interrupt_soon(len(before) + 3)  # torchrun and two workers
    with pytest.raises(KeyboardInterrupt):
        processes.torchrun(2, program)
    thread.join()
    running = [p for p in psutil.process_iter(["cmdline"]) if str(program) in str(p.info)]
    assert running == []


@pytest.mark.long
def test_torchrun_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    """Catches a limit that leaves the program running."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    with pytest.raises(TimeoutError, match="within 1 seconds"):
        processes.torchrun(1, program, seconds=1)
    assert family(os.getpid()) == [] or not any(
        str(program) in child.cmdline() for child in family(os.getpid())
    )


@pytest.mark.parametrize(
    ("where", "error"),
    [
        ("processes.SPAWN.Lock", OSError),
        ("processes.SPAWN.Lock", ImportError),
        ("processes.subprocess.run", PermissionError),
        ("processes.socket.create_server", PermissionError),
    ],
)
def test_a_refusal_is_said(
    where: str,
    error: type[Exception],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Catches a sandbox that ends a notebook with a traceback, or without a word."""

    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(f"d2lhelpers.{where}", refuse)
    assert not processes.allowed()
    assert capsys.readouterr().out == (
        f"Skipped: this machine refuses other processes ({error.__name__}).\n"
    )


def test_the_peak_of_memory_rises_with_what_is_held() -> None:
    """Catches a unit that is wrong by 1,024."""
    code = "import numpy; from d2lhelpers.processes import peak_megabytes as peak; a = peak();"
    code += "b = numpy.ones(12_500_000); print(peak() - a)"
    rise = float(subprocess.check_output([sys.executable, "-c", code]))
    assert 90 < rise < 120


@pytest.mark.long
def test_the_cost_of_steps_is_measured_on_every_number_of_processes(tmp_path: Path) -> None:
    """Catches a number of processes, a shape or a length that is left out."""
    calls = [(rank, 2, str(tmp_path), [(4, 3), (8, 2)], [5], 2) for rank in range(2)]
    steps, reduces = processes.each(cost.measure, *calls)[0]
    assert set(steps) == {(count, *shape) for count in (1, 2) for shape in [(4, 3), (8, 2)]}
    assert set(reduces) == {(1, 5), (2, 5)}
    assert np.all(np.array([*steps.values(), *reduces.values()]) > 0)
