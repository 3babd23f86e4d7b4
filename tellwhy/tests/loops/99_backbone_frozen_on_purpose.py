# cause: none, the backbone is frozen on purpose, in eval, and the head alone is trained
# identifier: healthy
# symptom: none
# source: made up
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(312)
x = torch.randn(160, 8)
y = (x[:, 0] + x[:, 1] > 0).long()
backbone = nn.Sequential(nn.Linear(8, 48), nn.BatchNorm1d(48), nn.ReLU())
for p in backbone.parameters():
    p.requires_grad = False
backbone.eval()
head = nn.Linear(48, 2)
model = nn.Sequential(backbone, head)
loader = DataLoader(TensorDataset(x, y), batch_size=32, shuffle=True)
optimizer = torch.optim.Adam(filter(lambda p: p.requires_grad, model.parameters()), lr=0.01)
criterion = nn.CrossEntropyLoss()

# BEGIN
for epoch in range(15):
    for xb, yb in loader:
        optimizer.zero_grad(set_to_none=True)
        loss = criterion(model(xb), yb)
        loss.backward()
        optimizer.step()
# END
print("accuracy", (model(x).argmax(1) == y).float().mean().item())
