"""What Linux offers to keep a process apart: namespaces of its own, and read-only mounts.

Why this is not left to bubblewrap: it starts programs, and a process here is a fork of one that
has imported PyTorch. To import that anew for each notebook and each answer would cost a class of
sixty minutes.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# From Linux's headers.
NEW = 0x00020000 | 0x20000000 | 0x40000000  # mounts, processes, network
USER = 0x10000000
READ_ONLY, REMOUNT, BIND, RECURSIVE, PRIVATE = 1, 32, 4096, 16384, 1 << 18
NO_SETUID, NO_DEVICES, NO_PROGRAMS = 2, 4, 8
RELATIVE_TIMES, KEEP_FLAGS = 1 << 21, NO_SETUID | NO_DEVICES | NO_PROGRAMS | 1024 | 2048
DIE_WITH_PARENT, ADOPT_ORPHANS = 1, 36
OWN = ("/proc", "/dev/shm")  # mounted anew, so that they hold nothing of others

refused: list[str] = []  # where the system refused a mount in this process


def _libc() -> Any:
    return ctypes.CDLL(None, use_errno=True)


def die_with_parent(number: int) -> None:
    """Have a signal sent to this process when the one that started it ends."""
    _libc().prctl(DIE_WITH_PARENT, number)


def leave(wanted: int) -> None:
    """Move to new namespaces: no network, and none but the processes that are started from here.

    Raises:
        OSError: the system does not allow it.
    """
    user, group = os.getuid(), os.getgid()
    if _libc().unshare(wanted) != 0:
        raise OSError(ctypes.get_errno(), "no namespaces")
    if wanted & USER:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def go_on_in_child(*, apart: bool) -> None:
    """Go on in a child; what is left behind ends when it ends, and ends all that it started.

    If the child is the first of a namespace (`apart`), the system does that. Else it is done here,
    also to what hid from its parents: who loses them becomes a child of what is left behind.
    SIGTERM to that ends all, too.
    """
    _libc().prctl(ADOPT_ORPHANS, 1)
    child = os.fork()
    if child:
        signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGKILL))
        _, status = os.waitpid(child, 0)
        if not apart:  # else /proc is the child's, with other numbers
            _end_children()
        code = os.waitstatus_to_exitcode(status)
        os._exit(code if code >= 0 else 128 - code)
    die_with_parent(signal.SIGKILL)


def _end_children() -> None:
    """End all children, and those who become children of this process by that."""
    while True:
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                _, parent, *_ = stat.read_text(errors="replace").rpartition(")")[2].split()
                if int(parent) == os.getpid():
                    os.kill(int(stat.parent.name), signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def only_writable(folder: str) -> None:
    """Make every file read-only but those of a folder; hide the processes of others.

    What the system refuses is noted in `refused`.
    """
    _mount(None, "/", None, RECURSIVE | PRIVATE)
    _mount("proc", "/proc", "proc", READ_ONLY | NO_SETUID | NO_DEVICES | NO_PROGRAMS)
    _mount("tmpfs", "/dev/shm", "tmpfs", NO_SETUID | NO_DEVICES)
    points = [point for point in mount_points() if point not in OWN]
    _mount(folder, folder, None, BIND)
    for point in points:
        try:
            given = os.statvfs(point).f_flag
        except OSError:
            continue  # it cannot be reached, and so not be written to
        times = RELATIVE_TIMES if given & 4096 else 0
        _mount(None, point, None, REMOUNT | BIND | READ_ONLY | given & KEEP_FLAGS | times)


def _mount(source: str | None, target: str, kind: str | None, flags: int) -> None:
    words = [None if word is None else os.fsencode(word) for word in (source, target, kind)]
    if _libc().mount(*words, flags, None) != 0:
        refused.append(target)


def mount_points() -> Iterator[str]:
    """Yield the folders and files on which something is mounted."""
    for line in Path("/proc/self/mounts").read_text(errors="surrogateescape").splitlines():
        point = line.split()[1].encode("utf-8", "surrogateescape")
        yield point.decode("unicode_escape").encode("latin-1").decode("utf-8", "surrogateescape")
