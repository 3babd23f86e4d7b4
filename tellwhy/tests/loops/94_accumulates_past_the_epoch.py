# cause: the step is taken at every eighth batch, and the loader has six, so that it is never taken
# identifier: no-step
# symptom: the loss of an epoch stays where it was
# source: made up
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(307)
x = torch.randn(96, 3)
y = (x @ torch.tensor([1.0, -2.0, 0.5])).reshape(-1, 1)
loader = DataLoader(TensorDataset(x, y), batch_size=16)
model = nn.Linear(3, 1)
optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
accumulation_steps = 8

# BEGIN
for epoch in range(10):
    total = 0.0
    for i, (inputs, labels) in enumerate(loader):
        loss = nn.functional.mse_loss(model(inputs), labels) / accumulation_steps
        loss.backward()
        total += loss.item()
        if (i + 1) % accumulation_steps == 0:
            optimizer.step()
            optimizer.zero_grad()
    print(epoch, total)
# END
