# cause: none, nn.Linear with a loader and mini-batches
# identifier: healthy
# symptom: none
# source: made up
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(132)
X = torch.randn(200, 3)
y = (X @ torch.tensor([1.0, 2.0, 3.0]) - 1).unsqueeze(1) + 0.1 * torch.randn(200, 1)
loader = DataLoader(TensorDataset(X, y), batch_size=20, shuffle=True)
model = nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
criterion = nn.MSELoss()

# BEGIN
for epoch in range(15):
    running = 0.0
    for xb, yb in loader:
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        optimizer.step()
        running += loss.item() * len(xb)
    print(epoch, running / 200)
# END
print("last", running / 200)
