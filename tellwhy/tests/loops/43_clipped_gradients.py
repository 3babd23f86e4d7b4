# cause: none, gradients are clipped, and a scheduler lowers the rate of AdamW
# identifier: healthy
# symptom: none
# source: made up

import torch
from torch import nn

torch.manual_seed(0)
X = torch.randn(200, 3)
y = X @ torch.randn(3, 1) + 2 + 0.1 * torch.randn(200, 1)
net = nn.Sequential(nn.Linear(3, 32), nn.GELU(), nn.Linear(32, 1))
optimizer = torch.optim.AdamW(net.parameters(), lr=0.01)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 20)

# BEGIN
for _ in range(20):
    for k in range(0, 200, 25):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(net(X[k : k + 25]), y[k : k + 25])
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
    scheduler.step()
# END
print("last", loss.item())
