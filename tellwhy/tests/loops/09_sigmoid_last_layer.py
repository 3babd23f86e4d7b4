# cause: a sigmoid at the end keeps the output between 0 and 1, but the prices go from 50 to
#     250
# identifier: bounded-output
# symptom: the loss stays in the tens of thousands, all predictions are 1
# source: https://github.com/UC-IIC2613/Syllabus/issues/208; the price variant as remembered
#     of Stack Overflow (always predicts 1)

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(71)
area = torch.rand(100, 1)
price = 50 + 200 * area
model = nn.Sequential(nn.Linear(1, 8), nn.ReLU(), nn.Linear(8, 1), nn.Sigmoid())
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
loader = DataLoader(TensorDataset(area, price), batch_size=20)

# BEGIN
for epoch in range(40):
    for a, p in loader:
        loss = nn.MSELoss()(model(a), p)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % 10 == 0:
        print(epoch, loss.item())
# END
print("last", loss.item(), model(area[:3]).flatten().tolist())

# told: The model cannot reach the labels: `sigmoid` gives numbers between 0 and 1, the labels run
#     from 52.9 to 248, and 100% of them lie outside. So the loss cannot fall below 26,400. Leave
#     the last activation out. (line 22)
