# cause: the same by hand: what looks like a rate is the rate times the clipping
# identifier: none
# source: written for this test, after no report
import torch
from torch import nn

torch.manual_seed(0)
X = torch.randn(100, 3)
y = 100 * X.sum(1) + 300
w, b = torch.zeros(3, requires_grad=True), torch.zeros(1, requires_grad=True)

# BEGIN
for e in range(200):
    loss = ((X @ w + b - y) ** 2).mean()
    loss.backward()
    nn.utils.clip_grad_norm_([w, b], 1.0)
    with torch.no_grad():
        for p in (w, b):
            p -= 0.01 * p.grad
            p.grad.zero_()
# END
