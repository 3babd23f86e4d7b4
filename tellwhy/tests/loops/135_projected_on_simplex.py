# cause: none: weights are made positive and of sum 1 after each step
# identifier: healthy
# source: written for this test, after no report
import torch
from torch.nn import functional

torch.manual_seed(0)
X = torch.rand(100, 3)
y = X @ torch.tensor([[0.2], [0.5], [0.3]])
w = torch.full((3, 1), 1 / 3, requires_grad=True)
opt = torch.optim.SGD([w], lr=0.5)

# BEGIN
for e in range(300):
    loss = functional.mse_loss(X @ w, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    with torch.no_grad():
        w.clamp_(min=0).div_(w.sum())
# END
