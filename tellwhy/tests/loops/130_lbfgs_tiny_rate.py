# cause: a tiny rate of LBFGS: steps with a closure are not tried again, so nothing is proved
# identifier: none
# source: written for this test, after no report
import torch
from torch import nn
from torch.nn import functional

torch.manual_seed(0)
X = torch.randn(100, 3)
y = X.sum(1, keepdim=True) + 3
net = nn.Linear(3, 1)
opt = torch.optim.LBFGS(net.parameters(), lr=1e-7)


# BEGIN
def closure():
    opt.zero_grad()
    loss = functional.mse_loss(net(X), y)
    loss.backward()
    return loss


for e in range(20):
    opt.step(closure)
# END
