# cause: the weight is frozen, and the optimizer gets what is left
# identifier: parameter-frozen
# symptom: the loss stays near its value for a constant
# source: made up

import torch
from torch import nn

torch.manual_seed(0)
X = torch.randn(200, 3)
y = X @ torch.randn(3, 1) + 2 + 0.1 * torch.randn(200, 1)
net = nn.Linear(3, 1)
net.weight.requires_grad_(False)
optimizer = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=0.05)

# BEGIN
for _ in range(100):
    loss = ((net(X) - y) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
# END
print("last", loss.item())
