# cause: none, the trunk was trained for another task and is frozen on purpose
# identifier: healthy
# symptom: none
# source: written for this test, after no report
import torch
from torch import nn

torch.manual_seed(8)
x = torch.randn(200, 6)
net = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1))
before = torch.optim.Adam(net.parameters(), lr=0.01)
for _ in range(200):
    before.zero_grad()
    nn.functional.mse_loss(net(x), x[:, :1] * x[:, 1:2]).backward()
    before.step()

y = 0.3 * x[:, :1] * x[:, 1:2] + x[:, 2:3] * x[:, 3:4]
net[:4].requires_grad_(False)
net[4] = nn.Linear(16, 1)
opt = torch.optim.Adam(net[4].parameters(), lr=0.01)

# BEGIN
for epoch in range(200):
    loss = nn.functional.mse_loss(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
# END
print(loss.item())
