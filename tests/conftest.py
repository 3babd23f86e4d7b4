"""Settings that all tests share."""

import signal

from hypothesis import settings

# The same examples on every run, and no stopwatch: a busy machine must not fail a test.
settings.register_profile("course", deadline=None, derandomize=True, max_examples=25)
settings.load_profile("course")

# A command that a shell starts with `&` ignores Ctrl-C, and so would all that it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)
