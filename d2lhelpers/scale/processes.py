"""Other processes for an experiment: they run on this machine, and end with the call.

Whatever happens to a call, an error or an interrupt, its processes are gone when it returns.
"""

import functools
import multiprocessing
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import Any

SPAWN = multiprocessing.get_context("spawn")  # the same way on all systems
LOOPBACK = {"linux": "lo", "darwin": "lo0"}.get(sys.platform)  # Windows has no name for it


def allowed() -> bool:
    """Return whether this machine starts processes and lets them talk; if not, print why.

    Example:
        >>> allowed()
        True
    """
    try:
        _try()
    except (OSError, ImportError, subprocess.SubprocessError) as error:
        print(f"Skipped: this machine refuses other processes ({type(error).__name__}).")
        return False
    return True


def cores() -> int:
    """Return how many cores this process may use; a core with two threads counts once.

    Example:
        >>> cores() > 0
        True
    """
    import psutil  # comes with the notebooks' kernel

    affinity = getattr(os, "sched_getaffinity", None)
    usable = len(affinity(0)) if affinity else os.cpu_count() or 1
    return min(usable, psutil.cpu_count(logical=False) or usable)


@functools.cache  # only what went well is kept
def _try() -> None:
    SPAWN.Lock()  # what the workers of a DataLoader share
    subprocess.run([sys.executable, "-c", ""], check=True)
    socket.create_server(("127.0.0.1", 0)).close()


def each(function: Callable[..., Any], *calls: tuple[Any, ...]) -> list[Any]:
    """Make calls at the same time, each in a new process, and return the results in order.

    Args:
        function: one that stands in a module, as the processes import it.
        calls: the arguments of each call.

    Raises:
        RuntimeError: if a process ends without a result; its own error is on stderr.

    Example:
        >>> each(pow, (2, 3), (3, 2))
        [8, 9]
    """
    pipes = [SPAWN.Pipe(duplex=False) for _ in calls]
    processes = [
        SPAWN.Process(target=_answer, args=(answer, function, arguments), daemon=True)
        for (_, answer), arguments in zip(pipes, calls, strict=True)
    ]
    try:
        for process, (_, answer) in zip(processes, pipes, strict=True):
            process.start()
            answer.close()  # so that a process that dies is noticed
        return [result.recv() for result, _ in pipes]
    except EOFError:
        raise RuntimeError(f"a process for {function.__name__} ended without a result") from None
    finally:
        for process in processes:
            if process.pid is not None:
                process.kill()
                process.join()


def _answer(answer: Connection, function: Callable[..., Any], arguments: Sequence[Any]) -> None:
    answer.send(function(*arguments))


def torchrun(num_processes: int, *arguments: object, seconds: float = 300) -> list[str]:
    """Run `torchrun --nproc-per-node num_processes ARGUMENTS` on this machine by itself.

    The option `--standalone` would open a port that other machines can reach. Here torchrun and
    its processes meet in files: `MEETING_FILE` in their environment is the path of a FileStore.

    Args:
        num_processes: how many processes to start.
        arguments: more options of torchrun, then `-m`, a module and the module's arguments.
        seconds: after how long to give up.

    Returns:
        The lines that the program printed, sorted, as the processes print in any order.

    Raises:
        RuntimeError: if the run fails, with what it said.
        TimeoutError: if it takes too long.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        command = [sys.executable, "-m", "torch.distributed.run", "--local-addr", "127.0.0.1"]
        command += ["--rdzv-backend", "c10d", "--rdzv-conf", "store_type=file"]
        command += ["--rdzv-endpoint", os.path.join(folder, "torchrun")]
        command += ["--nproc-per-node", str(num_processes), *map(str, arguments)]
        # A thread each, this machine's own address only, a place for what torchrun leaves.
        own = {"OMP_NUM_THREADS": "1", **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), folder)}
        own |= {"GLOO_SOCKET_IFNAME": LOOPBACK} if LOOPBACK else {}
        own |= {"TORCH_DISABLE_SHARE_RDZV_TCP_STORE": "1"}  # torchrun's port for its processes
        own |= {"MEETING_FILE": os.path.join(folder, "processes")}
        with subprocess.Popen(
            command,
            env=os.environ | own,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,  # an interrupt of the notebook comes to us, and we end the run
        ) as run:
            try:
                printed, said = run.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                raise TimeoutError(f"torchrun was not done within {seconds:g} seconds") from None
            finally:
                _end(run)
    if run.returncode:
        raise RuntimeError(f"torchrun failed:\n{said}")
    return sorted(printed.splitlines())


def _end(run: subprocess.Popen[str]) -> None:
    """End torchrun, which ends its processes when it is asked politely."""
    if run.poll() is None and sys.platform == "win32":
        subprocess.run(["taskkill", "/F", "/T", "/PID", str(run.pid)], capture_output=True)
    run.terminate()
    try:
        run.wait(timeout=20)
    except subprocess.TimeoutExpired:
        run.kill()
        run.wait()


def peak_megabytes() -> float:
    """Return the most memory that this process has held so far, in MB.

    Its source also runs in processes that cannot import it, so it needs nothing but `sys`.
    """
    if sys.platform == "win32":
        import psutil  # comes with the notebooks' kernel

        return float(psutil.Process().memory_info().peak_wset / 1024**2)
    try:
        # On Linux, ru_maxrss starts at the peak of the process that started this one.
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if "VmHWM" in line) / 1024
    except (OSError, StopIteration):
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / (1024**2 if sys.platform == "darwin" else 1024)  # bytes there, else KB
