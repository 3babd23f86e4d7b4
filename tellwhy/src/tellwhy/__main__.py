"""`python -m tellwhy audit MODULE` lists the slips that the exercises of a module let pass."""

import argparse
import importlib
import sys

from tellwhy.answers.audit import audit
from tellwhy.answers.exercise import Exercise


def main(arguments: list[str]) -> None:
    """Audit the exercises of a module, which may stand in the folder where one is."""
    parser = argparse.ArgumentParser(prog="python -m tellwhy", description=__doc__)
    parser.add_argument("command", choices=["audit"])
    parser.add_argument("module", help="a module's name, as in `import` lines")
    sys.path.insert(0, "")
    module = importlib.import_module(parser.parse_args(arguments).module)
    for one in vars(module).values():
        if isinstance(one, Exercise):
            print(audit(one))


if __name__ == "__main__":
    main(sys.argv[1:])
