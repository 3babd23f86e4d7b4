"""`python -m tellwhy SCRIPT` runs a script that trains, and says why it does not learn."""

import argparse

from tellwhy.training import run_script


def main() -> None:
    """Run a script under the checkup."""
    parser = argparse.ArgumentParser(prog="python -m tellwhy", description=__doc__)
    parser.add_argument("script", help="a file of Python with a training loop")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="what the script is given")
    options = parser.parse_args()
    run_script(options.script, options.arguments)


if __name__ == "__main__":
    main()
