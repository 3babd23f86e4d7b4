"""Run code without an effect on what it shares with others: settings, seeds, output, warnings."""

import contextlib
import importlib
import io
import os
import random
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

SOLVERS = ("lstsq", "solve", "inv", "pinv", "svd", "eigh", "eig", "eigvals")
PRINTED = 10_000_000  # characters of what is printed that are kept
MEMORY = 2**30  # bytes that changed copies of code may take


class Notes:
    """What a block printed, and what it warned of first; complete at its end."""

    printed = warned = ""


class _Output(io.StringIO):
    """Keeps the beginning of what is printed: a loop without end would fill the memory."""

    def write(self, text: str) -> int:
        return super().write(text) if self.tell() < PRINTED else len(text)


@contextlib.contextmanager
def isolated(seed: int = 0) -> Iterator[Notes]:
    """Run a block without an effect on global state, and note what it prints and warns of.

    In the block the settings of NumPy and PyTorch, where they are imported, are their own and the
    seeds are `seed`, whatever they are outside: an answer does the same in every session.
    """
    notes, printed = Notes(), _Output()
    numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
    with contextlib.ExitStack() as stack:
        for read, put_back in _settings(numpy, torch):
            stack.callback(put_back, read())
        if numpy:
            stack.enter_context(numpy.errstate())
            stack.enter_context(numpy.printoptions())
        if torch:
            stack.enter_context(torch.random.fork_rng(devices=[]))
            stack.enter_context(torch.enable_grad())
            torch.set_default_dtype(torch.float32)
            torch.set_num_threads(1)  # the inputs are small, and a class shares the cores
        stack.enter_context(contextlib.redirect_stdout(printed))
        stack.enter_context(mock.patch.object(sys, "stdin", io.StringIO()))  # exit() closes it
        warned = stack.enter_context(warnings.catch_warnings(record=True))
        warnings.simplefilter("always")
        seeded(seed)
        yield notes
    notes.printed = printed.getvalue()
    notes.warned = str(warned[0].message) if warned else ""


def seeded(seed: int) -> None:
    """Set the seeds of all sources of chance that are imported."""
    random.seed(seed)
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed(seed)
    if torch := sys.modules.get("torch"):
        torch.default_generator.manual_seed(seed)


def _settings(numpy: Any, torch: Any) -> Iterator[tuple[Callable[[], Any], Callable[[Any], Any]]]:
    """Yield how to read and how to put back what has no context manager of its own."""
    yield random.getstate, random.setstate
    yield sys.getrecursionlimit, sys.setrecursionlimit
    yield os.getcwd, os.chdir
    if numpy:
        yield numpy.random.get_state, numpy.random.set_state
    if torch:
        yield torch.get_default_dtype, torch.set_default_dtype
        yield torch.get_num_threads, torch.set_num_threads
        yield torch.is_anomaly_enabled, torch.autograd.set_detect_anomaly
        options = vars(torch._tensor_str.PRINT_OPTS)
        yield options.copy, options.update
        put_back = torch._C._set_deterministic_algorithms  # the public one imports a compiler
        mode = torch.get_deterministic_debug_mode
        yield mode, lambda was: put_back(was > 0, warn_only=was == 1)


@contextlib.contextmanager
def finite_only() -> Iterator[None]:
    """Have PyTorch's solvers refuse what is not finite: LAPACK would complain or crash."""
    torch: Any = sys.modules.get("torch")

    def guarded(solver: Any) -> Any:
        def solve(*given: Any, **options: Any) -> Any:
            if not all(one.isfinite().all() for one in given if isinstance(one, torch.Tensor)):
                raise ValueError("not finite")
            return solver(*given, **options)

        return solve

    with contextlib.ExitStack() as stack:
        for name in SOLVERS if torch else ():
            solver = guarded(getattr(torch.linalg, name))
            stack.enter_context(mock.patch.object(torch.linalg, name, solver))
        yield


@contextlib.contextmanager
def memory_limited() -> Iterator[None]:
    """Have a call fail that would fill the memory, as NumPy does with a list that holds itself.

    Only Linux keeps such a limit.
    """
    if sys.platform != "linux":
        yield
        return
    resource: Any = importlib.import_module("resource")
    kind = resource.RLIMIT_AS
    soft, hard = resource.getrlimit(kind)
    with open("/proc/self/statm") as pages:
        most = int(pages.read().split()[0]) * resource.getpagesize() + MEMORY
    limits = {limit for limit in (most, soft, hard) if limit != resource.RLIM_INFINITY}
    resource.setrlimit(kind, (min(limits), hard))
    try:
        yield
    finally:
        resource.setrlimit(kind, (soft, hard))
