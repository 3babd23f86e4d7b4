"""`python -m publish COMMAND [NOTEBOOK]`: what the Makefile calls."""

import importlib
import sys

from publish.notebooks import PublishError

# Each is a module with `main(chosen: str) -> None`, imported when it is called.
COMMANDS = {
    "slides": "publish.decks",
    "handout": "publish.handout",
    "book": "publish.book",
    "colab": "publish.colab",
    "present": "publish.present",
}


def run(arguments: list[str]) -> int:
    """Run one command; an error that a person can mend is one line on stderr, and exit 1."""
    command, chosen = (*arguments, "", "")[:2]
    if command not in COMMANDS or len(arguments) > 2:
        print(f"usage: python -m publish {{{','.join(COMMANDS)}}} [NOTEBOOK]", file=sys.stderr)
        return 2
    try:
        importlib.import_module(COMMANDS[command]).main(chosen)
    except PublishError as error:
        print(f"{command}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
