"""Feedback on learners' code: why an answer is wrong, and why a training loop does not learn."""
