# cause: step is called at every 16th batch of an epoch, but an epoch has only 8 batches and
#     the count starts anew with each, so step is never called
# identifier: no-step
# symptom: the loss and the accuracy stay where they were at the start, the gradients grow
#     from epoch to epoch
# source: https://github.com/huggingface/transformers/issues/2995 (fewer batches in an epoch
#     than accumulation steps, so no step at all)
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(505)
x = torch.randn(256, 4)
y = (x[:, 0] - 2 * x[:, 1] > 0).long()
loader = DataLoader(TensorDataset(x, y), batch_size=32, shuffle=True)
model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 2))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
accumulate = 16

# BEGIN
for epoch in range(30):
    running = 0.0
    for i, (xb, yb) in enumerate(loader):
        loss = criterion(model(xb), yb) / accumulate
        loss.backward()
        running += loss.item() * accumulate
        if (i + 1) % accumulate == 0:
            optimizer.step()
            optimizer.zero_grad()
    if epoch % 5 == 0:
        print(epoch, running / len(loader))
# END
print("last", running / len(loader), "accuracy", (model(x).argmax(1) == y).float().mean().item())
