# cause: none, a body that is not trained makes features under no_grad
# identifier: healthy
# symptom: none
# source: made up

import torch
from torch import nn

torch.manual_seed(0)
X = torch.randn(200, 3)
y = X @ torch.randn(3, 1) + 2 + 0.1 * torch.randn(200, 1)
body = nn.Sequential(nn.Linear(3, 64), nn.Tanh()).requires_grad_(False)
head = nn.Linear(64, 1)
optimizer = torch.optim.Adam(head.parameters(), lr=0.05)

# BEGIN
for _ in range(150):
    with torch.no_grad():
        hidden = body(X)
    loss = ((head(hidden) - y) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
# END
print("last", loss.item())
