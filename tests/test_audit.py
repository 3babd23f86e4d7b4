"""The course's own exercises, audited: which plausible slips do their inputs let pass?"""

import pytest

from d2lhelpers import exercises
from tellwhy import audit

# The numbers that these are given, as a rate, a time or a count, are never negative.
NEVER_NEGATIVE = {
    "equivalent_lr": ["absolute", "`abs(lr)` for `lr`", "`abs(num_outputs)` for `num_outputs`"],
    "minibatch_count": ["absolute", "`abs(num_examples)` for `num_examples`"],
    "parallel_lr": [
        "absolute",
        "`abs(lr)` for `lr`",
        "`abs(largest)` for `largest`",
        "`abs(num_processes)` for `num_processes`",
    ],
    "sgd_momentum": [
        "`abs(lr)` for `lr`",
        "`abs(momentum)` for `momentum`",
        "`abs(batch_size)` for `batch_size`",
    ],
    "speedup": ["absolute"],
}


@pytest.mark.long
@pytest.mark.parametrize("name", exercises.__all__)
def test_no_slip_passes_but_those_that_are_none(name: str) -> None:
    """Catches an exercise whose inputs do not tell a slip from the solution."""
    passing = audit(getattr(exercises, name)).passing
    assert {*passing} == {*NEVER_NEGATIVE.get(name, [])}
