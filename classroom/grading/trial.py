"""What a confined process cannot do, found out by trying it there."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from classroom.grading import namespaces

HELD = {
    "memory": "memory",
    "network": "the network (none)",
    "files": "files (one folder can be written to)",
    "processes": "processes (no others can be reached)",
}


@dataclass(frozen=True)
class Here:
    """What a process can do that is not confined, to be tried in one that is.

    Attributes:
        port: of a server on this machine that answers; None if it does not even here.
        places: where files can be written.
    """

    port: int | None
    places: tuple[str, ...]


@contextlib.contextmanager
def open_to_all() -> Iterator[Here]:
    """Serve on a port of this machine for the time of a trial, and find where one can write."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        places = {os.getcwd(), tempfile.gettempdir(), str(Path.home())}
        if sys.platform == "linux":
            places |= set(namespaces.mount_points())
        can_write = tuple(sorted(filter(writes, places)))
        yield Here(port if connects(port) else None, can_write)


def in_force(here: Here, memory: int) -> dict[str, Any]:
    """Tell what was tried in this process and failed: so much is limited.

    Args:
        here: what can be done where nothing is limited.
        memory: bytes, at which a limit should be.

    Returns:
        network: whether no connection could be opened.
        files: whether nothing could be written outside of its own folder.
        processes: whether no process of others was found.
        memory: whether so much memory was refused.
        written: the places where something could be written all the same.
        refused: the mounts that the system refused.
    """
    own = {"/dev/shm"} - {*namespaces.refused} if _others() == [] else set()
    written = [place for place in here.places if place not in own and writes(place)]
    return {
        "network": here.port is not None and not connects(here.port),
        "files": bool(here.places) and not written,
        "processes": _others() == [],
        "memory": _is_refused(memory),
        "written": written,
        "refused": list(namespaces.refused),
    }


def words(found: Mapping[str, Any]) -> str:
    """Say which limits hold, by what `in_force` found; nothing if nothing was tried.

    Example:
        >>> print(words({"network": True, "files": False, "written": ["/srv"]}))
        Limited here: time, the network (none). Not limited, as the system does not allow it: \
memory, files (such as those in /srv), processes.
    """
    if not found:
        return ""
    held = ["time", *(text for key, text in HELD.items() if found.get(key))]
    free = [key for key in HELD if not found.get(key)]
    written = [place for place in found.get("written", ()) if place != tempfile.gettempdir()]
    if "files" in free and written:
        free[free.index("files")] = f"files (such as those in {written[0]})"
    lacking = f" Not limited, as the system does not allow it: {', '.join(free)}." if free else ""
    return f"Limited here: {', '.join(held)}.{lacking}"


def connects(port: int) -> bool:
    """Try to open a connection to a port of this machine."""
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
        return True
    return False


def writes(place: str) -> bool:
    """Try to make a file in a folder, or to open a file for writing; leave no trace of it."""
    with contextlib.suppress(OSError):
        if os.path.isdir(place):
            tempfile.TemporaryFile(dir=place).close()
            return True
        if os.path.isfile(place):
            os.close(os.open(place, os.O_WRONLY | os.O_APPEND))
            return True
    return False


def _others() -> list[str] | None:
    """Look for processes of others; None where that cannot be done, as where there is no /proc."""
    try:
        return [
            name for name in os.listdir("/proc") if name.isdecimal() and name != str(os.getpid())
        ]
    except OSError:
        return None


def _is_refused(memory: int) -> bool:
    try:
        return not bytearray(memory)
    except MemoryError:
        return True
