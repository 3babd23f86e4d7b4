# cause: none: a module called with parameters of its own, which are made anew in each step
# identifier: healthy
# source: written for this test, after no report
import torch
from torch import nn

torch.manual_seed(0)
from torch.func import functional_call, grad

net = nn.Linear(3, 1)
params = {k: v.detach() for k, v in net.named_parameters()}
X = torch.randn(60, 3)
y = X.sum(1, keepdim=True) + 1


def loss_of(p, x, t):
    return ((functional_call(net, p, (x,)) - t) ** 2).mean()


# BEGIN
for e in range(80):
    g = grad(loss_of)(params, X, y)
    params = {k: params[k] - 0.1 * g[k] for k in params}
# END
