"""The exercises of notebook 04."""

import math
import random
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import torch
from tellwhy.answers.run import Answer, Inputs
from tellwhy.show import show
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from d2lhelpers.exercises.drawing import tenths
from tellwhy import exercise


def _made(make: Callable[[], nn.Module], factor: int = 1) -> nn.Module:
    """Make a net of whole numbers; none is drawn from the global stream."""
    with torch.random.fork_rng(devices=[]):
        net = make()
    for value in net.state_dict().values():
        value.copy_(factor * (1 + torch.arange(value.numel()).reshape(value.shape)))
    return net


def _tied(bias: bool) -> nn.Module:
    """Make two layers, the second of which shares the weight of the first."""
    first, second = nn.Linear(2, 2, bias=bias), nn.Linear(2, 2, bias=bias)
    second.weight = first.weight
    return nn.Sequential(first, second)


def _draw_net(rng: random.Random) -> Inputs:
    a, b, c, bias = (rng.randint(1, 8) for _ in range(4))
    last = nn.Conv1d(b, c, a) if bias == 8 else nn.Linear(b, c, bias=bias > 4)
    return (_made(lambda: nn.Sequential(nn.Linear(a, b), last)),)


_ATTENTION = _made(lambda: nn.MultiheadAttention(2, 1))
_IN_CHAIN = _made(lambda: nn.Sequential(nn.MultiheadAttention(3, 1)))
_TWICE = _made(lambda: nn.Sequential(*2 * [nn.Linear(3, 3)]))
_RECURRENT = _made(lambda: nn.Sequential(nn.GRU(1, 2)))
_TIED, _TIED_ALONE = (_made(partial(_tied, bias)) for bias in (True, False))
_CODE = {
    _ATTENTION: "nn.MultiheadAttention(2, 1)",
    _IN_CHAIN: "nn.Sequential(nn.MultiheadAttention(3, 1))",
    _TWICE: "nn.Sequential(*2 * [nn.Linear(3, 3)])",
    _RECURRENT: "nn.Sequential(nn.GRU(1, 2))",
}


def _count_code(inputs: Inputs) -> str:
    net = inputs[0]
    code, call = _CODE.get(net) or show(net), "count_parameters"
    held = "0" if next(net.parameters()).flatten()[0] == 0 else "1, 2, 3, ..."
    said = f"  # each of its parameters holds {held}"
    if net in {_TIED, _TIED_ALONE}:
        return f"net = {code}\nnet[1].weight = net[0].weight\n{call}(net){said}"
    return f"{call}({code}){said}"


def _linear(layers: Iterable[nn.Module]) -> int:
    linear = (layer for layer in layers if isinstance(layer, nn.Linear))
    return sum(p.numel() for layer in linear for p in layer.parameters())


def _both(layer: Any) -> Any:
    return layer.weight.numel() + layer.bias.numel()


def _of_leaves(net: nn.Module) -> int:
    """Count all parameters of the layers that hold no others."""
    if layers := [*net.children()]:
        return sum(map(_of_leaves, layers))
    return sum(parameter.numel() for parameter in net.parameters())


_NAMED = (
    "This counts what is called `weight` or `bias`. Parameters can have other names: "
    "`net.parameters()` gives all."
)
_EACH = (
    "This takes each layer's `weight` and `bias`. Not every layer has them, and not every network "
    "is a chain of layers: `net.parameters()` gives the parameters of any network."
)


@exercise(
    inputs=[(_made(lambda: nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))),)],
    special={
        "a layer alone, not in a chain": (_made(lambda: nn.Linear(3, 2)),),
        "a layer without bias": (_made(lambda: nn.Sequential(nn.Linear(2, 1, bias=False))),),
        "parameters that are 0": (_made(lambda: nn.Sequential(nn.Linear(2, 1)), factor=0),),
        "a frozen layer": (_made(lambda: nn.Sequential(nn.Linear(2, 1).requires_grad_(False))),),
        "a parameter that the net holds beside its layers": (_ATTENTION,),
        "a layer in a chain that holds a parameter beside its own layers": (_IN_CHAIN,),
        "a layer whose parameters are not called `weight` or `bias`": (_RECURRENT,),
        "a layer of another kind, a convolution, with a weight of three dimensions": (
            _made(lambda: nn.Sequential(nn.Conv1d(2, 2, 3))),
        ),
        "a layer with buffers, which are not parameters": (
            _made(lambda: nn.Sequential(nn.BatchNorm1d(2))),
        ),
        "a layer that is used twice": (_TWICE,),
        "two layers that share one weight": (_TIED,),
        "two layers without bias that share one weight": (_TIED_ALONE,),
        "a chain in a chain": (_made(lambda: nn.Sequential(nn.Sequential(nn.Linear(2, 4)))),),
    },
    draw=_draw_net,
    hints=(
        "net.parameters() yields the tensors of all layers, one at a time.",
        "A tensor has numel() elements. Add these up over all parameters.",
    ),
    verified="networks of many kinds: layers with and without bias, frozen, nested and used "
    "twice, shared weights, buffers, own parameters",
    phrase=_count_code,
    ways=[
        "total = 0\nfor p in net.parameters():\n    total += p.numel()\nreturn total",
        "sum(len(p.flatten()) for p in net.parameters())",
    ],
    mistakes={
        "weights only": (
            "This counts the weights only. Biases are parameters too.",
            lambda net: sum(p.numel() for p in net.parameters() if p.ndim > 1),
        ),
        "weight and bias alone": (
            _NAMED,
            lambda net: sum(
                p.numel()
                for module in net.modules()
                for name, p in module.named_parameters(recurse=False)
                if name in {"weight", "bias"}
            ),
        ),
        "loop over the net": (
            "This loops over the net itself. Only a chain, such as `nn.Sequential`, can be looped "
            "over, and it may hold a layer twice: add up over `net.parameters()`.",
            lambda net: sum(p.numel() for layer in net for p in layer.parameters()),
        ),
        "innermost layers": (
            "This counts the parameters of layers that hold no others. One that holds others can "
            "have parameters of its own, too. You need not go down: `net.parameters()` does.",
            _of_leaves,
        ),
        "weight and bias of each": (
            _EACH,
            lambda net: sum(_both(layer) for layer in net),
        ),
        "weight and bias of each child": (
            _EACH,
            lambda net: sum(_both(layer) for layer in net.children()),
        ),
        "weight and bias of each child, if any": (
            _EACH,
            lambda net: sum(
                getattr(layer, name).numel()
                for layer in net.children()
                for name in ("weight", "bias")
                if getattr(layer, name, None) is not None
            ),
        ),
        "weight and bias of all with a weight": (
            _EACH,
            lambda net: sum(_both(one) for one in net.modules() if hasattr(one, "weight")),
        ),
        "once for each level": (
            "`modules()` goes through all levels of the net, and `parameters()` through all below: "
            "what lies deeper is counted several times. `net.parameters()` alone finds each once.",
            lambda net: sum(p.numel() for part in net.modules() for p in part.parameters()),
        ),
        "what each module holds itself": (
            "This adds up what each layer holds itself. Two layers can share a parameter, and then "
            "it is counted twice: `net.parameters()` gives each parameter once.",
            lambda net: sum(
                p.numel() for module in net.modules() for p in module.parameters(recurse=False)
            ),
        ),
        "linear layers of the net alone": (
            "This counts the `nn.Linear` layers that the net holds directly. Other layers, and "
            "those in a chain within it, have parameters, too: `net.parameters()` finds all.",
            lambda net: _linear(net.children()),
        ),
        "linear layers": (
            "This counts `nn.Linear` layers only. Other layers have parameters, too: "
            "`net.parameters()` finds all.",
            lambda net: _linear(net.modules()),
        ),
        "linear layers by a formula": (
            "This counts `nn.Linear` layers only, each with a bias. Other layers have "
            "parameters, too, and a layer with `bias=False` has no bias: add up numel() over "
            "`net.parameters()`.",
            lambda net: sum(
                (layer.in_features + 1) * layer.out_features
                for layer in net.modules()
                if isinstance(layer, nn.Linear)
            ),
        ),
        "matrices, each with a bias": (
            "This counts matrices only, each with a bias of one number for each row. A layer can "
            "have no bias, or a weight of another shape: add up numel() over `net.parameters()`.",
            lambda net: sum((p.shape[1] + 1) * len(p) for p in net.parameters() if p.ndim == 2),
        ),
        "state dict": (
            "`state_dict()` holds more than parameters: also numbers that are not trained, such "
            "as the running mean in `nn.BatchNorm1d`. And it counts a layer that stands at two "
            "places twice. Add up over `net.parameters()`.",
            lambda net: sum(value.numel() for value in net.state_dict().values()),
        ),
        "children": (
            "This counts only the parameters of layers inside the net. A net can hold some "
            "itself, as when it is a single `nn.Linear`: `net.parameters()` finds all.",
            lambda net: sum(p.numel() for child in net.children() for p in child.parameters()),
        ),
        "first two sizes": (
            "Only the first two sizes of each parameter are multiplied. A convolution has more: "
            "use numel().",
            lambda net: sum(math.prod(p.shape[:2]) for p in net.parameters()),
        ),
        "first size times last": (
            "The first size of each parameter is multiplied by its last. That squares the length "
            "of a bias, and leaves out the sizes between where there are three or more: use "
            "numel().",
            lambda net: sum(p.shape[0] * p.shape[-1] for p in net.parameters()),
        ),
        "values added": (
            "This adds up the values of the parameters. Count them: numel().",
            lambda net: sum(p.sum().item() for p in net.parameters()),
        ),
    },
)
def count_parameters(net: nn.Module) -> int:
    """Return the number of elements in all parameters of a network."""
    return sum(parameter.numel() for parameter in net.parameters())


@exercise(
    inputs=[(0.1, 3), (0.03, 1), (0.5, 2), (0.0123, 5)],
    draw=lambda rng: (rng.randint(1, 99) / 100, rng.randint(1, 9)),
    hints=(
        "Two things differ: squared_loss has a half, and nn.MSELoss divides by the outputs too.",
        "The gradient of nn.MSELoss is 2/q times as large. The rate must undo both.",
    ),
    verified="one output and several, at random learning rates",
    mistakes={
        "inverted": (
            "The factor is inverted: nn.MSELoss has 2/num_outputs times the gradient, so divide "
            "by that.",
            lambda lr, num_outputs: lr * 2 / num_outputs,
        ),
        "inverted, and without the half": (
            "Two slips. `squared_loss` has a half, and the factor is inverted: nn.MSELoss has "
            "2/num_outputs times the gradient, so divide by that.",
            lambda lr, num_outputs: lr / num_outputs,
        ),
        "without the outputs": (
            "Only the half of `squared_loss` is made up for. Over the outputs `squared_loss` is "
            "summed, and nn.MSELoss averages: that makes a factor of `num_outputs`.",
            lambda lr, num_outputs: lr / 2,
        ),
        "doubled, without the outputs": (
            "Two slips. The rate is doubled, and must be halved, for the half in `squared_loss`. "
            "And `num_outputs` is not used: nn.MSELoss divides by it.",
            lambda lr, num_outputs: 2 * lr,
        ),
        "doubled for each output": (
            "The rate is doubled for each further output. Multiply it by the number of outputs.",
            lambda lr, num_outputs: lr / 2 * 2 ** (num_outputs - 1),
        ),
        "half of each output": (
            "The rate is halved once for each output. Halve it only once, for the half in "
            "`squared_loss`; and make up for `nn.MSELoss` dividing by the number of outputs.",
            lambda lr, num_outputs: lr / 2**num_outputs,
        ),
    },
)
def equivalent_lr(lr: float, num_outputs: int) -> float:
    """Return the rate at which `nn.MSELoss` takes the steps of `squared_loss` at rate lr.

    `squared_loss` is summed over the outputs and averaged over the batch.
    """
    return lr * num_outputs / 2


def _evaluated(answer: Answer, net: nn.Module, loader: Any, loss_fn: Any) -> dict[str, Any]:
    """Return the mean, and the traces that an evaluation should not leave."""
    before, modes, graphs = [], [], []
    reduction = getattr(loss_fn, "reduction", None)
    for parameter in net.parameters():
        parameter.grad = torch.ones_like(parameter)
        before.append((parameter.detach().clone(), parameter.requires_grad))

    def record(net: nn.Module, inputs: Any, y_hat: Tensor) -> None:
        graphs.append(y_hat.requires_grad)
        modes.append(net.training)

    net.register_forward_hook(record)
    mean = answer(net, loader, loss_fn)
    if reduced := getattr(loss_fn, "reduction", None) != reduction:
        loss_fn.reduction = reduction  # a function is no copy
    pairs = [(now, *was) for now, was in zip(net.parameters(), before, strict=True)]
    return {
        "mean": mean.detach() if isinstance(mean, Tensor) else mean,
        "mean is a tensor": isinstance(mean, Tensor),
        "graph recorded": any(graphs) or bool(getattr(mean, "requires_grad", False)),
        "in training mode meanwhile": any(modes),
        "training afterwards": tuple(bool(module.training) for module in net.modules()),
        "parameters frozen": any(trained > now.requires_grad for now, _, trained in pairs),
        "parameters no longer frozen": any(
            trained < now.requires_grad for now, _, trained in pairs
        ),
        "parameters changed": not all(now.equal(old) for now, old, _ in pairs),
        "gradients changed": not all(
            now.grad is not None and now.grad.equal(torch.ones_like(old)) for now, old, _ in pairs
        ),
        "gradients recorded afterwards": torch.is_grad_enabled(),
        "loss changed": reduced,
    }


_TRACES = {
    "mean is a tensor": "A tensor is returned. Return a Python number: `.item()` makes one.",
    "graph recorded": "Autograd records a graph, for gradients that nobody needs. Predict "
    "inside `torch.no_grad()`.",
    "in training mode meanwhile": "The net predicted in training mode. Call `net.eval()` first.",
    "training afterwards": "The mode of the net, or of a layer in it, is not as before. Before you "
    "call `net.eval()`, remember `before = net.training`; put it back with `net.train(before)`.",
    "parameters frozen": "The parameters are frozen now. Use `torch.no_grad()` instead.",
    "parameters no longer frozen": "Parameters that were frozen before are no longer frozen "
    "afterwards. With "
    "`torch.no_grad()` no `requires_grad` has to be changed.",
    "parameters changed": "The parameters were changed. Evaluating does not train.",
    "gradients changed": "Gradients were changed: call neither `backward()` nor `zero_grad()`.",
    "gradients recorded afterwards": "Gradients are off for good. `with torch.no_grad():` ends.",
    "loss changed": "`loss_fn.reduction` stays changed, and the caller still needs `loss_fn`. "
    "Leave it as it is.",
}


def _mean_square(y_hat: Tensor, y: Tensor) -> Tensor:
    """Return a loss as a plain function, which has no `reduction`."""
    return ((y_hat - y) ** 2).mean()


def _evaluate_code(inputs: Inputs) -> str:
    net, loader, loss_fn = inputs
    lines = [f"net = {show(net)}{'' if net.training else '.eval()'}"]
    for name, parameter in net.named_parameters():
        lines.append(f"net.get_parameter('{name}').data = {show(parameter.data)}")
        lines += (
            []
            if parameter.requires_grad
            else [f"net.get_parameter('{name}').requires_grad_(False)"]
        )
    code = show(loader)
    if isinstance(loader, DataLoader):
        data: Any = loader.dataset
        more = ", drop_last=True" if loader.drop_last else ""
        code = f"DataLoader(TensorDataset{show(data.tensors)}, {loader.batch_size}{more})"
    plain = "lambda y_hat, y: ((y_hat - y) ** 2).mean()"
    loss = plain if loss_fn is _mean_square else show(loss_fn)
    return "\n".join([*lines, f"loader = {code}", f"evaluate(net, loader, {loss})"])


def _draw_evaluation(rng: random.Random) -> Inputs:
    n, batch_size, training, loss = (rng.randint(2, 5) for _ in range(4))
    net = _made(lambda: nn.Linear(2, 2)).train(training > 3)
    data = TensorDataset(tenths(rng, n, 2), tenths(rng, n, 2))
    return net, DataLoader(data, batch_size), [nn.MSELoss(), nn.L1Loss()][loss % 2]


def _reduced(reduce: Callable[[Tensor, Tensor], Tensor], training: bool = False) -> Answer:
    """Make an evaluation that reduces the losses and the sizes of the batches to a number."""

    def evaluation(net: nn.Module, loader: Any, loss_fn: Answer) -> float:
        before = net.training
        net.train(before and training)
        with torch.no_grad():
            batches = torch.tensor([(loss_fn(net(X), y), len(y)) for X, y in loader])
        net.train(before)
        return reduce(*batches.T).item()

    return evaluation


_REDUCED: dict[str, tuple[str, Callable[[Tensor, Tensor], Tensor]]] = {
    "mean of the means": (
        "This is the mean of the batches' means: a smaller last batch counts as much as a "
        "full one. Weight each batch by its number of examples.",
        lambda losses, sizes: losses.mean(),
    ),
    "divided by the batches": (
        "The sum over all examples is divided by the number of batches, not of examples.",
        lambda losses, sizes: (losses * sizes).mean(),
    ),
    "size of the last batch": (
        "The size of the last batch stands for that of every batch. Add up the sizes.",
        lambda losses, sizes: (losses * sizes).sum() / (len(sizes) * sizes[-1]),
    ),
    "size of the first batch": (
        "Each loss is multiplied by the size of the first batch. Multiply it by that of its own.",
        lambda losses, sizes: (losses * sizes[0]).sum() / sizes.sum(),
    ),
}


def _summed(net: nn.Module, loader: Any, loss_fn: Any) -> float:
    """Let the loss itself add up over each batch."""
    loss_fn.reduction = "sum"
    before = net.training
    net.eval()
    with torch.no_grad():
        losses, sizes = zip(*((loss_fn(net(X), y).item(), len(y)) for X, y in loader), strict=True)
    net.train(before)
    return float(sum(losses) / sum(sizes))


_SUM = _reduced(lambda losses, sizes: (losses * sizes).sum())
_DATA = TensorDataset(torch.tensor([[1.0], [2.0], [3.0]]), torch.tensor([[4.0], [8.0], [12.0]]))
_LOADER, _DROPPING = DataLoader(_DATA, 2), DataLoader(_DATA, 2, drop_last=True)
_LAYER = _made(lambda: nn.Linear(1, 1))
_FROZEN = _made(lambda: nn.Sequential(nn.Linear(1, 1).requires_grad_(False), nn.Linear(1, 1)))
# p=1 drops every output, so that chance does not decide.
_DROPOUT = _made(lambda: nn.Sequential(nn.Linear(1, 1), nn.Dropout(1.0)))


@exercise(
    inputs=[(_LAYER, _LOADER, nn.MSELoss())],
    special={
        "a net with dropout in it": (_DROPOUT, _LOADER, nn.MSELoss()),
        "a loader that leaves out the last batch": (_LAYER, _DROPPING, nn.MSELoss()),
        "a net with a frozen layer": (_FROZEN, _LOADER, nn.MSELoss()),
        "a plain list of batches": (_LAYER, [_DATA[:2], _DATA[2:]], nn.MSELoss()),
        "a loss that is a plain function": (_LAYER, _LOADER, _mean_square),
        "another loss, which is not symmetric": (_LAYER, _LOADER, nn.PoissonNLLLoss()),
    },
    draw=_draw_evaluation,
    hints=(
        "The last batch may be smaller. How do you get the sum over a batch from its mean?",
        "Inside torch.no_grad(), add up loss_fn(net(X), y) * len(y), and count the examples.",
    ),
    verified="even and uneven batches, several loaders, four losses, dropout off, no graph, "
    "and the net as before",
    observe=_evaluated,
    phrase=_evaluate_code,
    says=_TRACES,
    mistakes={name: (advice, _reduced(reduce)) for name, (advice, reduce) in _REDUCED.items()}
    | {
        f"{name}, in training mode": (
            f"Two slips. {advice} {_TRACES['in training mode meanwhile']}",
            _reduced(reduce, training=True),
        )
        for name, (advice, reduce) in _REDUCED.items()
    }
    | {
        "divided by the dataset": (
            "The sum is divided by the size of the whole dataset. A loader may serve fewer "
            "examples, and a list of batches has no `dataset`: add up `len(y)` in the loop.",
            lambda net, loader, loss_fn: _SUM(net, loader, loss_fn) / len(loader.dataset),
        ),
        "reduction by sum": (
            'With `reduction = "sum"` a loss adds up over the outputs as well. A loss that is a '
            "plain function does not look at `reduction`, and for the caller it stays changed. "
            "Leave `loss_fn` as it is, and multiply the mean of each batch by `len(y)`.",
            _summed,
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
