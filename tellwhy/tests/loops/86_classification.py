# cause: none, three classes with cross entropy
# identifier: healthy
# symptom: none
# source: made up
import torch
from torch import nn

torch.manual_seed(152)
middle = torch.tensor([[2.0, 0.0], [-2.0, 1.0], [0.0, -3.0]])
kind = torch.randint(0, 3, (150,))
flowers = middle[kind] + 0.7 * torch.randn(150, 2)
model = nn.Sequential(nn.Linear(2, 12), nn.ReLU(), nn.Linear(12, 3))
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
criterion = nn.CrossEntropyLoss()

# BEGIN
for epoch in range(120):
    logits = model(flowers)
    loss = criterion(logits, kind)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 30 == 0:
        print(epoch, loss.item(), (logits.argmax(1) == kind).float().mean().item())
# END
print("last", loss.item())
