"""How well a loop has learned: its losses replayed, and two yardsticks beside them."""

import math
from collections.abc import Mapping
from statistics import fmean
from typing import Any

import torch
from torch import Tensor

from tellwhy.training.tape import Made, Tape, roots
from tellwhy.training.watch import Watch

FEATURES = 2000  # of more, no linear model is fitted


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


class Fit:
    """What a loop's losses are now, and what they could be.

    Attributes:
        tapes: the losses, if all of them can be computed again; distinct: those of equal data once.
        moving: whether the parameters are new tensors in each pass: then their names are places.
        start, final: the parameters at the beginning and at the end, by their names.
        exact: whether replays give the losses that were seen.
        first, last: the mean loss at the beginning and at the end.
        rows: those that were seen, where the loss is a squared one.
        summed: the number of rows in a batch, if the loss is a sum that is not divided.
        mean, best: the loss of always predicting the mean, and the best of a linear model.
    """

    def __init__(self, watch: Watch) -> None:
        """Replay what was watched, at the first parameters and at the last."""
        good = [p for p in watch.passes if p.loss and p.calls and p.reached and not p.failed]
        used = [watch.held.get(key) for p in good[-1:] for key in roots(p.calls)]
        frozen = [h for h in used if h and not (h.tensor.requires_grad or good[-1].functional)]
        since = max((h.first for h in frozen), default=0)
        good = [p for p in good if p.number >= since] or good  # before, it was taken for data
        places = [p.site and (p.site.code, p.site.line) for p in good]
        self.passes = [p for p, place in zip(good, places, strict=True) if place == places[-1]]
        counts = {len(p.reached) for p in self.passes}
        self.moving = len({tuple(p.reached) for p in self.passes}) > 1 and len(counts) == 1
        tapes = [
            Tape(p, {key: at if self.moving else key for at, key in enumerate(p.reached)})
            for p in self.passes
        ]
        self.tapes = tapes if all(tape.whole for tape in tapes) else []
        self.distinct = [*{tuple(tape.data): tape for tape in self.tapes}.values()]
        held = [(name, watch.held[key]) for tape in tapes for key, name in tape.keys.items()]
        self.start = {name: h.start for name, h in reversed(held) if h.start is not None}
        self.final = {name: h.tensor.detach() for name, h in held}
        self.exact = bool(self.tapes) and self.start.keys() >= self.final.keys()
        self.exact = self.exact and all(map(self._is_exact, self.tapes))
        losses = [p.value.item() for p in self.passes] or [math.nan]
        ends = losses[len(losses) // 2 :][-20:]
        self.first, self.last, self._worst = fmean(losses[:3]), fmean(ends), max(ends)
        if self.exact:
            self.first, self.last = self.at(self.start), self.at(self.final)
            self._worst = self.last
        met = self.tapes[0].met if self.tapes else None
        sums = met and met[0].kwargs.get("reduction") == "sum" and met[0] is self.tapes[0].loss.call
        self.summed = met[2].shape[:1].numel() if met and sums else 0
        self.rows = self._rows() if self.tapes else None
        self.mean = self.best = math.nan
        if self.rows:
            yards = self.rows.of_mean(), self.rows.least()
            self.mean, self.best = (yard / len(self.distinct) for yard in yards)

    @property
    def learned(self) -> bool:
        """Whether the loss has gone most of the way, as far as that can be said."""
        goal = (self.mean + self.best) / 2 if self.rows else 0.9 * self.first
        return self._worst < self.first and self.last < goal

    def short(self, times: float, share: float) -> bool:
        """Whether it ends above the best by some times that, and a share of what is explained."""
        gap = self.last - self.best
        return gap > max(times * self.best, share * (self.mean - self.best))

    def at(self, values: Mapping[Any, Tensor]) -> float:
        """Return the mean loss over the distinct batches with some parameters."""
        with torch.no_grad():
            return fmean(float(tape.replay(values)) for tape in self.distinct)

    def _is_exact(self, tape: Tape) -> bool:
        if not math.isfinite(tape.seen) or tape.values.keys() < set(tape.keys.values()):
            return True
        with torch.no_grad():
            again = float(tape.replay(tape.values))
        return math.isclose(again, tape.seen, rel_tol=1e-3, abs_tol=1e-30)

    def _rows(self) -> Rows | None:
        """Return the rows, if the loss is a multiple of the squared errors wherever one looks."""
        tables, weights, features = [], [], 0
        for tape in self.distinct:
            parts = tape.columns()
            features = sum(part.shape[1] for part in parts[:-1])
            if not (parts and tape.met and features <= FEATURES):
                return None
            tables.append(torch.cat(parts, dim=1))
            share, other = self.multiples(tape)
            squared = 0 < share < math.inf and math.isclose(share, other, rel_tol=1e-3)
            same = tables[-1].shape[1] == tables[0].shape[1]
            if not (squared and same and tables[-1].isfinite().all()):
                return None
            weights.append(share / tape.met[2].numel())
        sizes = [len(table) for table in tables]
        if min(sizes) > 3 and {float(f"{weight:.3g}") for weight in weights} <= {0.5, 1.0}:
            self.summed = max(sizes)
        weight = torch.tensor(weights).double().repeat_interleave(torch.tensor(sizes))
        return Rows(torch.cat(tables), features, weight[:, None].to(tables[0].device))

    def multiples(self, tape: Tape, *, own: bool = False) -> list[float]:
        """Return what multiple a loss is of the error, at the first parameters and elsewhere.

        The error is the mean squared one, of shapes that may be broadcast, or a function's own.
        """
        assert tape.met
        found, (call, made, labels) = [], tape.met
        for scale, shift in ((1.0, 0.0), (0.5, 0.1)):
            values = {name: scale * value + shift for name, value in self.start.items()}
            with torch.no_grad():
                loss, part = tape.replay(values, Made(call) if own else made)
                error = part if own else (part - labels).double() ** 2
            found.append(float(loss.double() / error.mean()))
        return found
