"""Other processes: they answer, they end with the call, and their refusal is said."""

import contextlib
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import psutil
import pytest

from d2lhelpers.scale import processes


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
def test_torchrun_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    """Catches a limit that leaves the program running."""
    program = tmp_path / "program.py"
    program.write_text("import time; time.sleep(600)", encoding="utf-8")
    with pytest.raises(TimeoutError, match="within 1 seconds"):
        processes.torchrun(1, program, seconds=1)
    running = [p for p in psutil.process_iter(["cmdline"]) if str(program) in str(p.info)]
    assert running == []


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="gloo chooses the address there")
def test_torchrun_and_its_processes_listen_to_this_machine_only(tmp_path: Path) -> None:
    """Catches a port that other machines can reach, as `--standalone` opens one."""
    for i in range(2):
        np.save(tmp_path / f"{i}.npy", np.ones((200, 3), dtype="float32"))
    addresses: set[str] = set()
    done = threading.Event()

    def look() -> None:
        while not done.wait(0.1):
            for process in psutil.Process().children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    sockets = process.net_connections("inet")
                    addresses.update(s.laddr.ip for s in sockets if s.status == "LISTEN")

    thread = threading.Thread(target=look)
    thread.start()
    try:
        processes.torchrun(2, "-m", "d2lhelpers.scale.train", tmp_path, "-b", 2, "-e", 10)
    finally:
        done.set()
        thread.join()
    assert addresses == {"127.0.0.1"}


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

    monkeypatch.setattr(f"d2lhelpers.scale.{where}", refuse)
    processes._try.cache_clear()
    assert not processes.allowed()
    assert capsys.readouterr().out == (
        f"Skipped: this machine refuses other processes ({error.__name__}).\n"
    )


def test_the_peak_of_memory_rises_with_what_is_held() -> None:
    """Catches a unit that is wrong by 1,024."""
    code = (
        "import numpy; from d2lhelpers.scale.processes import peak_megabytes as peak; a = peak();"
    )
    code += "b = numpy.ones(12_500_000); print(peak() - a)"
    rise = float(subprocess.check_output([sys.executable, "-c", code]))
    assert 90 < rise < 120
