# cause: a rate of 1e-8: a column is wide as well, yet a larger rate alone is the cure
# identifier: rate-too-small
# source: written for this test, after no report
import torch
from torch import nn

torch.manual_seed(0)
X = torch.cat([torch.rand(100, 1) * 30, torch.randn(100, 1)], 1)
y = 0.5 * X[:, :1] + X[:, 1:]
net = nn.Linear(2, 1)
opt = torch.optim.SGD(net.parameters(), lr=1e-8)

# BEGIN
for step in range(300):
    loss = ((net(X) - y) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
# END

# told: The learning rate of 1e-08 is too small: in 300 steps the loss went from 303 to 302, and
#     the way takes about 30,000,000. With a rate of 0.001 the same batches bring it to 0.617 in
#     300 steps.
