"""A mode that sees every call of PyTorch and notes those that have to do with a parameter."""

import sys
import weakref
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from tellwhy.training.seen import Held, Pass
from tellwhy.training.sites import here, name_of
from tellwhy.training.tape import Call, Made, handle_of, plain

ROOM = 64 << 20  # bytes of data, and as many again of parameters and their gradients
CALLS = 20_000  # between two losses; of a longer way to a loss nothing is kept
# The attributes of tensors that are looked at; the others tell nothing of where numbers come from.
ATTRIBUTES = {"grad.__get__", "data.__get__", "data.__set__", "T.__get__", "mT.__get__"}


class Recorder(TorchFunctionMode):
    """Notes calls, and changes nothing.

    Attributes:
        held: the parameters, by identity.
        passes: the losses that were differentiated.
        calls: what was called since the last of them.
        none: what was asked for its gradient and had none.
        trouble: the error that ended the watching, if there was one.
        close: whether updates are noted as well, and all that is computed without gradients.
    """

    def __init__(self) -> None:
        """Prepare; nothing is registered yet."""
        super().__init__()
        self.held: dict[int, Held] = {}
        self.passes: list[Pass] = []
        self.calls: list[Call] = []
        self.none: Any = None
        self.trouble: Exception | None = None
        self.room = {"data": ROOM, "parameters": ROOM}
        self.notes: dict[int, tuple[weakref.ref[Tensor], Made]] = {}
        self.asleep = False
        self.close = True
        self._names: dict[Any, str] = {}
        self._number = 0
        self._tracked = False

    def differentiate(self, func: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """Compute gradients, for a loss."""
        raise NotImplementedError

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        """Call a function of PyTorch, and note the call."""
        kwargs = kwargs or {}
        if self.asleep:
            return func(*args, **kwargs)
        name = self._names.get(func) or self._named(func)
        if name in ("backward", "grad"):
            return self.differentiate(func, args, kwargs)
        result = func(*args, **kwargs)
        if name != "-" and (self.close or torch.is_grad_enabled() and name not in ATTRIBUTES):
            self.guard(self._record, func, name, args, kwargs, result)
        return result

    def _named(self, func: Callable[..., Any]) -> str:
        name = str(getattr(func, "__name__", "-"))
        if name in ("__get__", "__set__"):
            name = f"{func.__self__.__name__}.{name}"  # type: ignore[attr-defined]
            name = name if name in ATTRIBUTES else "-"
        self._names[func] = name
        return name

    def guard(self, note: Callable[..., Any], *details: Any) -> Any:
        """Note something; an error in it ends the watching, and must not disturb the loop."""
        try:
            return note(*details)
        except Exception as error:
            self.trouble, self.asleep = error, True

    def _record(self, func: Any, name: str, args: Any, kwargs: Any, result: Any) -> None:
        self._tracked = False
        seen = self._seen(args)
        words = dict(zip(kwargs, self._seen(kwargs.values()), strict=True)) if kwargs else kwargs
        if not self._tracked or len(self.calls) >= CALLS:
            return
        call = Call(func, name, seen, words, here(), self._number, torch.is_grad_enabled())
        call.inplace = bool(args) and (result is args[0] or name == "__setitem__")
        self._number += 1
        self.calls.append(call)
        if name == "grad.__get__" and result is None:
            self.none = seen[0]
        if call.inplace or name == "data.__set__":
            target = handle_of(seen[0])
            if not isinstance(target, Tensor):
                self._note(args[0], call, None)
            elif self.passes and id(target) in self.held:
                self.passes[-1].changed.add(id(target))
        elif isinstance(result, Tensor):
            self._note(result, call, None)
        elif isinstance(result, list | tuple):
            for index, part in enumerate(result):
                if isinstance(part, Tensor):
                    self._note(part, call, index)

    def _note(self, result: Tensor, call: Call, index: int | None) -> None:
        call.shape, call.needs = tuple(result.shape), call.needs or result.requires_grad
        self.notes[id(result)] = (weakref.ref(result), Made(call, index))

    def _seen(self, parts: Iterable[Any]) -> tuple[Any, ...]:
        seen: list[Any] = []
        for part in parts:
            if isinstance(part, Tensor):
                seen.append(self._part(part))
            elif type(part) in (list, tuple):
                seen.append(type(part)(self._seen(part)))
            else:
                seen.append(part)
        return tuple(seen)

    def _part(self, part: Tensor) -> Any:
        """Return what stands for a tensor in a record: the call that made it, or itself."""
        made = self.made(part)
        parameter = part.is_leaf and (part.requires_grad or isinstance(part, nn.Parameter))
        if made and not parameter:
            self._tracked = True
            return made
        part = plain(part)
        if parameter:
            self.hold(part, made)
        self._tracked = self._tracked or part.requires_grad or id(part) in self.held
        return part

    def made(self, tensor: Tensor) -> Made | None:
        """Return which call made a tensor, if one did that was noted."""
        note = self.notes.get(id(tensor))
        return note[1] if note and note[0]() is tensor else None

    def hold(self, tensor: Tensor, made: Made | None = None) -> None:
        """Keep a parameter, with its first values."""
        if id(tensor) not in self.held:
            name = name_of(tensor, sys._getframe()) if len(self.held) < 100 else ""
            origin = made.call if made else None
            self.held[id(tensor)] = Held(
                tensor, name, self.copy(tensor), len(self.passes), origin, here()
            )

    def copy(self, tensor: Tensor | None) -> Tensor | None:
        """Return a copy of a parameter or gradient, while there is room."""
        if tensor is None or not self.take("parameters", tensor):
            return None
        return tensor.detach().clone()

    def take(self, kind: str, tensor: Tensor) -> bool:
        """Take room for a tensor, and return whether there is enough."""
        self.room[kind] -= tensor.nbytes
        return self.room[kind] >= 0
