"""How well a loop has learned: its losses replayed, and two yardsticks beside them."""

import math
from collections import Counter
from collections.abc import Mapping
from statistics import fmean
from typing import Any

import torch
from torch import Tensor

from tellwhy.training.recorder import Pass
from tellwhy.training.rows import Rows
from tellwhy.training.tape import Call, Made, Tape, roots, upstream
from tellwhy.training.watch import Watch

FEATURES = 2000  # of more, no linear model is fitted
# Where predictions meet labels: element by element, with shapes that are broadcast, or not so.
BROADCAST = {"sub", "rsub", "__rsub__", "mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"}
MEET = BROADCAST | {
    "cross_entropy", "nll_loss", "binary_cross_entropy", "binary_cross_entropy_with_logits",
}  # fmt: skip

Met = tuple[Call, Made, Tensor]  # the call in which predictions meet labels, and these two


class Fit:
    """What a loop's losses are now, and what they could be.

    Attributes:
        tapes: of the passes that can be replayed; distinct: of those with equal data one each,
            and counts: how many there are.
        start, final: the parameters at the beginning and at the end.
        exact: whether replays give the losses that were seen.
        first, last: the mean loss over the tapes at the beginning and at the end.
        rows: those that were seen, where the loss is a squared one.
        summed: of such a loss the number of rows in a batch, if it is a sum that is not divided.
        mean, best: the loss of always predicting the mean, and the best of a linear model.
    """

    def __init__(self, watch: Watch) -> None:
        """Replay what was watched, at the first parameters and at the last."""
        good = [p for p in watch.passes if p.loss and p.calls and p.reached and not p.failed]
        used = [watch.held.get(id(part)) for p in good[-1:] for part in roots(p.calls)]
        frozen = [h for h in used if h and not (h.tensor.requires_grad or good[-1].functional)]
        since = max((h.first for h in frozen), default=0)
        good = [p for p in good if p.number >= since] or good  # before, it was taken for data
        places = [p.site and (p.site.code, p.site.line) for p in good]
        self.passes = [p for p, place in zip(good, places, strict=True) if place == places[-1]]
        self.alone = 5 * len(self.passes) >= 4 * len(watch.passes) > 0
        counts = {len(p.reached) for p in self.passes}
        self.moving = len({tuple(p.reached) for p in self.passes}) > 1 and len(counts) == 1
        tapes = [Tape(p.loss, self.keys(p), p.value.item()) for p in self.passes if p.loss]
        self.tapes = [tape for tape in tapes if tape.whole]
        data = [tuple(map(id, tape.data)) for tape in self.tapes]
        self.distinct = list(dict(zip(data, self.tapes, strict=True)).values())
        self.counts = list(Counter(data).values())
        held = [(name, watch.held[key]) for p in self.passes for key, name in self.keys(p).items()]
        self.start = {name: h.start for name, h in reversed(held) if h.start is not None}
        self.final = {name: h.tensor.detach() for name, h in held}
        complete = len(self.tapes) == len(tapes) > 0 and self.start.keys() >= self.final.keys()
        self.exact = complete and self._is_exact()
        losses = [p.value.item() for p in self.passes] or [math.nan]
        ends = losses[len(losses) // 2 :][-20:]
        self.first, self.last, self._worst = fmean(losses[:3]), fmean(ends), max(ends)
        if self.exact:
            self.first, self.last = self.at(self.start), self.at(self.final)
            self._worst = self.last
        self.rows: Rows | None = None
        self.rows, self.summed = (self._take_in() if complete else None) or (None, 0)
        met = meeting(self.tapes[0]) if self.tapes else None
        if met and met[0].kwargs.get("reduction") == "sum" and met[0] is self.tapes[0].loss.call:
            self.summed = self.summed or met[2].shape[:1].numel()
        yards = (self.rows.of_mean(), self.rows.least()) if self.rows else (math.nan, math.nan)
        self.mean, self.best = (yard / max(len(self.tapes), 1) for yard in yards)

    @property
    def learned(self) -> bool:
        """Whether the loss has gone most of the way, as far as that can be said."""
        goal = (self.mean + self.best) / 2 if self.rows else 0.9 * self.first
        return self._worst < self.first and self.last < goal

    @property
    def far(self) -> bool:
        """Whether the loss is many times the best of a linear model, and a good part of it left."""
        gap = self.last - self.best
        return gap > max(10 * self.best, 0.05 * (self.mean - self.best))

    def keys(self, one: Pass) -> dict[int, Any]:
        """Return under which names a pass's parameters have values: places, if they change."""
        return {key: place if self.moving else key for place, key in enumerate(one.reached)}

    def at(self, values: Mapping[Any, Tensor]) -> float:
        """Return the mean loss over all tapes at some parameters."""
        with torch.no_grad():
            losses = [float(tape.replay(values)[0]) for tape in self.distinct]
        return sum(map(math.prod, zip(losses, self.counts, strict=True))) / len(self.tapes)

    def _is_exact(self) -> bool:
        for one, tape in zip(self.passes, self.tapes, strict=True):
            if math.isfinite(tape.seen) and len(one.values) == len(one.reached):
                values = {self.keys(one)[key]: value for key, value in one.values.items()}
                with torch.no_grad():
                    again = float(tape.replay(values)[0])
                if not math.isclose(again, tape.seen, rel_tol=1e-3, abs_tol=1e-30):
                    return False
        return True

    def _take_in(self) -> tuple[Rows, int] | None:
        """Return the rows, if the loss is a multiple of the squared errors wherever one looks."""
        batches: list[tuple[Tensor, Tensor, float]] = []
        scales = []
        for tape, count in zip(self.distinct, self.counts, strict=True):
            met, (labels, features) = meeting(tape), self.batch(tape)
            if met is None or labels is None or features is None:
                return None
            share, other = self.multiples(tape, met)
            finite = features.isfinite().all() and labels.isfinite().all()
            same = not batches or features.shape[1] == batches[0][0].shape[1]
            squared = 0 < share < math.inf and math.isclose(share, other, rel_tol=1e-3)
            if not (squared and finite and same):
                return None
            weight = share / met[2].numel()
            scales.append((weight, share, float(len(labels))))
            batches.append((features, labels, weight * count))
        weights, shares, sizes = (set(map(_round, column)) for column in zip(*scales, strict=True))
        summed = weights <= {0.5, 1.0} and min(sizes) > 3
        alike = 1 in (len(weights), len(shares))
        return (Rows(batches), int(max(sizes)) * summed) if alike else None

    def multiples(self, tape: Tape, met: Met, *, own: bool = False) -> list[float]:
        """Return what multiple a loss is of the error, at the first parameters and elsewhere.

        The error is the mean squared one, of shapes that may be broadcast, or a function's own.
        """
        found = []
        for scale, shift in ((1.0, 0.0), (0.5, 0.1)):
            values = {name: scale * value + shift for name, value in self.start.items()}
            with torch.no_grad():
                loss, part = tape.replay(values, wanted=Made(met[0]) if own else met[1])
                error = part if own else (part - met[2]).double() ** 2
            found.append(float(loss.double() / error.mean()))
        return found

    def inputs(self, tape: Tape) -> list[Tensor]:
        """Return the data of a tape that have a row for each label, without the labels."""
        met = meeting(tape)
        before = roots(upstream(met[1])) if met else []
        fit = [part for part in before if id(part) not in tape.keys and part.is_floating_point()]
        return [p for p in fit if met and p.shape[:1] == met[2].shape[:1] and p is not met[2]]

    def batch(self, tape: Tape) -> tuple[Tensor | None, Tensor | None]:
        """Return labels (n, q) and features (n, d) of a tape."""
        met, parts = meeting(tape), self.inputs(tape)
        if not met or not parts or not met[2].is_floating_point():
            return None, None
        n = met[2].shape[0] if met[2].dim() else 1
        tables = [part.reshape(n, -1).double() for part in parts]
        small = sum(part.shape[1] for part in tables) <= FEATURES
        return met[2].reshape(n, -1).double(), torch.cat(tables, dim=1) if small else None


def meeting(tape: Tape) -> Met | None:
    """Return the call nearest to the loss in which predictions meet labels, and these two."""
    for call in reversed(tape.calls):
        parts = list(call.inputs())[:2]
        made = [part for part in parts if isinstance(part, Made) and part.call.needs]
        data = [part for part in parts if isinstance(part, Tensor) and id(part) not in tape.keys]
        if call.name in MEET and made and data:
            return call, made[0], data[0]
    return None


def _round(value: float) -> float:
    return float(f"{value:.3g}")
