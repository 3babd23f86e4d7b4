"""Feedback on learners' code: why an answer is wrong, and why a training loop does not learn."""

from tellwhy.answers.audit import audit
from tellwhy.answers.check import check
from tellwhy.answers.exercise import exercise
from tellwhy.answers.feedback import Feedback
from tellwhy.answers.specification import Specification
from tellwhy.finding import Finding

__all__ = ["Feedback", "Finding", "Specification", "audit", "check", "exercise"]
