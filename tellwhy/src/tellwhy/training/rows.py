"""The rows that were seen, and how well a linear model can do on them."""

from collections.abc import Sequence

import torch
from torch import Tensor


class Rows:
    """What a linear model needs to be fitted to rows exactly, in float64.

    A row weighs as much as its squared error does in the loss, so what follows are losses.

    Attributes:
        features: the number d of columns that are features; the q columns of labels follow.
        low, high, mean: of each column, (d + q,).
        spread: the covariances of the columns, (d + q, d + q).
        different: how many rows are different.
    """

    def __init__(self, batches: Sequence[tuple[Tensor, Tensor, float]]) -> None:
        """Take in batches: features (n, d), labels (n, q), and the weight of a row."""
        self.features = batches[0][0].shape[1]
        table = torch.cat([torch.cat([X, y], dim=1) for X, y, _ in batches])
        weights = torch.cat([torch.full((len(X), 1), w).to(X) for X, _, w in batches])
        self.weight, self.different = float(weights.sum()), len(torch.unique(table, dim=0))
        self.low, self.high = table.aminmax(dim=0)
        self.mean = (weights * table).sum(0) / self.weight
        table = table - self.mean
        self.spread = (weights * table).T @ table / self.weight

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


def _condition(spread: Tensor, mean: Tensor) -> float:
    ends = torch.cat([mean, mean.new_ones(1)])
    moments = torch.outer(ends, ends)
    moments[:-1, :-1] += spread
    values = torch.linalg.eigvalsh(moments)
    return float(values.max() / values[values > 1e-12 * values.max()].min())
