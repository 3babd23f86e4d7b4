"""What the program `train` is told on its command line."""

import argparse
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from d2lhelpers import _checks


def parse(description: str | None) -> argparse.Namespace:
    """Return the options of the command line; a wrong one ends the program with status 2."""
    parser = argparse.ArgumentParser(
        prog="python -m d2lhelpers.scale.train",
        usage="%(prog)s DATA [options]; --help says more",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    positive = _checked(_checks.positive_int, int)
    from_zero = _checked(_checks.nonnegative_int, int)
    rate = _checked(_checks.nonnegative_number, float)
    batch = "rows in a batch, of all processes together; default: 400"
    accelerator = "default: an accelerator, if each process can have one"
    drill = "a fire drill: kill the last process there, in its first life"
    seed = "of the first parameters and the order of rows; default: 0"

    add = parser.add_argument
    add("data", metavar="DATA", type=Path, help="a folder of .npy files, or one such file")
    add("-t", "--targets", type=positive, default=1, help="columns of labels; default: 1")
    add("-e", "--epochs", type=positive, default=3, help="default: 3")
    add("-b", "--batch-size", metavar="ROWS", type=positive, default=400, help=batch)
    add("-l", "--lr", type=rate, default=0.1, help="learning rate; default: 0.1")
    add("-s", "--save", metavar="FILE", type=Path, help="file to keep the parameters in")
    add("-c", "--checkpoint", metavar="FILE", type=Path, help="file to go on from, after an epoch")
    add("--seed", type=from_zero, default=0, help=seed)
    add("--device", choices=("auto", "cpu"), default="auto", help=accelerator)
    add("--drill", metavar=("EPOCH", "STEP"), type=positive, nargs=2, help=drill)
    return parser.parse_args()


def _checked(check: Callable[[str, Any], Any], convert: type) -> Callable[[str], Any]:
    """Return a type of option that refuses in the words of the package's own checks."""

    def read(text: str) -> Any:
        value: Any = text
        with contextlib.suppress(ValueError):
            value = convert(text)
        try:
            return check("it", value)
        except (TypeError, ValueError) as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return read
