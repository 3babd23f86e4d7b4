"""Watches a loop: when a loss is differentiated, when an optimizer steps, and until when."""

import sys
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch._C import _functorch
from torch.optim import Optimizer, optimizer
from torch.overrides import _get_current_function_mode_stack

from tellwhy.training.recorder import Recorder, plain
from tellwhy.training.sites import Site, here
from tellwhy.training.tape import Call, Pass, roots, upstream

STEPS = 200  # are watched call by call
CLOSE = {*range(12), 16, 24, 36, 54, 81, 121, 181}  # passes that are looked at closely
LATER = {round(STEPS * 1.2**k) for k in range(1, 100)}  # steps that are watched again, one by one


class Step(NamedTuple):
    """A step of an optimizer."""

    optimizer: Optimizer
    number: int  # of this step among all
    rates: tuple[float, ...]  # of its groups
    site: Site | None


class Watch(Recorder):
    """Sees what a loop does.

    Attributes:
        steps: the steps of optimizers that were looked at.
        count: of all steps of optimizers.
        later: of the losses by hand after the mode was taken off.
    """

    def __init__(self) -> None:
        """Prepare; nothing is registered yet."""
        super().__init__()
        self.steps: list[Step] = []
        self.count = self.later = 0
        self._on = False
        self._hooks: list[Any] = []
        self._data: dict[int, Tensor] = {}

    def start(self) -> None:
        """Begin to watch."""
        self._hooks = [
            optimizer.register_optimizer_step_pre_hook(self._before_step),
            optimizer.register_optimizer_step_post_hook(self._after_step),
        ]
        self._switch(on=True)

    def stop(self) -> None:
        """End, and remove all that was registered."""
        self._switch(on=False)
        if sys.getprofile() == self._leave:
            sys.setprofile(None)
        for hook in self._hooks:
            hook.remove()

    def _switch(self, *, on: bool) -> None:
        """Take the mode on or off; beneath another mode it stays, asleep, until that one ends."""
        if on and not self._on:
            self.forget()
            self._on, self.asleep = True, self.trouble is not None
            self.__enter__()  # type: ignore[no-untyped-call]
        elif not on and self._on:
            self.asleep = True
            stack = _get_current_function_mode_stack()  # type: ignore[no-untyped-call]
            if stack and stack[-1] is self:
                self.__exit__(None, None, None)
                self._on = False

    def differentiate(self, func: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """Compute gradients, and keep the loss and them."""
        losses = args[0] if args else next(iter(kwargs.values()))
        loss = losses[0] if isinstance(losses, list | tuple) else losses
        by_name = func is torch.autograd.grad
        inputs = args[1] if len(args) > 1 and by_name else kwargs.get("inputs")
        inputs = (inputs,) if isinstance(inputs, Tensor) else inputs or ()
        functional = any(map(_functorch.is_gradtrackingtensor, inputs))
        if by_name and kwargs.get("create_graph") and not functional:
            return func(*args, **kwargs)  # a part of a loss, as a penalty on gradients is
        current = self.guard(self._begin, loss, inputs, functional)
        try:
            result = func(*args, **kwargs)
        except Exception:
            if current:
                current.failed = True
            raise
        self.guard(self._end, current, dict(zip(inputs, result, strict=True)) if by_name else None)
        return result

    def _begin(self, loss: Tensor, inputs: Iterable[Tensor], functional: bool) -> Pass:
        made, number = self.made(loss), len(self.passes)
        reached = [plain(part) for part in inputs] if functional else _leaves(loss)
        for parameter in reached:
            self.hold(parameter)
        close = number in CLOSE
        calls = self.calls if close else upstream(made)
        calls = calls if self._fits(calls) else []
        value, at = plain(loss).detach().clone().sum(), self.count if self.steps else number
        keys = [id(parameter) for parameter in reached]
        current = Pass(number, at, here(), made, value, calls, keys, functional, close)
        if close:
            copies = {id(part): self.copy(part) for part in reached}
            current.values = {key: copy for key, copy in copies.items() if copy is not None}
            current.before = {id(part): self.copy(part.grad) for part in reached if part.is_leaf}
        self.passes.append(current)
        return current

    def _fits(self, calls: list[Call]) -> bool:
        """Take room for the data of some calls, and return whether there is enough."""
        new = {k: part for k, part in roots(calls).items() if k not in self.held}
        room = all(self.take("data", new[key]) for key in new.keys() - self._data.keys())
        self._data |= new if room else {}
        return room

    def _end(self, current: Pass, grads: dict[Tensor, Tensor | None] | None) -> None:
        if current.close:
            pairs = {key: self.held[key].tensor.grad for key in current.reached}
            if grads is not None:
                pairs = {id(plain(p)): g if g is None else plain(g) for p, g in grads.items()}
            current.after = {key: self.copy(grad) for key, grad in pairs.items()}
        number = len(self.passes)
        self.close = number in CLOSE or number - 1 in CLOSE
        self.forget()
        if number >= (2 * STEPS if self.steps else STEPS) and self._on:
            self._leave_soon(current)

    def _leave_soon(self, current: Pass) -> None:
        """Take the mode off at the next call in Python.

        While the mode has PyTorch's call in hand it is not on the stack of modes, and would be put
        back there. So a function that Python calls at each call does it, once, and is gone.
        """
        self.asleep = True
        if sys.getprofile() is None:
            sys.setprofile(self._leave)
        first = self.held[current.reached[0]].tensor if current.reached else None
        if first is not None and first.is_leaf and first.requires_grad:
            hook: Any = first.register_post_accumulate_grad_hook
            self._hooks.append(hook(self._one_more))

    def _leave(self, frame: FrameType, event: str, details: Any) -> None:
        self._switch(on=False)
        if not self._on:
            sys.setprofile(None)

    def _one_more(self, parameter: Tensor) -> None:
        self.later += not self._on

    def _before_step(self, optimizer: Optimizer, args: Any, kwargs: Any) -> None:
        if self._on and not self.asleep:
            self.guard(self._keep_step, optimizer)
            if len(args) < 2 and not kwargs:  # else there is a closure, and that is watched
                self._switch(on=False)

    def _keep_step(self, optimizer: Optimizer) -> None:
        parameters = [part for group in optimizer.param_groups for part in group["params"]]
        for parameter in parameters:
            self.hold(parameter)
            if self.passes:
                self.note_step(parameter)
        rates = tuple(float(group.get("lr", 0)) for group in optimizer.param_groups)
        self.steps.append(Step(optimizer, self.count, rates, here()))

    def _after_step(self, optimizer: Optimizer, args: Any, kwargs: Any) -> None:
        self.count += 1
        first = self.count < STEPS and len(self.passes) < 2 * STEPS
        self._switch(on=first or self.count in LATER)


def _leaves(loss: Tensor) -> list[Tensor]:
    """Return the leaves of a loss's graph: to these, backward gives a gradient."""
    found: list[Tensor] = []
    waiting: list[Any] = [loss.grad_fn]
    known: set[Any] = {None}
    while waiting:
        node = waiting.pop()
        if node not in known:
            known.add(node)
            if type(node).__name__ == "AccumulateGrad":
                found.append(node.variable)
            waiting += [before for before, _ in node.next_functions]
    return found
