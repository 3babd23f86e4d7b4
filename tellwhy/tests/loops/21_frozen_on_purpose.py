# cause: none, the first layer is frozen on purpose (random features) and only the head is
#     trained, which works
# identifier: healthy
# symptom: none
# source: made up

import torch
from torch import nn

torch.manual_seed(137)
x = torch.randn(100, 2)
y = x[:, :1] + 0.5 * x[:, 1:] ** 2
base = nn.Sequential(nn.Linear(2, 64), nn.ReLU())
head = nn.Linear(64, 1)
for p in base.parameters():
    p.requires_grad_(False)
optimizer = torch.optim.Adam(head.parameters(), lr=0.02)

# BEGIN
for epoch in range(400):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(head(base(x)), y)
    loss.backward()
    optimizer.step()
    if epoch % 100 == 0:
        print(epoch, loss.item())
# END
print("last", loss.item(), "variance", y.var().item())
