# cause: weights are held between -1 and 1 after each step, and would have to be 100: no rate
#     helps
# identifier: none
# source: written for this test, after no report
import torch
from torch import nn
from torch.nn import functional

torch.manual_seed(0)
X = torch.randn(100, 3)
y = 100 * X.sum(1, keepdim=True) + 3
net = nn.Linear(3, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.001)

# BEGIN
for e in range(100):
    loss = functional.mse_loss(net(X), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    with torch.no_grad():
        for p in net.parameters():
            p.clamp_(-1, 1)
# END
