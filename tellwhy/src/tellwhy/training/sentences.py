"""The closed list of what can be found in a training loop, and what is told of it."""

from typing import Any

from tellwhy.finding import Catalogue, Finding
from tellwhy.training.sites import Site, in_words

SAID = Catalogue(
    {
        "no-backward": "{steps} steps were taken, and no gradient was ever computed: nothing "
        "called `loss.backward()`. Call it after the loss is computed and before the step.{where}",
        "no-step": "Gradients were computed {passes} times, and no parameter has moved: nothing "
        "took a step. Call `optimizer.step()`, with its parentheses, after `backward()`.{where}",
        "gradients-not-zeroed": "The gradients are never set to zero: in {times} of {steps} steps "
        "`backward()` added to the gradient of the step before, so each step follows the sum of "
        "all of them. Call `optimizer.zero_grad()`, or `w.grad.zero_()` by hand, once in every "
        "step.{where}",
        "gradients-zeroed-before-step": "The gradients are set to zero between `backward()` and "
        "the step: {times} of {steps} steps found no gradient. Zero them before `backward()`, or "
        "after the step.{where}",
        "other-parameters": "The optimizer holds other parameters than the loss: of its {held} "
        "tensors {idle} never get a gradient, while {orphans} tensors on which the loss depends "
        "are in no optimizer{names}. Make the optimizer after the model, from the parameters of "
        "the model that you train.{where}",
        "parameter-replaced": "A new tensor takes the place of the parameter{name}: {how}. Change "
        "the parameter in place instead: {cure}.{where}",
        "parameter-frozen": "{what} does not require a gradient, so it never changes: {numbers}. "
        "Set `requires_grad` to `True`.{where}",
        "graph-cut": "The loss is cut off from {cut} of {parameters} parameter tensors by {by}: "
        "{why}. They get no gradient from it. Compute the loss from the prediction itself, "
        "in PyTorch all the way.{where}",
        "model-rebuilt": "The parameters are made anew in the loop: {models} models in {passes} "
        "passes, each starting from the beginning (loss {first} when made, {last} when left). "
        "Make the model and its optimizer once, before the loop.{where}",
        "wrong-direction": "The steps go up the slope: the parameters move by +{rate} times the "
        "gradient, and the loss went from {first} to {last}. Subtract the gradient.{where}",
        "broadcast-loss": "Your loss is not what you think: {left} is {left_shape} and {right} is "
        "{right_shape}, so {both} is {shape}: every prediction {against} every label. Reshape "
        "the labels: {cure}.{where}",
        "not-finite-data": "The {what} hold numbers that are not finite: {values} of them, in "
        "{rows}. Every loss and gradient computed from these rows is lost. Mend or leave out "
        "these rows, and look for a division by zero where the numbers come from.{where}",
        "bounded-output": "The output cannot reach the labels: {activation} gives numbers "
        "{bounds}, and {outside}% of the labels lie outside (they run from {low} to {high}). "
        "With it the loss cannot fall below {least}. Leave it out after the last layer.{where}",
        "activation-twice": "{activation} is applied twice: the loss `{loss}` applies it itself, "
        "so it takes your probabilities for scores and cannot fall below {least}. Hand it the "
        "output of the last layer as it is.{where}",
        "flat-function": "`{function}` lets no gradient through: its slope is zero, and the "
        "gradient of every parameter before it was exactly 0 in {passes} passes. Leave it out "
        "while training, and round afterwards.{where}",
        "all-zero-start": "{zero} of {parameters} parameter tensors start with nothing but zeros "
        "and get a gradient of exactly 0: layers of zeros pass nothing on. Start them at small "
        "random numbers, as `nn.Linear` does by itself.{where}",
        "no-bias": "The model has no bias: its best loss is {without}, with a bias it would be "
        "{best}. The labels lie around {mean}, and nothing in the model can take that up. Add a "
        "bias (`bias=True`, or `+ b`).{where}",
        "sum-not-divided": "The loss is a sum over {rows} rows that is not divided, so each step "
        "is {rows} times as long as with the mean: {what}. Take the mean, or divide the rate by "
        "{rows}; on the same batches the mean at your rate goes from {first} to {reached}.{where}",
        "rate-too-large": "The learning rate is too large: at {rate} the loss went from {first} "
        "to {last}. {stable}",
        "rate-too-small": "The learning rate is too small: after {steps} steps at {rate} the loss "
        "is {last}, from {first}, and to get most of the way takes about {needed} steps. {stable}",
        "features-not-standardised": "The features are not standardised: {columns}. So no rate "
        "suits all directions (condition number {raw}; standardised {standard}: about {factor} "
        "times fewer steps), and the loss is {last} where {best} can be reached. Subtract each "
        "column's mean and divide by its standard deviation.",
        "no-better-than-mean": "Nothing is learned from the features: the loss is {last}, and "
        "always predicting the mean gives {mean}. {linear} Look whether the labels belong to "
        "their rows, and whether the features say something about them.",
        "healthy": "It learns: the loss went from {first} to {last}. {yardstick}",
    }
)


def told(
    name: str, site: Site | None = None, quoted: dict[str, str] | None = None, **parameters: Any
) -> Finding:
    """Return a finding with its sentence: numbers shown with three digits, the line at its end."""
    where = in_words(site)
    texts = {key: number(value) for key, value in parameters.items()}
    return SAID.finding(name, {**(quoted or {}), "where": f" ({where})" * bool(where)}, **texts)


def number(value: Any) -> str:
    """Return a number as it is told.

    Example:
        >>> number(1234567.0), number(0.012345), number(12), number("two")
        ('1,230,000', '0.0123', '12', 'two')
    """
    if not isinstance(value, float):
        return f"{value:,}" if type(value) is int else str(value)
    if 1000 <= abs(value) < 1e7:
        return f"{float(f'{value:.2e}'):,.0f}"
    return f"{value:.3g}"
