"""Is the loop wired: does a gradient come from the loss, and does a step use it?"""

from collections.abc import Collection, Iterator
from itertools import chain, pairwise
from statistics import fmean
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils import parameters_to_vector

from tellwhy.finding import Finding
from tellwhy.training.recorder import Held, any_grad
from tellwhy.training.sentences import told
from tellwhy.training.sites import operands
from tellwhy.training.tape import Made, Pass, handle_of, roots, upstream
from tellwhy.training.watch import Watch

EXITS = {"item", "numpy", "tolist", "__float__", "__array__"}  # from tensors to plain numbers


class Wiring:
    """What is wrong with a loop, whatever its numbers are.

    Attributes:
        groups: of all optimizers; optimized: the parameters in them, by identity.
        reached: the parameters on which a loss depends; stepped: those that are changed.
        idle: those in an optimizer on which no loss depends.
    """

    def __init__(self, watch: Watch) -> None:
        """Look at what was watched."""
        self.watch, self.passes, self.held = watch, watch.passes, watch.held
        self.groups = [group for optimizer in watch.steps for group in optimizer.param_groups]
        self.optimized = {id(part) for group in self.groups for part in group["params"]}
        self.reached = {key for each in self.passes for key in each.reached}
        self.stepped = {key for each in self.passes for key in each.stepped} | self.optimized
        unused = self.optimized - self.reached
        self.idle = {key for key in unused if self.held[key].tensor.requires_grad}

    def findings(self) -> Iterator[Finding]:
        """Yield what is wrong; of each of these, some of the others follow."""
        yield from self._no_backward()
        yield from self._replaced()
        yield from self._put_back()
        yield from self._rebuilt()
        yield from self._cut()
        if (orphans := self.reached - self.stepped) and self.idle:
            yield self.left_out(orphans)
        yield from self._zeroed_before_step()
        yield from self._no_step()
        yield from self._not_zeroed()

    def names(self, keys: Collection[int]) -> str:
        """Return what some parameters are called, as far as they have names."""
        names = sorted(f"`{self.held[key].name}`" for key in keys if self.held[key].name)
        return ", ".join(names[:3])

    def left_out(self, orphans: Collection[int], reached: str = "") -> Finding:
        """Tell of parameters that are in no optimizer, and of the loss that they would bring."""
        names, held, idle = self.names(orphans), len(self.optimized), len(self.idle)
        how = f"{len(orphans)} on which the loss depends are in no optimizer"
        how += f" ({names})" if names else ""
        cure = "its parameters"
        if reached:
            how += f", and with them in it the same batches bring the loss to {reached}"
            cure = "all its parameters; `parameters()` misses the layers in a plain Python list, "
            cure += "and finds those in an `nn.ModuleList`"
        else:
            how = f"{idle} of its {held} never get a gradient, and {how}"
        counts = {"held": held, "idle": idle, "orphans": len(orphans)}
        site = next(iter(self.watch.steps.values()))[0].site
        return told("other-parameters", site, how=how, cure=cure, **counts)

    def frozen(self, keys: list[int], ends: str) -> Finding:
        """Tell of parameters that require no gradient, and what it costs."""
        what = self.names(keys) or "the tensor from which the loss is computed"
        site = self.held[keys[0]].site if keys else None
        return told("parameter-frozen", site, what=what, numbers=ends)

    def _moved(self, key: int) -> bool:
        held = self.held[key]
        return held.start is None or not torch.equal(held.tensor.detach(), held.start)

    def _no_backward(self) -> Iterator[Finding]:
        asked = self.watch.none is not None and not isinstance(self.watch.none, Made)
        if not self.passes and (asked or self.watch.steps):
            losses = [call for call in self.watch.calls if call.shape == () and call.needs]
            yield told("no-backward", losses[-1].site if losses else None, steps=self.watch.count)

    def _replaced(self) -> Iterator[Finding]:
        """Find `w = w - lr * w.grad`."""
        lost = isinstance(self.watch.none, Made) or any(each.failed for each in self.passes)
        for call in chain(*(each.calls for each in self.passes), self.watch.calls):
            key = id(target := handle_of(call.args[0])) if call.args else 0
            if call.name not in ("sub", "add") or call.inplace or key not in self.held:
                continue
            grads = [c.args[0] for c in upstream(Made(call)) if c.name == "grad.__get__"]
            again = sum(key in each.reached for each in self.passes) > 1
            if any(g is target for g in grads) and (lost or (again and not self._moved(key))):
                w = (operands(call.site)[1] or [self.held[key].name or "w"])[0]
                how = "has no gradient" if lost else "leaves the parameter itself as it is"
                how = f"`{w} = {w} - ...` makes a tensor of its own, which {how}"
                cure = f"Change the parameter in place: `{w} -= ...` under `torch.no_grad()`"
                yield told("parameter-replaced", call.site, how=how, cure=cure)

    def _put_back(self) -> Iterator[Finding]:
        """Find what a loss depends on in place of something that an optimizer steps."""
        last = set(self.passes[-1].reached) if self.passes else set()
        lost = self.optimized - last
        olds = {self.held[key].name for key in lost & self.reached}
        news = self.reached - self.stepped
        for new in (held for key, held in self.held.items() if key in news):
            copied = lost & roots(upstream(new.origin)).keys()
            if copied or (new.first and new.name in olds):
                what = f"`{new.name}`" if new.name else "what the loss depends on"
                how = f"{what} is a new parameter, and the optimizer steps the old one"
                cure = "Change the parameter in place: `parameter.data.clamp_(...)` or "
                cure += "`parameter.data.copy_(...)`; or make the optimizer anew"
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
        # Where one has learned, they are several models on purpose, one after the other.
        if not any(end <= 0.5 * start for start, end in zip(*ends, strict=True)):
            first, last = map(fmean, ends)
            counts = {"models": len(lives), "passes": len(self.passes)}
            site = self.held[keys[-1]].site
            yield told("model-rebuilt", site, first=first, last=last, **counts)

    def _cut(self) -> Iterator[Finding]:
        """Find losses that do not depend on the parameters from which they were computed."""
        for each in self.passes:
            way = upstream(each.loss)
            used = roots(way).items()
            wanted = {key for key, part in used if key in self.held and part.requires_grad}
            lost = each.failed or not each.reached
            cut = wanted if lost else (wanted & self.optimized) - self.reached
            ends = [c for c in way if not c.needs and any(_carries(p, cut) for p in c.inputs())]
            exits = [c for c in each.calls if c.name in EXITS and not c.inplace]
            if not lost:
                exits = [c for c in exits if self.idle & roots(upstream(Made(c))).keys()]
            for end in [*(ends if cut else []), *exits[-1:]]:
                by = end.name.removesuffix(".__get__").strip("_") if end.recording else ""
                by, counts = f"`{by or 'torch.no_grad()'}`", len(self.held)
                gone = cut or (self.held if lost else self.idle & roots(upstream(Made(end))).keys())
                yield told("graph-cut", end.site, by=by, cut=len(gone), parameters=counts)
            if each.failed and not wanted:
                frozen = [key for key, h in self.held.items() if not h.tensor.requires_grad]
                yield self.frozen(frozen, "`backward()` fails")

    def _zeroed_before_step(self) -> Iterator[Finding]:
        seen = [p for p in self.passes if any_grad(p.after.get(key) for key in p.stepped)]
        moved = not self.watch.steps and any(map(self._moved, self.stepped))
        if len(seen) > 1 and all(each.empty == each.stepped for each in seen) and not moved:
            yield told("gradients-zeroed-before-step", seen[-1].step, steps=len(seen))

    def _no_step(self) -> Iterator[Finding]:
        moved = self.watch.count or self.stepped or any(map(self._moved, self.reached))
        same = {tuple(each.reached) for each in self.passes}
        grads = any(any_grad(each.after.values()) for each in self.passes)
        if len(self.passes) > 2 and len(same) == 1 and not moved and grads:
            yield told("no-step", self.passes[0].site, passes=len(self.passes))

    def _not_zeroed(self) -> Iterator[Finding]:
        seen = []  # whether a gradient of the step before was still there
        for one, two in pairwise(self.passes):
            both = one.after.keys() & one.stepped & two.stepped
            if two.close and both:
                left = (g for key in both if _same(g := one.after[key], two.before.get(key)))
                seen.append(any_grad(left))
        if sum(seen) > 1 and 2 * sum(seen) >= len(seen):
            counts = {"times": sum(seen), "steps": len(seen)}
            yield told("gradients-not-zeroed", self.passes[0].site, **counts)

    def rate(self) -> float:
        """Return the rate of steps by hand, if they are a rate times the gradient, or 0."""
        for one, two in pairwise(self.passes if not self.watch.steps else []):
            pairs = zip(one.reached, two.reached, strict=False)
            ends = [(one.values.get(a), two.values.get(b), one.after.get(a)) for a, b in pairs]
            known = [[part for part in end if part is not None] for end in ends]
            if known and all(len(parts) == 3 for parts in known):
                columns = zip(*known, strict=True)
                old, new, slope = (parameters_to_vector(part).double() for part in columns)
                along, size = float((old - new) @ slope), float((old - new).norm() * slope.norm())
                if 0 < size < float("inf") and abs(along) > 0.99 * size:
                    return along / float(slope @ slope)
        return 0.0

    def divides(self) -> bool:
        """Return whether steps by hand divide the gradient, as by the size of a batch."""
        calls = [call for each in self.passes for call in each.calls if call.name == "div"]
        calls = [call for call in calls if call.args[1:] != (1,)]
        return any(c.name == "grad.__get__" for call in calls for c in upstream(Made(call)))


def _carries(part: Any, cut: set[int]) -> bool:
    return part.call.needs if isinstance(part, Made) else id(part) in cut


def _near(new: Held, old: Held) -> bool:
    """Return whether one parameter goes on from another, as far as values can say it."""
    if new.start is None or new.start.shape != old.tensor.shape:
        return False
    last = old.tensor.detach()
    return float(torch.dist(new.start, last)) <= 0.5 * float(last.norm())


def _same(one: Tensor | None, two: Tensor | None) -> bool:
    return one is not None and two is not None and torch.equal(one, two)
