# cause: none, dropout and batch normalisation, with train and eval where they belong
# identifier: healthy
# symptom: none
# source: made up
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(314)
x = torch.rand(240, 3) * 6 - 3
y = torch.sin(x[:, :1]) + 0.5 * x[:, 1:2] ** 2 + 0.05 * torch.randn(240, 1)
train = DataLoader(TensorDataset(x[:200], y[:200]), batch_size=40, shuffle=True)
model = nn.Sequential(
    nn.Linear(3, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, 1)
)
optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.01)
loss_fn = nn.MSELoss()

# BEGIN
for epoch in range(30):
    model.train()
    for xb, yb in train:
        loss = loss_fn(model(xb), yb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        validation = loss_fn(model(x[200:]), y[200:]).item()
# END
print("last", validation)
