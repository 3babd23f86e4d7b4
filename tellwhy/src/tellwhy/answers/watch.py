"""Watch a call: count its steps, stop it in time, and note what it does outside."""

import dis
import inspect
import linecache
import os
import sys
import sysconfig
import time
from collections.abc import Callable
from functools import cache
from types import CodeType, FrameType
from typing import Any

SLOW = 1.0  # seconds in one line of the learner's that are worth a word
LIBRARIES = (
    *{sysconfig.get_path(name) + os.sep for name in ("stdlib", "platstdlib", "purelib", "platlib")},
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep,
    "<frozen ",
    "<string>",  # what libraries make with exec
)
OUTSIDE = ("os.", "shutil.", "socket.", "subprocess.", "sqlite3.", "urllib.")
HARMLESS = {"os.listdir", "os.scandir", "os.chdir", "os.putenv", "os.unsetenv"}
_at_work: list[set[str]] = []  # of each call at work, what it did outside


class Stopped(BaseException):
    """Ends a call that would not end by itself."""

    def __init__(self, again: Callable[[], None]) -> None:
        """Take what to do when an answer has caught this, and it is forgotten."""
        self.again = again

    def __del__(self) -> None:
        """Stop the call again: an `except:` in a loop would go on for ever."""
        self.again()


class Watch:
    """Counts steps, and ends the call at the learner's line at which time is up.

    Afterwards `steps` are the lines and calls that were followed, `line` is where it was stopped,
    `slow` the seconds of a line that took most of the time, with the line, and `reached` whether
    it wrote a file, started a process or the like.
    """

    steps, line, slow, reached = 0, "", (0.0, ""), False

    def __init__(
        self, answer: Any, observe: Any, deadline: float, limit: float, everywhere: bool = False
    ) -> None:
        """Take the limits, and whose code is watched; `everywhere` also that of libraries."""
        self.deadline, self.limit, self.everywhere = deadline, limit, everywhere
        files = [code.co_filename if code else "" for code in map(code_of, (observe, answer))]
        self.own = files[0] if files[0] != files[1] else ""  # the file of the exercise's author

    def __enter__(self) -> None:
        """Begin to watch."""
        _listen()
        self.before, self.at, self.active = sys.gettrace(), ("", 0), True
        self.began = self.since = time.monotonic()
        _at_work.append(set())
        sys.settrace(self.follow)

    def __exit__(self, *_: object) -> None:
        """End it, also where the call was stopped."""
        self.active = False
        sys.settrace(self.before)
        self.reached = bool(_at_work.pop())
        half = (time.monotonic() - self.began) / 2
        self.slow = self.slow if self.slow[0] > max(SLOW, half) else (0.0, "")

    def follow(self, frame: FrameType, event: str, argument: Any) -> Any:
        """Count a step of Python's, and look at the time."""
        file = frame.f_code.co_filename
        inside = file.startswith(LIBRARIES) or file == self.own
        if inside and not self.everywhere:
            return None
        self.steps += event in {"line", "call"}
        frame.f_trace_opcodes |= event == "call" and _stands_still(frame.f_code)
        # Not inside PyTorch: what is half imported, or about to be put back, would stay so.
        if not inside:
            now = time.monotonic()
            if now - self.since > self.slow[0]:
                self.slow = now - self.since, linecache.getline(*self.at).strip()
            self.since, self.at = now, (file, frame.f_lineno)
            if (self.steps > self.limit or now > self.deadline) and event != "return":
                self.stop(frame)
        return self.follow

    def stop(self, frame: FrameType) -> None:
        """Raise an error at the line that is at work."""
        self.line = linecache.getline(frame.f_code.co_filename, frame.f_lineno).strip()

        def again() -> None:  # Python forgets a trace function that raises
            if self.active:
                sys.settrace(self.follow)
                frame.f_trace = self.follow

        raise Stopped(again)


def code_of(answer: Any) -> CodeType | None:
    """Return the code of a function, also behind a decorator, of an object or of a class."""
    methods = vars(answer).values() if inspect.isclass(answer) else []
    for candidate in (answer, type(answer).__call__, *methods):
        code = getattr(inspect.unwrap(candidate), "__code__", None)  # behind @torch.no_grad()
        if isinstance(code, CodeType):
            return code
    return None


def space_of(answer: Any) -> dict[str, Any]:
    """Return the global names that a function sees, also behind a decorator, or a class."""
    methods = filter(inspect.isfunction, vars(answer).values()) if inspect.isclass(answer) else ()
    space: dict[str, Any] = getattr(next(iter(methods), inspect.unwrap(answer)), "__globals__", {})
    return space


@cache
def _stands_still(code: CodeType) -> bool:
    """Tell whether a line jumps to itself: Python 3.11 does not report `while True: pass` again."""
    return any(one.argval == one.offset for one in dis.get_instructions(code) if one.is_jump_target)


@cache
def _listen() -> None:
    """Note, from now on, what a call at work does outside: Python has no way to end that."""

    def heard(event: str, details: Any) -> None:
        flags = details[2] if event == "open" and isinstance(details[2], int) else 0
        writes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if _at_work and (writes or (event.startswith(OUTSIDE) and event not in HARMLESS)):
            _at_work[-1].add(event)

    sys.addaudithook(heard)
