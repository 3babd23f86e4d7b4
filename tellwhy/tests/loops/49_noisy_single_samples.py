# cause: none, one sample per step, so the printed loss jumps about, but the fit becomes as good
#     as the noise allows
# identifier: healthy
# symptom: none (single losses are very uneven)
# source: made up
import random

import torch

random.seed(140)
torch.manual_seed(140)
x = torch.randn(100)
y = 1.5 * x + 2 + 0.5 * torch.randn(100)
w = torch.zeros(1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)

# BEGIN
for step in range(1500):
    i = random.randrange(100)
    loss = (w * x[i] + b - y[i]) ** 2
    loss.backward()
    with torch.no_grad():
        w -= 0.02 * w.grad
        b -= 0.02 * b.grad
        w.grad.zero_()
        b.grad.zero_()
    if step % 250 == 0:
        print(step, loss.item())
# END
print("on all data", ((w * x + b - y) ** 2).mean().item(), "w", w.item(), "b", b.item())
