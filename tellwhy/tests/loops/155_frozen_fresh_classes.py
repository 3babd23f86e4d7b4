# cause: all layers but the last are frozen as they were made, as for a trained network
# identifier: parameter-frozen
# symptom: the loss falls by a quarter and stays
# source: written for this test, after no report
import torch
from torch import nn

torch.manual_seed(7)
x = torch.randn(200, 6)
y = (x[:, 0] * x[:, 1] > 0).long()
net = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 2))
for p in net[:4].parameters():
    p.requires_grad = False
opt = torch.optim.Adam(net.parameters(), lr=0.01)

# BEGIN
for epoch in range(300):
    loss = nn.functional.cross_entropy(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
# END
print(loss.item())
