# cause: the third column is the same in all rows, so its standard deviation is 0 and (x -
#     mean) / std makes 0/0 = nan of the whole column
# identifier: not-finite-data
# symptom: the loss is nan from the first batch on
# source: https://github.com/fastai/fastai/issues/889 and
#     https://github.com/evandowning/deepreflect/issues/11
import torch
from torch import nn

torch.manual_seed(506)
area = 40 + 120 * torch.rand(200)
rooms = torch.randint(1, 6, (200,)).float()
storeys = torch.ones(200)
rent = 0.09 * area + 0.5 * rooms + 2 + 0.3 * torch.randn(200)
x = torch.stack([area, rooms, storeys], dim=1)
x = (x - x.mean(dim=0)) / x.std(dim=0)
y = rent.reshape(-1, 1)
net = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1))
opt = torch.optim.Adam(net.parameters(), lr=0.02)

# BEGIN
for epoch in range(150):
    for k in range(0, 200, 50):
        opt.zero_grad()
        loss = nn.functional.mse_loss(net(x[k : k + 50]), y[k : k + 50])
        loss.backward()
        opt.step()
    if epoch % 30 == 0:
        print(epoch, loss.item())
# END
print("last", loss.item(), "variance", y.var().item())
