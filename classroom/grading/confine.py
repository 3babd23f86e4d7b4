"""A function called in a fresh process, with limits of time, memory and what can be reached.

The processes are forks of one parent that has the imports done, where the system has such forks
(Linux); elsewhere each imports for itself.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from classroom.grading import namespaces, trial

LINUX = sys.platform == "linux"
CONTEXT: Any = multiprocessing.get_context("forkserver" if LINUX else "spawn")
PRELOADED = [  # the last two are what torch.testing and torch.func import when first called
    "d2lhelpers.exercises",
    "d2lhelpers.explore",
    "classroom.grading.kernel",
    "classroom.grading.verdict",
    "pandas",
    "torch.func",
    "torch.testing",
    "torch._dynamo",
    "torch.distributed.tensor",
]
ENVIRONMENT = {  # one thread each: the submissions share the cores
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "CUDA_VISIBLE_DEVICES": "",
    "MPLBACKEND": "agg",  # figures are made, and drawn for nobody
    "PIP_NO_INDEX": "1",  # where there is no network, a cell that installs something fails at once
}
KEPT = {"PATH", "LANG", "LC_ALL", "SYSTEMROOT", *ENVIRONMENT}  # of the environment; no secrets
LONGEST = 20_000_000  # bytes of an answer that are read


@dataclass(frozen=True)
class Limits:
    """What a process may use.

    Attributes:
        seconds: time by the clock, until it is killed.
        memory: bytes of memory for each process.
        file_size: bytes of each file that it writes.
    """

    seconds: float
    memory: int
    file_size: int = 500_000_000


@dataclass(frozen=True)
class Outcome:
    """What a process gave back, or why it gave nothing; one of the two is None or empty."""

    result: Any = None
    failure: str = ""


_namespaces = [namespaces.NEW, namespaces.NEW | namespaces.USER, 0] if LINUX else [0]
in_force: dict[str, Any] = {}  # what `trial.in_force` found for the processes of this run
_running: set[Any] = set()
_stopped = threading.Event()


def prepare() -> dict[str, Any]:
    """Start the parent of all processes, with the imports they need; return `in_force`."""
    os.environ.update(ENVIRONMENT)
    if LINUX:
        CONTEXT.set_forkserver_preload(PRELOADED)
    limits = Limits(seconds=60, memory=2_000_000_000)
    while not in_force:
        with trial.open_to_all() as here:
            outcome = call(limits, "classroom.grading.trial:in_force", here, limits.memory)
        if outcome.result:
            in_force.update(outcome.result)
        elif len(_namespaces) == 1:
            raise RuntimeError(f"no process can be started here: it {outcome.failure}")
        else:
            _namespaces.pop(0)  # the system does not allow them
    return in_force


def call(limits: Limits, function: str, *arguments: Any) -> Outcome:
    """Call a function in a process of its own, in a temporary folder of its own.

    The result comes back as JSON, so that nothing which the process sends is executed here.
    When it returns, no process that was started is left, as far as the system can tell.

    Args:
        limits: what the process may use.
        function: its name, such as "math:sqrt"; it is imported in the process alone.
        arguments: what it is called with; they are pickled.
    """
    if _stopped.is_set():
        return Outcome(failure="was not started")
    with tempfile.TemporaryDirectory(prefix="d2l-", ignore_cleanup_errors=True) as folder:
        receiver, sender = CONTEXT.Pipe(duplex=False)
        apart = _namespaces[0], in_force.get("refused")
        given = (sender, limits, *apart, folder, function, arguments)
        process = CONTEXT.Process(target=_enter, args=given)
        process.start()
        _running.add(process)
        sender.close()
        patience = 0
        try:
            ready = multiprocessing.connection.wait([receiver, process.sentinel], limits.seconds)
            if not ready:
                return Outcome(failure=f"took longer than {limits.seconds:g} s")
            patience = 5
            with contextlib.suppress(EOFError, OSError, ValueError):
                return Outcome(**json.loads(receiver.recv_bytes(LONGEST)))
            process.join(patience)
            return Outcome(failure=f"ended the process ({_reason(process.exitcode)})")
        finally:
            _running.discard(process)
            _end(process, patience)
            receiver.close()


def stop() -> None:
    """End all processes that run, and start no more."""
    _stopped.set()
    for process in list(_running):
        process.terminate()


def _reason(exitcode: int | None) -> str:
    """Put an exit code in words.

    Example:
        >>> _reason(3), _reason(-9), _reason(137)
        ('exit code 3', 'SIGKILL', 'SIGKILL')
    """
    number = -exitcode if exitcode and exitcode < 0 else (exitcode or 0) - 128
    with contextlib.suppress(ValueError):
        return signal.Signals(number).name
    return f"exit code {exitcode}"


def _end(process: Any, patience: float) -> None:
    """Wait for a process that is about to end, then end it with all that it started."""
    started = []
    if not LINUX:  # where what is left behind by namespaces.go_on_in_child() does it
        import psutil

        with contextlib.suppress(psutil.Error):
            started = psutil.Process(process.pid).children(recursive=True)
    process.join(patience)
    process.terminate()
    process.join(5)
    process.kill()
    if sys.platform != "win32":
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
    for child in started:
        with contextlib.suppress(psutil.Error):
            child.kill()
    process.join()


def _enter(
    sender: Any,
    limits: Limits,
    wanted: int,
    refused: Sequence[str] | None,
    folder: str,
    function: str,
    arguments: tuple[Any, ...],
) -> None:
    """Confine this process, call the function and send what it returned; end without a trace."""
    try:
        _confine(limits, wanted, refused, folder)
        module, name = function.split(":")
        answer = {"result": getattr(importlib.import_module(module), name)(*arguments)}
    except BaseException as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        what = f"{type(error).__name__}: {error} ({where.name}:{where.lineno})"
        answer = {"failure": f"failed with {what}"}
    with contextlib.suppress(OSError):
        sender.send_bytes(json.dumps(answer).encode())
    os._exit(0)


def _confine(limits: Limits, wanted: int, refused: Sequence[str] | None, folder: str) -> None:
    """Give up what a student's code does not need.

    Args:
        limits: what the process may use.
        wanted: which namespaces it gets, in Linux's numbers.
        refused: the mounts that were refused when it was tried what holds; None in that trial.
        folder: where it may write.
    """
    if sys.platform != "win32":
        os.setsid()
        _limit(limits)
    if LINUX:
        namespaces.die_with_parent(signal.SIGTERM)
        if wanted:
            namespaces.leave(wanted)
        namespaces.go_on_in_child(apart=bool(wanted))
        if wanted:
            namespaces.only_writable(folder)
        if refused is not None and (more := set(namespaces.refused) - set(refused)):
            raise PermissionError(f"mounts are refused that were not before: {sorted(more)}")
    os.chdir(folder)
    for name in set(os.environ) - KEPT:
        del os.environ[name]
    os.environ.update(HOME=folder, TMPDIR=folder, TEMP=folder, TMP=folder, IPYTHONDIR=folder)
    tempfile.tempdir = folder
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)


def _limit(limits: Limits) -> None:
    import resource

    # Of the address space much is reserved and never used; data is what can be filled.
    memory = resource.RLIMIT_DATA if LINUX else resource.RLIMIT_AS
    cpu = int(limits.seconds) + 10
    for which, most in [
        (memory, limits.memory),
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_FSIZE, limits.file_size),
        (resource.RLIMIT_CORE, 0),
    ]:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(which, (most, most))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a file that grows too large is an OSError
