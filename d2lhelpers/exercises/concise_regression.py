"""The exercises of notebook 04."""

import copy
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from d2lhelpers.exercises.exercise import exercise, tenths
from d2lhelpers.exercises.run import Answer, Inputs
from d2lhelpers.exercises.show import show


def _linear(weight: Tensor, bias: Tensor | None) -> nn.Linear:
    """Return a layer with these values; no initial ones are drawn from the global stream."""
    outputs, inputs = weight.shape
    with torch.random.fork_rng(devices=[]):
        layer = nn.Linear(inputs, outputs, bias=bias is not None)
    layer.weight.data = weight
    if bias is not None:
        layer.bias.data = bias
    return layer


def _layer(inputs: int, outputs: int, bias: bool = True) -> nn.Linear:
    """Return a layer in which some numbers are 0 and others are not."""
    weight = torch.arange(inputs * outputs, dtype=torch.float32).reshape(outputs, inputs) % 3
    return _linear(weight, torch.zeros(outputs) if bias else None)


def _draw_net(g: torch.Generator) -> Inputs:
    a, b, c, without_bias = torch.randint(1, 9, (4,), generator=g).tolist()
    return (nn.Sequential(_layer(a, b), nn.ReLU(), _layer(b, c, bias=without_bias > 4)),)


def _own_parameter() -> nn.Module:
    net = nn.Module()
    net.scale = nn.Parameter(torch.ones(5))
    net.body = nn.Sequential(_layer(2, 3))
    return net


def _shared() -> nn.Module:
    layer = _layer(3, 3)
    return nn.Sequential(layer, nn.ReLU(), layer)


def _count_code(inputs: Inputs) -> str:
    (net,) = inputs
    if type(net) is nn.Module:
        return (
            f"net = nn.Module()\nnet.scale = nn.Parameter({show(net.scale.data)})\n"
            f"net.body = {show(net.body)}\ncount_parameters(net)"
        )
    if isinstance(net, nn.Sequential) and len(net) == 3 and net[0] is net[2]:
        return "layer = nn.Linear(3, 3)\ncount_parameters(nn.Sequential(layer, nn.ReLU(), layer))"
    return f"count_parameters({show(net)})"


@exercise(
    inputs=[(nn.Sequential(_layer(4, 3), _layer(3, 2)),), (_layer(3, 2),)],
    special={
        "a layer without bias": (_layer(2, 1, bias=False),),
        "a parameter of the net's own": (_own_parameter(),),
        "a frozen layer": (nn.Sequential(_layer(4, 3).requires_grad_(False), _layer(3, 1)),),
        "buffers, which are no parameters": (nn.Sequential(_layer(3, 2), nn.BatchNorm1d(2)),),
        "a layer that is used twice": (_shared(),),
        "a chain in a chain": (nn.Sequential(nn.Sequential(_layer(2, 4)), _layer(4, 1)),),
    },
    draw=_draw_net,
    hints=(
        "net.parameters() yields the tensors of all layers, one at a time.",
        "A tensor tells with numel() how many elements it has. Add these up over all parameters.",
    ),
    verified="any network: layers with and without bias, frozen, nested and used twice, buffers, "
    "own parameters",
    phrase=_count_code,
    ways=[
        "total = 0\nfor p in net.parameters():\n    total += p.numel()\nreturn total",
        "sum(p.numel() for module in net.modules() for p in module.parameters(recurse=False))",
    ],
    mistakes={
        "weights only": (
            "This counts the weights only. Biases are parameters too.",
            lambda net: sum(p.numel() for p in net.parameters() if p.ndim > 1),
        ),
        "rows": (
            "This counts the rows: len() of a tensor is the length of its first axis.",
            lambda net: sum(len(p) for p in net.parameters()),
        ),
        "lengths of the axes": (
            "This adds the lengths of the axes. A (2, 3) weight has 2 * 3 elements.",
            lambda net: sum(sum(p.shape) for p in net.parameters()),
        ),
        "values added": (
            "This adds up the values of the parameters. Count them: numel().",
            lambda net: sum(p.sum() for p in net.parameters()).item(),
        ),
        "zeros left out": (
            "This leaves out the parameters that happen to be 0. They count as well.",
            lambda net: sum(int(p.count_nonzero()) for p in net.parameters()),
        ),
        "with buffers": (
            "This counts buffers too, which are not trained. Take net.parameters() alone.",
            lambda net: sum(t.numel() for t in net.state_dict().values()),
        ),
    },
)
def count_parameters(net: nn.Module) -> int:
    """Return the number of elements in all parameters of a network."""
    return sum(parameter.numel() for parameter in net.parameters())


@exercise(
    inputs=[(0.1, 3), (0.03, 1), (0.5, 2), (0.0123, 5)],
    draw=lambda g: (
        int(torch.randint(1, 100, (), generator=g)) / 100,
        int(torch.randint(1, 10, (), generator=g)),
    ),
    hints=(
        "Two things differ: squared_loss has a half, and nn.MSELoss divides by the outputs too.",
        "How many times as large is the gradient of nn.MSELoss? Without the half twice, divided "
        "by q outputs 1/q. The rate must undo both.",
    ),
    verified="one output and several, at random learning rates",
    mistakes={
        "inverted": (
            "The factor is inverted. nn.MSELoss has 2/q times the gradient, so the rate is "
            "divided by 2/q.",
            lambda lr, num_outputs: lr * 2 / num_outputs,
        ),
        "outputs forgotten": (
            "This is right for one output. With q outputs, nn.MSELoss divides by q as well.",
            lambda lr, num_outputs: lr / 2,
        ),
        "half forgotten": (
            "The half of squared_loss is missing: it halves the gradient.",
            lambda lr, num_outputs: lr * num_outputs,
        ),
        "outputs below": (
            "The 2 is right, the number of outputs is on the wrong side: nn.MSELoss divides its "
            "gradient by q, so the rate is multiplied by q.",
            lambda lr, num_outputs: lr / (2 * num_outputs),
        ),
        "half above": (
            "The number of outputs is right, the 2 is on the wrong side: without the half the "
            "gradient is twice as large, so the rate is halved.",
            lambda lr, num_outputs: lr * 2 * num_outputs,
        ),
    },
)
def equivalent_lr(lr: float, num_outputs: int) -> float:
    """Return the rate at which `nn.MSELoss` takes the steps of `squared_loss` at rate lr.

    `squared_loss` is summed over the outputs and averaged over the batch.
    """
    return lr * num_outputs / 2


def _evaluated(answer: Answer, inputs: Inputs) -> dict[str, Any]:
    """Return the mean, and the traces that an evaluation should not leave."""
    net, loader, loss_fn = inputs
    for parameter in net.parameters():
        parameter.grad = torch.ones_like(parameter)
    before, recorded, modes = copy.deepcopy(net.state_dict()), [], []

    def record(net: nn.Module, inputs: Any, y_hat: Tensor) -> None:
        recorded.append(y_hat.requires_grad)
        modes.append(net.training)

    net.register_forward_hook(record)
    mean = answer(net, loader, loss_fn)
    parameters, modules = list(net.parameters()), list(net.modules())
    return {
        "mean": mean.detach() if isinstance(mean, Tensor) else mean,
        "graph recorded": any(recorded) or bool(getattr(mean, "requires_grad", False)),
        "in training mode meanwhile": any(modes),
        "training afterwards": tuple(float(module.training) for module in modules),
        "parameters frozen": not all(parameter.requires_grad for parameter in parameters),
        "parameters changed": any(not t.equal(before[n]) for n, t in net.state_dict().items()),
        "gradients changed": not all(
            parameter.grad is not None and bool((parameter.grad == 1).all())
            for parameter in parameters
        ),
        "gradients still recorded afterwards": torch.is_grad_enabled(),
    }


def _evaluate_code(inputs: Inputs) -> str:
    net, loader, loss_fn = inputs
    layer, name = (net[0], "net[0]") if isinstance(net, nn.Sequential) else (net, "net")
    lines = [
        f"net = {show(net)}{'' if net.training else '.eval()'}",
        f"{name}.weight.data = {show(layer.weight.data)}",
        f"{name}.bias.data = {show(layer.bias.data)}",
    ]
    served = show(loader)
    if isinstance(loader, DataLoader):
        X, y = loader.dataset.tensors  # type: ignore[attr-defined]
        more = ", drop_last=True" if loader.drop_last else ""
        served = f"DataLoader(TensorDataset({show(X)}, {show(y)}), {loader.batch_size}{more})"
    return "\n".join([*lines, f"loader = {served}", f"evaluate(net, loader, {show(loss_fn)})"])


def _draw_evaluation(g: torch.Generator) -> Inputs:
    n, batch_size, training = torch.randint(2, 6, (3,), generator=g).tolist()
    net = _linear(tenths(g, 1, 2), tenths(g, 1)).train(training > 3)
    data = TensorDataset(tenths(g, n, 2), tenths(g, n, 1))
    return net, DataLoader(data, batch_size), nn.MSELoss()


def _identity() -> nn.Linear:
    return _linear(torch.ones(1, 1), torch.zeros(1))


_COLUMN = torch.tensor([[1.0], [2.0], [3.0]])
_DATA = TensorDataset(_COLUMN, 0 * _COLUMN)
_TRACES = {
    "graph recorded": "A graph was recorded, for a gradient that nobody needs. Predict inside "
    "`torch.no_grad()`.",
    "in training mode meanwhile": "The net was in training mode while it predicted, where layers "
    "such as dropout act at random. Call `net.eval()` first.",
    "training afterwards": "The mode of the net, or of a layer in it, is not as before. Remember "
    "`before = net.training`, and put it back with `net.train(before)`.",
    "parameters frozen": "The parameters are frozen now: `requires_grad` is False, and they "
    "would no longer learn. Use `torch.no_grad()` instead.",
    "parameters changed": "The parameters were changed. Evaluating does not train.",
    "gradients changed": "The gradients of the parameters were changed. Evaluating calls "
    "neither `backward()` nor `zero_grad()`.",
    "gradients still recorded afterwards": "Gradients are switched off for good now. "
    "`with torch.no_grad():` ends by itself.",
}


def _mean(weigh: Any, divide: Any) -> Answer:
    """Make an evaluation: of the losses and sizes of the batches, what is added and divided by."""

    def evaluation(net: nn.Module, loader: Any, loss_fn: Answer) -> Any:
        before = net.training
        net.eval()
        with torch.no_grad():
            batches = [(loss_fn(net(X), y), len(y)) for X, y in loader]
        net.train(before)
        return sum(weigh(*batch) for batch in batches) / divide(batches, loader)

    return evaluation


@exercise(
    inputs=[
        (_identity(), DataLoader(_DATA, 2), nn.MSELoss()),
        (_identity().eval(), DataLoader(_DATA, 1), nn.L1Loss()),
    ],
    special={
        "dropout": (  # p=1 drops every output, so that chance does not decide
            nn.Sequential(_identity(), nn.Dropout(1.0)),
            DataLoader(TensorDataset(_COLUMN, 4 * _COLUMN), 2),
            nn.MSELoss(),
        ),
        "a loader that leaves out the last batch": (
            _identity(),
            DataLoader(_DATA, 2, drop_last=True),
            nn.MSELoss(),
        ),
        "a plain list of batches": (
            _identity(),
            [(_COLUMN, 0 * _COLUMN), (_COLUMN[:1], _COLUMN[1:2])],
            nn.MSELoss(),
        ),
        "a loss that is not symmetric": (
            _identity(),
            DataLoader(TensorDataset(_COLUMN, 4 * _COLUMN), 2),
            nn.PoissonNLLLoss(),
        ),
    },
    draw=_draw_evaluation,
    hints=(
        "The last batch may be smaller, so its mean counts less. How do you get the sum over a "
        "batch from its mean?",
        "Remember net.training, and call net.eval(). Inside torch.no_grad(), add up "
        "loss_fn(net(X), y) * len(y), and count the examples. Put the mode back with "
        "net.train(before), and divide at the end.",
    ),
    verified="even and uneven batches, any loader, three losses, dropout off, no graph, and the "
    "net as before",
    observe=_evaluated,
    phrase=_evaluate_code,
    says=_TRACES,
    mistakes={
        "mean of the means": (
            "This is the mean of the batches' means: a smaller last batch counts as much as a "
            "full one. Weight each batch by its number of examples.",
            _mean(lambda loss, n: loss, lambda batches, loader: len(batches)),
        ),
        "means not weighted": (
            "The means of the batches are added as if they were sums. Multiply each by its "
            "number of examples first.",
            _mean(lambda loss, n: loss, lambda batches, loader: sum(n for _, n in batches)),
        ),
        "divided by the batches": (
            "The sum over all examples is divided by the number of batches. Divide it by the "
            "number of examples.",
            _mean(lambda loss, n: loss * n, lambda batches, loader: len(batches)),
        ),
        "sum": (
            "This is the sum over all examples. Divide by their number.",
            _mean(lambda loss, n: loss * n, lambda batches, loader: 1),
        ),
        "means added": (
            "These are the batches' means, added up. Weight each by its number of examples, and "
            "divide by the number of all.",
            _mean(lambda loss, n: loss, lambda batches, loader: 1),
        ),
    },
)
def evaluate(net: nn.Module, loader: Any, loss_fn: Answer) -> float:
    """Return the mean loss over all examples, with the net in eval mode meanwhile.

    loss_fn returns the mean over a batch.
    """
    before = net.training
    net.eval()
    total, num_examples = 0.0, 0
    with torch.no_grad():
        for X, y in loader:
            total += loss_fn(net(X), y).item() * len(y)
            num_examples += len(y)
    net.train(before)
    return total / num_examples


__all__ = ["count_parameters", "equivalent_lr", "evaluate"]
