# cause: none, the forward pass runs in bfloat16 (autocast) and the gradients of four batches
#     are added on purpose, each loss divided by four, before the step
# identifier: healthy
# symptom: none, the loss falls to the noise (about 0.09)
# source: from memory (the two recipes of the docs put together)
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(521)
x = torch.randn(256, 6)
y = (x[:, :3].sum(dim=1) - x[:, 3]).unsqueeze(1) + 0.3 * torch.randn(256, 1)
loader = DataLoader(TensorDataset(x, y), batch_size=16, shuffle=True)
model = nn.Linear(6, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

# BEGIN
for epoch in range(25):
    total = 0.0
    for i, (xb, yb) in enumerate(loader, start=1):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            out = model(xb)
        loss = nn.functional.mse_loss(out.float(), yb)
        (loss / 4).backward()
        total += loss.item()
        if i % 4 == 0:
            optimizer.step()
            optimizer.zero_grad()
    if epoch % 5 == 0:
        print(epoch, total / len(loader))
# END
print("last", total / len(loader), "variance", y.var().item())
