"""How well a loop has learned: its losses replayed, and two yardsticks beside them."""

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from tellwhy.training.rows import Rows
from tellwhy.training.seen import Pass
from tellwhy.training.tape import Call, Made, Tape, roots, upstream
from tellwhy.training.watch import Watch

FEATURES = 2000  # of more, no linear model is fitted
MEET = {  # where predictions meet labels
    "sub", "rsub", "__rsub__", "mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss",
    "cross_entropy", "nll_loss", "binary_cross_entropy", "binary_cross_entropy_with_logits",
}  # fmt: skip


class Fit:
    """What a loop's losses are now, and what they could be.

    Attributes:
        tapes: of the passes that can be replayed.
        start, final: the parameters at the beginning and at the end.
        exact: whether replays give the losses that were seen.
        losses: those that were seen; first, last: their mean over the tapes at start and end.
        met: the call in which predictions meet labels, the predictions and the labels.
        rows: those that were seen, where the loss is a squared one.
        summed: of such a loss the number of rows in a batch, if it is a sum that is not divided.
        mean, best: the loss of always predicting the mean, and the best of a linear model.
    """

    def __init__(self, watch: Watch) -> None:
        """Replay what was watched, at the first parameters and at the last."""
        good = [p for p in watch.passes if p.loss and p.calls and p.reached and not p.failed]
        places = [p.site and (p.site.code, p.site.line) for p in good]
        self.passes = [p for p, place in zip(good, places, strict=True) if place == places[-1]]
        self.alone = 5 * len(self.passes) >= 4 * len(watch.passes) > 0
        counts = {len(p.reached) for p in self.passes}
        self.moving = len({tuple(p.reached) for p in self.passes}) > 1 and len(counts) == 1
        tapes = [
            Tape(upstream(p.loss.call), p.loss, self.keys(p), p.value.item())
            for p in self.passes
            if p.loss
        ]
        self.tapes = [t for t in tapes if not any(part.requires_grad for part in t.data)]
        held = [(name, watch.held[key]) for p in self.passes for key, name in self.keys(p).items()]
        self.start = {name: h.start for name, h in reversed(held) if h.start is not None}
        self.final = {name: h.tensor.detach() for name, h in held}
        self.losses = [p.value.item() for p in self.passes]
        self.exact = len(self.tapes) == len(tapes) > 0 and self._is_exact()
        if self.exact:
            self.first, self.last = self.at(self.start), self.at(self.final)
        else:
            self.first, self.last = _mean(self.losses[:3]), _mean(self.losses[-20:])
        self.met = _meeting(self.tapes[0]) if self.tapes else None
        self.rows: Rows | None = None
        self.summed = 0
        if self.start.keys() >= self.final.keys():
            self._take_in()
        yards = (self.rows.of_mean(), self.rows.least()) if self.rows else (math.nan, math.nan)
        self.mean, self.best = (yard / max(len(self.tapes), 1) for yard in yards)

    def keys(self, one: Pass) -> dict[int, Any]:
        """Return under which names the parameters of a pass have values: places if they change."""
        return {key: place if self.moving else key for place, key in enumerate(one.reached)}

    def at(self, values: Mapping[Any, Tensor]) -> float:
        """Return the mean loss over all tapes at some parameters."""
        with torch.no_grad():
            return _mean([float(tape.value(values)) for tape in self.tapes])

    def _is_exact(self) -> bool:
        for one, tape in zip(self.passes, self.tapes, strict=True):
            if math.isfinite(tape.seen) and len(one.values) == len(one.reached):
                names = self.keys(one)
                with torch.no_grad():
                    again = float(tape.value({names[key]: v for key, v in one.values.items()}))
                if not math.isclose(again, tape.seen, rel_tol=1e-3):
                    return False
        return self.start.keys() >= self.final.keys()

    def outputs(self, values: Mapping[Any, Tensor], tape: Tape, **swap: Any) -> tuple[Tensor, Tensor]:
        """Return the predictions on a tape, and its loss."""
        _, prediction, _ = _meeting(tape) or (None, tape.loss, None)
        with torch.no_grad():
            made = tape.replay(values, **swap)
        return Tape.result(made, prediction), Tape.result(made, tape.loss).sum()

    def _take_in(self) -> None:
        rows, scales = Rows(), []
        for tape in self.tapes:
            labels, inputs = self.batch(tape)
            if labels is None or not inputs:
                return
            predictions, loss = self.outputs(self.start, tape)
            weight = float(loss.double() / ((predictions - labels).double() ** 2).sum())
            n = len(labels.reshape(-1)) if not labels.dim() else labels.shape[0]
            features = torch.cat([part.reshape(n, -1).double() for part in inputs], dim=1)
            finite = bool(features.isfinite().all() and labels.isfinite().all())
            if not (0 < weight < math.inf and finite and features.shape[1] <= FEATURES):
                return
            scales.append((weight, weight * predictions.numel(), n))
            rows.add(features, labels.reshape(n, -1).double(), weight)
        weights, shares, sizes = (set(map(_round, column)) for column in zip(*scales, strict=True))
        if len(weights) == 1 or len(shares) == 1:
            self.rows = rows
            if weights <= {0.5, 1.0} and min(sizes) > 3:
                self.summed = int(max(sizes))

    def batch(self, tape: Tape) -> tuple[Tensor | None, list[Tensor]]:
        """Return the labels of a tape and its features: the data with a row for each label."""
        met = _meeting(tape)
        if met is None or not met[2].is_floating_point():
            return None, []
        labels = met[2]
        n = labels.shape[:1]
        before = [part for part in roots(upstream(met[1].call)) if id(part) not in tape.keys]
        fit = [part for part in before if part.shape[:1] == n and part.is_floating_point()]
        return labels, [part for part in fit if part is not labels]


def _meeting(tape: Tape) -> tuple[Call, Made, Tensor] | None:
    """Return the call nearest to the loss in which predictions meet labels, and these two."""
    for call in reversed(tape.calls):
        parts = list(call.inputs())[:2]
        made = [part for part in parts if isinstance(part, Made) and part.call.needs]
        data = [part for part in parts if isinstance(part, Tensor) and id(part) not in tape.keys]
        if call.name in MEET and made and data:
            return call, made[0], data[0]
    return None


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else math.nan


def _round(value: float) -> float:
    return float(f"{value:.3g}")
