"""The course run anew under nbval, in machines of two kinds, with the pictures that it draws.

As a program, it is pytest with nbval, and writes every picture of a cell to the folder that
`--pictures` names: the notebook's name, then the cell's id and a number from 1.
"""

import base64
import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from notebook_checks import ROOT

SANITIZER = ROOT / "tests" / "sanitize.cfg"

# In namespaces of its own, a process sees a read-only checkout, and no network but itself.
NAMESPACES = [
    ["unshare", "--user", "--map-root-user", "--mount", "--net"],
    ["unshare", "--mount", "--net"],
]
ISOLATE = r"""
set -e
mount --bind "$0" "$0"
mount -o remount,bind,ro "$0"
cd "$0"
"$1" -c 'import fcntl, socket, struct
switch_on_loopback = struct.pack("16sh22x", b"lo", 1)
fcntl.ioctl(socket.socket(), 0x8914, switch_on_loopback)'
exec "$@"
"""
# The smallest machine: one thread, and PyTorch's plainest processor code.
PLAIN = {
    "ATEN_CPU_CAPABILITY": "default",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
}
# A login node of a cluster: PyTorch was built for CUDA, CUDA's compiler is there, and no GPU.
LOGIN_NODE = """
import sys
import torch
torch.version.cuda = "13.0"
torch.cuda.is_available = lambda: False
# True for the module that looks for CUDA's tools; others would go on to call what is not there.
torch.cuda._is_compiled = (
    lambda: sys._getframe(1).f_globals["__name__"] == "torch.utils.cpp_extension"
)
"""


@functools.cache
def isolation() -> tuple[str, ...]:
    """Start a command line with this and the rest of it runs isolated; empty if that cannot be."""
    for namespaces in NAMESPACES:
        may_mount = [*namespaces, "mount", "--bind", str(ROOT), str(ROOT)]
        if (
            shutil.which("unshare")
            and subprocess.run(may_mount, stderr=subprocess.DEVNULL).returncode == 0
        ):
            return (*namespaces, "sh", "-c", ISOLATE, str(ROOT))
    return ()


def login_node(folder: Path) -> dict[str, str]:
    """The environment of a login node with two threads.

    Args:
        folder: where IPython finds what each kernel runs first.
    """
    startup = folder / "profile_default" / "startup" / "login_node.py"
    startup.parent.mkdir(parents=True, exist_ok=True)
    startup.write_text(LOGIN_NODE)
    return {
        "OMP_NUM_THREADS": "2",
        "MKL_NUM_THREADS": "2",
        "IPYTHONDIR": str(folder),
        "CUDA_HOME": str(folder),  # where CUDA's compiler would be
    }


def nbval(
    *notebooks: Path,
    pictures: Path,
    environment: Mapping[str, str] = MappingProxyType({}),
    prefix: tuple[str, ...] = (),
) -> subprocess.CompletedProcess[str]:
    """Run notebooks and compare their outputs; the pictures that they draw go to the folder."""
    pytest_alone = ["-q", "-p", "no:cacheprovider", "-o", "addopts=", "-o", "filterwarnings="]
    options = [
        "--nbval",
        "--nbval-current-env",
        "--nbval-cell-timeout=120",
        f"--nbval-sanitize-with={SANITIZER}",
        f"--pictures={pictures}",
    ]
    return subprocess.run(
        [*prefix, sys.executable, __file__, *pytest_alone, *options, *map(str, notebooks)],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pictures", type=Path)


def pytest_runtest_teardown(item: Any) -> None:
    folder = item.config.getoption("pictures") / item.path.stem
    data = [output.get("data", {}) for output in item.test_outputs or []]
    pictures = [base64.b64decode(kinds["image/png"]) for kinds in data if "image/png" in kinds]
    for number, picture in enumerate(pictures, start=1):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{item.cell.id}-{number}.png").write_bytes(picture)


if __name__ == "__main__":
    sys.exit(pytest.main(plugins=[sys.modules[__name__]]))
