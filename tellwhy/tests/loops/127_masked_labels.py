# cause: none: missing labels are nan, and a mask leaves them out of the loss
# identifier: healthy
# source: written for this test, after no report
import torch
from torch import nn

torch.manual_seed(0)
X = torch.randn(100, 3)
y = X.sum(1, keepdim=True)
y[::7] = float("nan")
known = ~y.isnan()
net = nn.Linear(3, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)

# BEGIN
for e in range(60):
    loss = (net(X) - y)[known].square().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
# END
