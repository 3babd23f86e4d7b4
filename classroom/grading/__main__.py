"""The command `python -m classroom.grading`."""

from classroom.grading.command import main

if __name__ == "__main__":
    raise SystemExit(main())
