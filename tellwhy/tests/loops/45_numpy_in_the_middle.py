# cause: the hidden layer goes through NumPy, so no gradient reaches the first layer
# identifier: graph-cut
# symptom: the loss falls, but the first layer never changes
# source: made up

import torch
from torch import nn

torch.manual_seed(0)
X = torch.randn(200, 3)
y = X @ torch.randn(3, 1) + 2 + 0.1 * torch.randn(200, 1)
first, last = nn.Linear(3, 8), nn.Linear(8, 1)
optimizer = torch.optim.SGD([*first.parameters(), *last.parameters()], lr=0.05)

# BEGIN
for _ in range(50):
    hidden = torch.from_numpy(first(X).detach().numpy())
    loss = ((last(hidden) - y) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
# END
print("last", loss.item())
