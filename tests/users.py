"""Users of the system, made for a test and removed after it, which only root can do."""

import contextlib
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from machine import ROOT

# The checkout and its Python may lie in a folder of root, which no student can enter. In a mount
# namespace of its own the hub sees them there all the same, and nothing else of that folder.
OPEN_UP = r"""
set -e
stash=$1 checkout=$2 python=$3; shift 3
count=0
for folder in "$checkout" "$python"; do
    count=$((count + 1))
    mkdir -p "$stash/$count"
    mount --bind "$folder" "$stash/$count"
done
count=0
for folder in "$checkout" "$python"; do
    count=$((count + 1))
    closed=$folder
    while [ "$closed" != / ]; do
        closed=$(dirname "$closed")
        case $(stat -c %A "$closed") in *x|*t) ;; *)
            mount -t tmpfs -o mode=755 none "$closed"
            mkdir -p "$folder"
            mount --bind "$stash/$count" "$folder"
            break ;;
        esac
    done
done
exec "$@"
"""


@contextlib.contextmanager
def new(home: Path) -> Iterator[tuple[str, str]]:
    """A new user of the system, with a password, and with a home that others may look into."""
    name, password = f"student-{secrets.token_hex(4)}", secrets.token_urlsafe(9)
    add = ["useradd", "--create-home", "--home-dir", str(home / name), "--key", "HOME_MODE=0755"]
    subprocess.run([*add, name], check=True)
    try:
        subprocess.run(["chpasswd"], input=f"{name}:{password}", text=True, check=True)
        yield name, password
    finally:
        subprocess.run(["userdel", "--force", name], check=True, stderr=subprocess.DEVNULL)


def opened(stash: Path) -> list[str]:
    """Start a command line with this, and its processes see the checkout and its Python."""
    unshare = ["unshare", "--mount", "sh", "-c", OPEN_UP, "sh"]
    return [*unshare, str(stash), str(ROOT), sys.base_prefix]
