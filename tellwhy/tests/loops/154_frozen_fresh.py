# cause: all layers but the last are frozen as they were made, as for a trained network
# identifier: parameter-frozen
# symptom: the loss falls by a quarter and stays
# source: written for this test, after no report
import torch
from torch import nn

torch.manual_seed(7)
x = torch.randn(200, 6)
y = torch.sin(2 * x[:, :1]) * x[:, 1:2] + x[:, 2:3] * x[:, 3:4]
net = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1))
for p in net[:4].parameters():
    p.requires_grad = False
opt = torch.optim.Adam(net.parameters(), lr=0.01)

# BEGIN
for epoch in range(300):
    loss = nn.functional.mse_loss(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
# END
print(loss.item())

# told: Training cannot change `net[0].bias`, `net[0].weight`, `net[2].bias`, as `requires_grad` is
#     `False` there: the loss is 1.44, and with them trained the same batches bring it to 0.00833.
#     Set it to `True`. (line 18)
