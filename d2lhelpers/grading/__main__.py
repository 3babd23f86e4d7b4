"""The command `python -m d2lhelpers.grading`."""

from d2lhelpers.grading.command import main

if __name__ == "__main__":
    raise SystemExit(main())
