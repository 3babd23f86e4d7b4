# cause: every weight is set to zero before training, to start without a preference
# identifier: all-zero-start
# source: written for this test, after no report
import torch
from torch import nn

torch.manual_seed(0)
X = torch.randn(80, 2)
y = X[:, :1] * X[:, 1:]
net = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 1))
for parameter in net.parameters():
    nn.init.zeros_(parameter)
opt = torch.optim.SGD(net.parameters(), lr=0.1)

# BEGIN
for step in range(60):
    loss = ((net(X) - y) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
# END

# told: 5 of 6 parameter tensors start at zero and have a gradient of exactly 0: layers of zeros
#     pass nothing on. Start at small random numbers, as `nn.Linear` does by itself.
