"""The rows that were seen, as sums: what a linear model needs to be fitted to them exactly."""

from functools import cached_property
from typing import Any

import torch
from torch import Tensor


class Rows:
    """Sums of squares and products in float64, taken in one pass from the mean of the first batch.

    A row weighs as much as its squared error does in the loss, so what follows from the sums are
    losses. The columns of the labels come last.
    """

    def __init__(self) -> None:
        """Begin with no rows."""
        self.outputs, self.weight = 0, 0.0
        self.different: set[float] = set()  # a number for each row that is another one
        self.origin, self.low, self.high, self.total, self.products = (torch.empty(0),) * 5

    def add(self, features: Tensor, labels: Tensor, weight: float) -> None:
        """Take in a batch: features (n, d), labels (n, q), and the weight of a row."""
        table = torch.cat([features, labels], dim=1)
        low, high = table.aminmax(dim=0)
        if not self.outputs:
            self.outputs, self.origin, self.low, self.high = (
                labels.shape[1],
                table.mean(0),
                low,
                high,
            )
            self.total, self.products = torch.zeros_like(low), torch.zeros_like(table.T @ table)
        self.low, self.high = torch.minimum(self.low, low), torch.maximum(self.high, high)
        self.different.update((table * torch.arange(1, len(low) + 1).sqrt()).sum(1).tolist())
        table = table - self.origin
        self.total += weight * table.sum(0)
        self.products += weight * table.T @ table
        self.weight += weight * len(table)

    @cached_property
    def mean(self) -> Tensor:
        """The mean of each column, (d + q,)."""
        return self.origin + self.total / self.weight

    @cached_property
    def spread(self) -> Tensor:
        """The covariances of the columns, (d + q, d + q)."""
        shift = self.total / self.weight
        return self.products / self.weight - torch.outer(shift, shift)

    @property
    def features(self) -> int:
        """The number d of columns that are features."""
        return len(self.mean) - self.outputs

    def of_mean(self) -> float:
        """Return the loss of always predicting the mean of the labels."""
        return self.weight * float(self.spread.diagonal()[self.features :].sum())

    def least(self, *, bias: bool = True) -> float:
        """Return the least loss of a linear model, by the normal equations."""
        d, moments = self.features, self.spread + 0
        if not bias:
            moments += torch.outer(self.mean, self.mean)
        scale = moments.diagonal().clamp_min(1e-300).sqrt()[:d, None]
        inside, across = moments[:d, :d] / (scale * scale.T), moments[:d, d:] / scale
        explained = across.T @ torch.linalg.pinv(inside, rtol=1e-12, hermitian=True) @ across
        return self.weight * float((moments[d:, d:] - explained).trace().clamp_min(0))

    def conditions(self) -> tuple[float, float]:
        """Return the condition numbers of a linear fit with a bias: as it is, and standardised."""
        spread, mean = self.spread[: self.features, : self.features], self.mean[: self.features]
        varies = spread.diagonal() > 1e-12 * (spread.diagonal() + mean**2)
        spread, mean = spread[varies][:, varies], mean[varies]
        scale = spread.diagonal().sqrt()
        return _condition(spread, mean), _condition(spread / torch.outer(scale, scale), 0 * mean)


def _condition(spread: Any, mean: Tensor) -> float:
    ends = torch.cat([mean, torch.ones(1).double()])
    moments = torch.outer(ends, ends)
    moments[:-1, :-1] += spread
    values = torch.linalg.eigvalsh(moments)
    return float(values.max() / values[values > 1e-12 * values.max()].min())
