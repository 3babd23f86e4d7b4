# cause: w = w - lr * w.grad under no_grad makes a plain tensor without requires_grad, the
#     second backward has nothing to derive
# identifier: parameter-replaced
# symptom: works once, then RuntimeError (element 0 of tensors does not require grad) in the
#     second round; the script raises
# source: https://github.com/jcjohnson/pytorch-examples/issues/7 (NoneType in the hand-written
#     update; the rebinding variant as remembered of Stack Overflow)

import torch

torch.manual_seed(2)
x = torch.linspace(0, 1, 30)
y = 4 * x - 1
w = torch.tensor(0.0, requires_grad=True)
b = torch.tensor(0.0, requires_grad=True)
learning_rate = 0.5

# BEGIN
for epoch in range(100):
    loss = ((w * x + b - y) ** 2).mean()
    loss.backward()
    print("epoch", epoch, "loss", loss.item())
    with torch.no_grad():
        w = w - learning_rate * w.grad
        b = b - learning_rate * b.grad
# END
print("w", w.item(), "b", b.item())

# told: A new tensor takes the place of a parameter: `w = w - ...` makes a tensor of its own,
#     which has no gradient. Change the parameter in place: `w -= ...` under `torch.no_grad()`.
#     (line 24)
