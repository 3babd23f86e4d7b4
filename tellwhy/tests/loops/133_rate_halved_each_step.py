# cause: the rate in the optimizer's group is halved after each step instead of each epoch
# identifier: rate-too-small
# source: written for this test, after no report
import torch
from torch import nn
from torch.nn import functional

torch.manual_seed(0)
X = torch.randn(100, 3)
y = X.sum(1, keepdim=True) + 3
net = nn.Linear(3, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)

# BEGIN
for e in range(150):
    loss = functional.mse_loss(net(X), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    for g in opt.param_groups:
        g["lr"] = 0.1 * 0.5 ** (e + 1)
# END

# told: The learning rate becomes too small: in 150 steps the loss went from 11.6 to 5.01, and
#     from step 3 on a scheduler held it below half of 0.1. Let it fall more slowly, as once an
#     epoch: kept at 0.1, the same batches bring it to 4.32e-13.
