"""The checked exercises, each an attribute: `exercises.minibatch_count.check(minibatch_count)`."""

from d2lhelpers.exercises.beyond_one_machine import merge, parallel_lr, worker_pieces
from d2lhelpers.exercises.concise_regression import count_parameters, equivalent_lr, evaluate
from d2lhelpers.exercises.crop_yields import descent_steps, fold_back, standardize
from d2lhelpers.exercises.normal_distribution import best_weight, fit_normal, normal_log_density
from d2lhelpers.exercises.regression_from_scratch import (
    closed_form,
    gradient,
    minibatch_count,
    sgd_momentum,
)
from d2lhelpers.exercises.vectorization import mse_vectorized, pairwise_sq_dist, speedup

__all__ = [
    "best_weight",
    "closed_form",
    "count_parameters",
    "descent_steps",
    "equivalent_lr",
    "evaluate",
    "fit_normal",
    "fold_back",
    "gradient",
    "merge",
    "minibatch_count",
    "mse_vectorized",
    "normal_log_density",
    "pairwise_sq_dist",
    "parallel_lr",
    "sgd_momentum",
    "speedup",
    "standardize",
    "worker_pieces",
]
