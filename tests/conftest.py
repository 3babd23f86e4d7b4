"""Settings that all tests share."""

from hypothesis import settings

# The same examples on every run, and no stopwatch: a busy machine must not fail a test.
settings.register_profile("course", deadline=None, derandomize=True, max_examples=25)
settings.load_profile("course")
