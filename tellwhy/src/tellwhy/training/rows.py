"""The rows that were seen, and how well a linear model can do on them."""

import torch
from torch import Tensor


class Rows:
    """What a linear model needs to be fitted to rows exactly, in float64.

    A row weighs as much as its squared error does in the loss, so what follows are losses.

    Attributes:
        table: the columns, (n, d + q): d of features and q of labels.
        features: their number d.
        mean: of each column, (d + q,).
        spread: the covariances of the columns, (d + q, d + q).
    """

    def __init__(self, table: Tensor, features: int, weights: Tensor) -> None:
        """Take in the rows, and what each of them weighs, (n, 1)."""
        self.table, self.features, self.weight = table, features, float(weights.sum())
        self.mean = (weights * table).sum(0) / self.weight
        table = table - self.mean
        self.spread = (weights * table).T @ table / self.weight

    def of_mean(self) -> float:
        """Return the loss of always predicting the mean of the labels."""
        return self.weight * float(self.spread.diagonal()[self.features :].sum())

    def least(self, *, bias: bool = True) -> float:
        """Return the least loss of a linear model, by the normal equations."""
        d, moments = self.features, self.spread
        if not bias:
            moments = moments + torch.outer(self.mean, self.mean)
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
