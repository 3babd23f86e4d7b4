"""What Linux offers to keep a process apart: namespaces of its own, and read-only mounts."""

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
RELATIVE_TIMES, KEEP_FLAGS = 1 << 21, 2 | 4 | 8 | 1024 | 2048
DIE_WITH_PARENT = 1


def _libc() -> Any:
    return ctypes.CDLL(None, use_errno=True)


def die_with_parent() -> None:
    """Have this process killed when the one that started it ends."""
    _libc().prctl(DIE_WITH_PARENT, signal.SIGKILL)


def leave(wanted: int) -> None:
    """Move to namespaces of its own: no network, and none but its own processes.

    What is left behind waits for the child that goes on, and ends as it ended.
    """
    user, group = os.getuid(), os.getgid()
    if _libc().unshare(wanted) != 0:
        raise OSError(ctypes.get_errno(), "no namespaces")
    if wanted & USER:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        os._exit(code if code >= 0 else 128 - code)
    die_with_parent()


def only_writable(folder: str) -> None:
    """Make every file read-only but those of a folder; hide the processes of others."""
    mount = _libc().mount
    mount(None, b"/", None, RECURSIVE | PRIVATE, None)
    mount(b"proc", b"/proc", b"proc", 0, None)
    mount(b"tmpfs", b"/dev/shm", b"tmpfs", 0, None)
    points = list(_mount_points())
    mount(os.fsencode(folder), os.fsencode(folder), None, BIND, None)
    for point in points:
        with contextlib.suppress(OSError):
            given = os.statvfs(point).f_flag
            times = RELATIVE_TIMES if given & 4096 else 0
            keep = given & KEEP_FLAGS | times
            mount(None, os.fsencode(point), None, REMOUNT | BIND | READ_ONLY | keep, None)


def _mount_points() -> Iterator[str]:
    for line in Path("/proc/self/mounts").read_text(errors="surrogateescape").splitlines():
        point = line.split()[1].encode("utf-8", "surrogateescape").decode("unicode_escape")
        if point not in ("/proc", "/dev/shm"):
            yield point
