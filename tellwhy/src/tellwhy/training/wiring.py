"""Is the loop wired: does a gradient come from the loss, and does a step use it?"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from itertools import chain, pairwise
from statistics import fmean
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils import parameters_to_vector

from tellwhy.finding import Finding
from tellwhy.training.recorder import Held, Pass
from tellwhy.training.sentences import told
from tellwhy.training.sites import operands
from tellwhy.training.tape import Call, Made, any_grad, handle_of, roots, upstream
from tellwhy.training.watch import Watch

EXITS = {"item", "numpy", "tolist", "__float__", "__array__"}  # from tensors to plain numbers


class Wiring:
    """What is wrong with a loop, whatever its numbers are."""

    def __init__(self, watch: Watch) -> None:
        """Look at what was watched."""
        self.watch, self.passes, self.held = watch, watch.passes, watch.held
        optimizers = {id(step.optimizer): step.optimizer for step in watch.steps}
        self.groups = [group for each in optimizers.values() for group in each.param_groups]
        self.optimized = {key for step in watch.steps for key in step.parameters}
        self.stepped: dict[int, set[int]] = defaultdict(set)  # after which pass, which parameters
        for step in watch.steps:
            self.stepped[step.after - 1] |= step.parameters
        self.reached = {key for each in self.passes for key in each.reached}
        self.changed = {key for each in self.passes for key in each.changed}
        unused = self.optimized - self.reached
        self.idle = {key for key in unused if self.held[key].tensor.requires_grad}

    def first(self) -> Finding | None:
        """Return the first thing that is wrong: of each of these, some of the others follow."""
        causes = chain(
            self._no_backward(), self._replaced(), self._put_back(), self._rebuilt(), self._cut(),
            self._other_parameters(), self._zeroed_before_step(), self._no_step(),
            self._not_zeroed(),
        )  # fmt: skip
        return next(causes, None)

    def _moved(self, held: Held) -> bool:
        return held.start is None or not torch.equal(held.tensor.detach(), held.start)

    def _no_backward(self) -> Iterator[Finding]:
        steps = self.watch.steps
        asked = self.watch.none is not None and not isinstance(self.watch.none, Made)
        if not self.passes and (asked or steps) and not any(step.moves for step in steps):
            losses = [call for call in self.watch.calls if call.shape == () and call.needs]
            yield told("no-backward", losses[-1].site if losses else None, steps=self.watch.count)

    def _replaced(self) -> Iterator[Finding]:
        """Find `w = w - lr * w.grad`."""
        kept = {call.number for h in self.held.values() for call in upstream(h.origin)}
        lost = isinstance(self.watch.none, Made) or any(each.failed for each in self.passes)
        for call in chain(*(each.calls for each in self.passes), self.watch.calls):
            held = self.held.get(id(target := handle_of(call.args[0]))) if call.args else None
            if call.name not in ("sub", "add") or call.inplace or not held or call.number in kept:
                continue
            grads = [c.args[0] for c in upstream(Made(call)) if c.name == "grad.__get__"]
            again = sum(id(target) in each.reached for each in self.passes) > 1
            stays = again and not self._moved(held)
            if any(owner is target for owner in grads) and (lost or stays):
                w = (operands(call.site)[1] or [held.name or "w"])[0]
                how = "has no gradient" if lost else "leaves the parameter itself as it is"
                how = f"`{w} = {w} - ...` makes a tensor of its own, which {how}"
                cure = f"Change the parameter in place: `{w} -= ...` under `torch.no_grad()`"
                yield told("parameter-replaced", call.site, how=how, cure=cure)

    def _put_back(self) -> Iterator[Finding]:
        """Find layers whose parameter is put back as a new one."""
        unused = self.optimized - self.reached
        olds = [self.held[key] for key in self.optimized & self.reached if not self.held[key].first]
        others = bool(self.passes) and self.optimized & set(self.passes[-1].reached)
        ends = [(set(p.reached), self.stepped.get(p.number, set())) for p in self.passes[-3:]]
        # On these the last losses depend, and what steps after them has none of them.
        missed = set.intersection(*(r for r, _ in ends)) if ends else set()
        missed = missed if all(s and not r & s for r, s in ends) else set()
        for key, new in self.held.items():
            alone = key in self.reached - self.optimized
            near = (_near(new, old) or (others and new.name == old.name) for old in olds)
            copied = unused & set(map(id, roots(upstream(new.origin))))
            if alone and (copied or (new.first and (any(near) or (olds and key in missed)))):
                what = f"`{new.name}`" if new.name else "what the loss depends on"
                how = f"{what} is a new parameter, and the optimizer steps the old one"
                cure = "Change the parameter in place: `parameter.data.clamp_(...)` or "
                cure += "`parameter.data.copy_(...)`"
                if key in missed:
                    cure = "Make the optimizer anew, of the parameters that the model has now"
                yield told("parameter-replaced", new.site, how=how, cure=cure)

    def _rebuilt(self) -> Iterator[Finding]:
        lives: list[list[Pass]] = []
        for each in self.passes:
            if not lives or lives[-1][0].reached != each.reached:
                lives.append([])
            lives[-1].append(each)
        keys = [key for life in lives for key in life[0].reached]
        if len(lives) < 3 or len(keys) > len(set(keys)) or lives[0][0].functional:
            return
        for old, new in pairwise([[self.held[k] for k in life[0].reached] for life in lives]):
            same = [a.tensor.shape for a in old] == [b.tensor.shape for b in new]
            if not same or any(b.origin for b in new) or all(map(_near, new, old)):
                return
        ends = [[life[at].value.item() for life in lives] for at in (0, -1)]
        first, last = map(fmean, ends)
        # Where one has learned, they are several models on purpose, one after the other.
        if not any(end <= 0.5 * start for start, end in zip(*ends, strict=True)):
            counts = {"models": len(lives), "passes": len(self.passes)}
            site = self.held[keys[-1]].site
            yield told("model-rebuilt", site, first=first, last=last, **counts)

    def _cut(self) -> Iterator[Finding]:
        """Find losses that do not depend on the parameters from which they were computed."""
        for each in self.passes:
            way = upstream(each.loss)
            before = {id(part) for call in way for part in call.inputs()} & set(self.held)
            wanted = {key for key in before if self.held[key].tensor.requires_grad}
            lost = each.failed or not each.reached
            cut = wanted if lost else (wanted & self.optimized) - self.reached
            ends = [c for c in way if not c.needs and any(_carries(p, cut) for p in c.inputs())]
            exits = [c for c in each.calls if c.name in EXITS and not c.inplace]
            if not lost:
                exits = [c for c in exits if self.idle & set(map(id, roots(upstream(Made(c)))))]
            if (cut and ends) or exits:
                end = ends[0] if cut and ends else exits[-1]
                by = end.name.removesuffix(".__get__").strip("_") if end.recording else ""
                by, counts = f"`{by or 'torch.no_grad()'}`", len(self.held)
                yield told("graph-cut", end.site, by=by, cut=len(cut) or counts, parameters=counts)
            if each.failed and not wanted:
                frozen = [h.name for h in self.held.values() if not h.tensor.requires_grad]
                what = ", ".join(f"`{name}`" for name in frozen[:3] if name)
                what = what or "the tensor from which the loss is computed"
                yield told("parameter-frozen", each.site, what=what, numbers="`backward()` fails")

    def _other_parameters(self) -> Iterator[Finding]:
        orphans = self.reached - self.optimized - self.changed
        shapes = [self.held[key].tensor.shape for key in self.idle]
        alike = all(self.held[key].tensor.shape in shapes for key in orphans)
        if orphans and self.idle and (alike or self.idle == self.optimized):
            yield self.left_out(orphans)

    def left_out(self, orphans: Collection[int], reached: str = "") -> Finding:
        """Tell of parameters that are in no optimizer, and of the loss that they would bring."""
        names = sorted(f"`{self.held[key].name}`" for key in orphans if self.held[key].name)
        listed = f" ({', '.join(names[:3])})" if names else ""
        how = f"{len(orphans)} on which the loss depends are in no optimizer{listed}"
        cure, held, idle = "its parameters", len(self.optimized), len(self.idle)
        if reached:
            how += f", and with them in it the same batches bring the loss to {reached}"
            cure = "all its parameters; `parameters()` misses the layers in a plain Python list, "
            cure += "and finds those in an `nn.ModuleList`"
        else:
            how = f"{idle} of its {held} never get a gradient, and {how}"
        counts = {"held": held, "idle": idle, "orphans": len(orphans)}
        return told("other-parameters", self.watch.steps[0].site, how=how, cure=cure, **counts)

    def _zeroed_before_step(self) -> Iterator[Finding]:
        seen: list[tuple[bool, Any]] = []  # whether there was no gradient, and where
        for step in self.watch.steps:
            grads = self.passes[step.after - 1].after if step.after else {}
            if step.moves is not None and any_grad(grads[k] for k in self.optimized & set(grads)):
                seen.append((not step.moves, step.site))
        for one, two in pairwise(self.passes if not self.watch.steps else []):
            if one.changed and two.close and any_grad(one.after.get(key) for key in one.changed):
                stays = all(_same(one.values.get(k), two.values.get(k)) for k in one.changed)
                zeroing = [call for call in two.calls if call.inplace and _is_gradient(call)]
                site = zeroing[0].site if zeroing else two.site
                seen.append((stays and one.empty == one.changed, site))
        if len(seen) > 1 and all(empty for empty, _ in seen):
            yield told("gradients-zeroed-before-step", seen[-1][1], steps=len(seen))

    def _no_step(self) -> Iterator[Finding]:
        same = {tuple(each.reached) for each in self.passes if each.reached}
        moved = self.watch.count or self.changed
        moved = moved or any(self._moved(self.held[k]) for k in self.reached)
        grads = any(any_grad(each.after.values()) for each in self.passes)
        if len(self.passes) > 2 and len(same) == 1 and not moved and grads:
            yield told("no-step", self.passes[0].site, passes=len(self.passes))

    def _not_zeroed(self) -> Iterator[Finding]:
        times = total = 0
        for one, two in pairwise(self.passes):
            steps = [self.stepped.get(each.number, each.changed) for each in (one, two)]
            both = set(one.after) & steps[0] & steps[1]
            if two.close and both:
                left = [g for k in both if _same(g := one.after[k], two.before.get(k))]
                times, total = times + any_grad(left), total + 1
        if times > 1 and 2 * times >= total:
            yield told("gradients-not-zeroed", self.passes[0].site, times=times, steps=total)

    def rates(self) -> list[float]:
        """Return the rates of steps by hand, of those that are a rate times the gradient."""
        rates = []
        for one, two in pairwise(self.passes if not self.watch.steps else []):
            pairs = list(zip(one.reached, two.reached, strict=False))
            grads = [g for a, _ in pairs if (g := one.after.get(a)) is not None]
            if not 0 < len(pairs) <= len(two.values) or len(grads) < len(pairs):
                continue
            moves = [two.values[b] - one.values[a] for a, b in pairs if a in one.values]
            step = parameters_to_vector(moves).double()
            slope = parameters_to_vector(grads).double()
            size = float(step.norm() * slope.norm())
            if 0 < size < float("inf") and abs(float(step @ slope)) > 0.99 * size:
                rates.append(-float(step @ slope) / float(slope @ slope))
        return rates

    def divides(self) -> bool:
        """Return whether steps by hand divide the gradient, as by the size of a batch."""
        calls = [call for each in self.passes for call in each.calls if call.name == "div"]
        calls = [call for call in calls if call.args[1:] != (1,)]
        return any(c.name == "grad.__get__" for call in calls for c in upstream(Made(call)))


def _carries(part: Any, cut: set[int]) -> bool:
    return part.call.needs if isinstance(part, Made) else id(part) in cut


def _is_gradient(call: Call) -> bool:
    target = handle_of(call.args[0])
    return isinstance(target, Made) and target.call.name == "grad.__get__"


def _near(new: Held, old: Held) -> bool:
    """Return whether one parameter goes on from another, as far as values can say it."""
    if new.start is None or new.start.shape != old.tensor.shape:
        return False
    last = old.tensor.detach()
    return float(torch.dist(new.start, last)) <= 0.5 * float(last.norm())


def _same(one: Tensor | None, two: Tensor | None) -> bool:
    return one is not None and two is not None and torch.equal(one, two)
