# cause: none, absolute errors are averaged, for which there is no yardstick of squares
# identifier: healthy
# symptom: none
# source: made up

import torch
from torch import nn

torch.manual_seed(0)
X = torch.randn(200, 3)
y = X @ torch.randn(3, 1) + 2 + 0.1 * torch.randn(200, 1)
net = nn.Linear(3, 1)
optimizer = torch.optim.Adam(net.parameters(), lr=0.05)

# BEGIN
for _ in range(200):
    loss = nn.functional.l1_loss(net(X), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
# END
print("last", loss.item())

# told: It learns: the loss went from 2.32 to 0.08. There is no yardstick for it: that needs a
#     squared loss of rows of features.
