"""The rows that were seen, as sums: what a linear model needs to be fitted to them exactly."""

from dataclasses import dataclass, field
from functools import cached_property

import torch
from torch import Tensor


def _none() -> Tensor:
    return torch.empty(0)


@dataclass
class Rows:
    """Sums of squares and products in float64, taken in one pass from the mean of the first batch.

    A row weighs as much as its squared error does in the loss, so that what follows from the sums
    are losses.

    Attributes:
        size: how many rows were taken in, each time that they were seen.
        outputs: q, the number of columns of labels, which come last.
        low, high: the range of each column.
    """

    size: int = 0
    outputs: int = 0
    weight: float = 0.0
    origin: Tensor = field(default_factory=_none)
    total: Tensor = field(default_factory=_none)
    products: Tensor = field(default_factory=_none)
    low: Tensor = field(default_factory=_none)
    high: Tensor = field(default_factory=_none)

    def add(self, features: Tensor, labels: Tensor, weight: float) -> None:
        """Take in a batch: features (n, d), labels (n, q), and the weight of a row."""
        table = torch.cat([features, labels], dim=1).double()
        low, high = table.aminmax(dim=0)
        if not self.size:
            self.origin, self.outputs, self.low, self.high = table.mean(0), labels.shape[1], low, high
            self.total, self.products = torch.zeros_like(low), torch.zeros_like(table.T @ table)
        self.low, self.high = torch.minimum(self.low, low), torch.maximum(self.high, high)
        table = table - self.origin
        self.total += weight * table.sum(0)
        self.products += weight * table.T @ table
        self.size, self.weight = self.size + len(table), self.weight + weight * len(table)

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
    def raw(self) -> Tensor:
        """The mean products of the columns, (d + q, d + q)."""
        return self.spread + torch.outer(self.mean, self.mean)

    def least(self, *, bias: bool = True) -> float:
        """Return the least mean loss of a linear model, by the normal equations."""
        moments, d = self.spread if bias else self.raw, len(self.mean) - self.outputs
        scale = moments.diagonal()[:d].clamp_min(1e-300).sqrt()
        inside, across = moments[:d, :d] / torch.outer(scale, scale), moments[:d, d:] / scale[:, None]
        explained = across.T @ torch.linalg.pinv(inside, rtol=1e-12, hermitian=True) @ across
        return self.weight * float((moments[d:, d:] - explained).trace().clamp_min(0))

    def of_mean(self) -> float:
        """Return the loss of always predicting the mean of the labels."""
        return self.weight * float(self.spread.diagonal()[-self.outputs :].sum())

    def conditions(self) -> tuple[float, float]:
        """Return the condition numbers of a linear fit with a bias: as it is, and standardised."""
        d = len(self.mean) - self.outputs
        varies = self.spread.diagonal()[:d] > 1e-12 * self.raw.diagonal()[:d]
        spread, mean = self.spread[:d, :d][varies][:, varies], self.mean[:d][varies]
        scale, one = spread.diagonal().sqrt(), torch.ones(1, 1, dtype=torch.float64)
        raw = spread + torch.outer(mean, mean)
        raw = torch.cat([torch.cat([raw, mean[:, None]], 1), torch.cat([mean[None], one], 1)])
        return _condition(raw), _condition(torch.block_diag(spread / torch.outer(scale, scale), one))


def _condition(moments: Tensor) -> float:
    values = torch.linalg.eigvalsh(moments)
    return float(values.max() / values[values > 1e-12 * values.max()].min())
