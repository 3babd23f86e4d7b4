"""Feedback from the command line.

`python -m tellwhy SCRIPT` runs a script that trains, and says why it does not learn.
`python -m tellwhy audit MODULE` lists the slips that the exercises of a module let pass.
"""

import argparse
import importlib
import sys


def main(arguments: list[str]) -> None:
    """Run a script under the checkup, or audit a module."""
    parser = argparse.ArgumentParser(
        prog="python -m tellwhy",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("script", help="a file of Python with a training loop, or `audit`")
    parser.add_argument(
        "arguments", nargs=argparse.REMAINDER, help="what the script is given, or the module's name"
    )
    given = parser.parse_args(arguments)
    if given.script != "audit":
        from tellwhy.training import run_script

        run_script(given.script, given.arguments)
    elif len(given.arguments) == 1:
        audit_module(given.arguments[0])
    else:
        parser.error("audit takes the name of one module, as in `import` lines")


def audit_module(name: str) -> None:
    """Audit the exercises of a module, which may stand in the folder where one is.

    Raises:
        SystemExit: if there is no such module, or no exercise in it.
    """
    from tellwhy.answers.audit import audit
    from tellwhy.answers.exercise import Exercise

    sys.path.insert(0, "")
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name.partition(".")[0]:
            raise
        raise SystemExit(
            f"There is no module {error.name}: audit takes a name, without .py."
        ) from None
    exercises = [one for one in vars(module).values() if isinstance(one, Exercise)]
    for one in exercises:
        print(audit(one))
    if not exercises:
        raise SystemExit(f"{name} holds no exercise.")


if __name__ == "__main__":
    main(sys.argv[1:])
