# cause: gradients are clipped to so little that 200 steps go nowhere; the list has no such
#     cause, and the rate is not it
# identifier: none
# source: written for this test, after no report
import torch
from torch import nn
from torch.nn import functional

torch.manual_seed(0)
X = torch.randn(100, 3)
y = 100 * X.sum(1, keepdim=True) + 300
net = nn.Linear(3, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.01)

# BEGIN
for e in range(200):
    loss = functional.mse_loss(net(X), y)
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    opt.step()
# END
