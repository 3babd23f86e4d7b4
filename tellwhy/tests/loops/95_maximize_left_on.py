# cause: the optimizer has maximize=True, left over from another script, so each step makes the loss
#     larger
# identifier: wrong-direction
# symptom: the loss grows in each epoch
# source: made up
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(308)
x = torch.randn(80, 3)
y = x.sum(1, keepdim=True) + 1
loader = DataLoader(TensorDataset(x, y), batch_size=16, shuffle=True)
model = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, maximize=True)

# BEGIN
for epoch in range(20):
    for xb, yb in loader:
        loss = nn.functional.mse_loss(model(xb), yb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(epoch, loss.item())
# END

# told: The steps go up the slope: the optimizer has `maximize=True`, and the error went from 4.38
#     to 5.91. Leave that out. (line 20)
