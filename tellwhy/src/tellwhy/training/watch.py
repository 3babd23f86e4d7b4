"""Watches a loop call by call, and changes nothing: what is computed, differentiated, stepped."""

import sys
from collections.abc import Callable, Iterable
from functools import cache
from types import FrameType
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch._C import _functorch
from torch.optim import Optimizer, optimizer
from torch.overrides import _get_current_function_mode_stack

from tellwhy.training.recorder import Recorder, plain
from tellwhy.training.sites import Site, here
from tellwhy.training.tape import Pass, upstream

STEPS = 200  # are watched call by call
CLOSE = {*range(12), 16, 24, 36, 54, 81, 121, 181}  # passes that are looked at closely
LATER = {round(STEPS * 1.2**k) for k in range(1, 100)}  # steps that are watched again, one by one
# The attributes of tensors that are looked at; the others do not say where numbers come from.
ATTRIBUTES = {"grad.__get__", "data.__get__", "data.__set__", "T.__get__", "mT.__get__"}


class Step(NamedTuple):
    """A step of an optimizer."""

    number: int  # of this step among all
    rates: tuple[float, ...]  # of its groups
    site: Site | None


class Watch(Recorder):
    """Notes calls that have to do with a parameter, losses that are differentiated, and steps.

    Attributes:
        trouble: the error that ended the watching, if there was one.
        steps: of each optimizer, those that were looked at; count: of all steps.
        later: of the losses by hand after the mode was taken off.
    """

    def __init__(self) -> None:
        """Begin to watch."""
        super().__init__()
        self.trouble: Exception | None = None
        self.steps: dict[Optimizer, list[Step]] = {}
        self.count = self.later = 0
        self._on = self._asleep = False
        self._close = True  # whether updates and what is computed without gradients are noted, too
        self._hooks: list[Any] = [
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
            self.calls = []  # of what is computed from now on, nothing comes from before
            self._notes.clear()
            self._on, self._asleep = True, self.trouble is not None
            self.__enter__()  # type: ignore[no-untyped-call]
        elif not on and self._on:
            self._asleep = True
            stack = _get_current_function_mode_stack()  # type: ignore[no-untyped-call]
            if stack and stack[-1] is self:
                self.__exit__(None, None, None)
                self._on = False

    def _differentiate(self, func: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """Compute gradients, and keep the loss and them."""
        losses = args[0] if args else next(iter(kwargs.values()))
        loss = losses[0] if isinstance(losses, list | tuple) else losses
        by_name = func is torch.autograd.grad
        inputs = args[1] if len(args) > 1 and by_name else kwargs.get("inputs")
        inputs = (inputs,) if isinstance(inputs, Tensor) else inputs or ()
        functional = any(map(_functorch.is_gradtrackingtensor, inputs))
        if by_name and kwargs.get("create_graph") and not functional:
            return func(*args, **kwargs)  # a part of a loss, as a penalty on gradients is
        current = self._guard(self._begin, loss, inputs, functional)
        try:
            result = func(*args, **kwargs)
        except Exception:
            if current:
                current.failed = True
            raise
        self._guard(self._end, current, dict(zip(inputs, result, strict=True)) if by_name else None)
        return result

    def _begin(self, loss: Tensor, inputs: Iterable[Tensor], functional: bool) -> Pass:
        made, number = self._made(loss), len(self.passes)
        reached = [plain(part) for part in inputs] if functional else _leaves(loss)
        for parameter in reached:
            self._hold(parameter)
        close = number in CLOSE
        calls = self.calls if close else upstream(made)
        calls = calls if self._fits(calls) else []
        value, at = plain(loss).detach().clone().sum(), self.count if self.steps else number
        keys = [id(parameter) for parameter in reached]
        current = Pass(number, at, here(), made, value, calls, keys, functional, close)
        if close:
            copies = {id(part): self._copy(part) for part in reached}
            current.values = {key: copy for key, copy in copies.items() if copy is not None}
            current.before = {id(part): self._copy(part.grad) for part in reached if part.is_leaf}
        self.passes.append(current)
        return current

    def _end(self, current: Pass, grads: dict[Tensor, Tensor | None] | None) -> None:
        if current.close:
            pairs = {key: self.held[key].tensor.grad for key in current.reached}
            if grads is not None:
                pairs = {id(plain(p)): g if g is None else plain(g) for p, g in grads.items()}
            current.after = {key: self._copy(grad) for key, grad in pairs.items()}
        number = len(self.passes)
        self._close = number in CLOSE or number - 1 in CLOSE
        self.calls = []
        self._notes.clear()
        if number >= (2 * STEPS if self.steps else STEPS) and self._on:
            self._leave_soon(current)

    def _leave_soon(self, current: Pass) -> None:
        """Take the mode off at the next call in Python.

        While the mode has PyTorch's call in hand it is not on the stack of modes, and would be put
        back there. So a function that Python calls at each call does it, once, and is gone.
        """
        self._asleep = True
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
        if self._on and not self._asleep:
            self._guard(self._keep_step, optimizer)
            if len(args) < 2 and not kwargs:  # else there is a closure, and that is watched
                self._switch(on=False)

    def _keep_step(self, optimizer: Optimizer) -> None:
        parameters = [part for group in optimizer.param_groups for part in group["params"]]
        for parameter in parameters:
            self._hold(parameter)
            if self.passes:
                self._note_step(parameter)
        rates = tuple(float(group.get("lr", 0)) for group in optimizer.param_groups)
        self.steps.setdefault(optimizer, []).append(Step(self.count, rates, here()))

    def _after_step(self, optimizer: Optimizer, args: Any, kwargs: Any) -> None:
        self.count += 1
        first = self.count < STEPS and len(self.passes) < 2 * STEPS
        self._switch(on=first or self.count in LATER)

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        """Call a function of PyTorch, and note the call."""
        kwargs = kwargs or {}
        if self._asleep:
            return func(*args, **kwargs)
        name = _named(func)
        if name in ("backward", "grad"):
            return self._differentiate(func, args, kwargs)
        result = func(*args, **kwargs)
        if name != "-" and (self._close or (torch.is_grad_enabled() and name not in ATTRIBUTES)):
            self._guard(self._record, func, name, args, kwargs, result)
        return result

    def _guard(self, note: Callable[..., Any], *details: Any) -> Any:
        """Note something; an error in it ends the watching, and must not disturb the loop."""
        try:
            return note(*details)
        except Exception as error:
            self.trouble, self._asleep = error, True


@cache
def _named(func: Any) -> str:
    """Return the name of a function of PyTorch, "-" for an attribute that is not looked at."""
    name = str(getattr(func, "__name__", "-"))
    if name in ("__get__", "__set__"):
        name = f"{func.__self__.__name__}.{name}"
        return name if name in ATTRIBUTES else "-"
    return name


def _leaves(loss: Tensor) -> list[Tensor]:
    """Return the leaves of a loss's graph: to these, backward gives a gradient."""
    nodes: list[Any] = [loss.grad_fn]
    known: dict[Any, None] = {}  # in their order
    for node in nodes:
        if node is not None and node not in known:
            known[node] = None
            nodes += [before for before, _ in node.next_functions]
    return [node.variable for node in known if type(node).__name__ == "AccumulateGrad"]
