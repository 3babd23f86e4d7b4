# cause: Adam with a step size of 10, each weight jumps by about ten per step
# identifier: rate-too-large
# symptom: the loss explodes at first and then wanders far above the start
# source: as remembered (discuss.pytorch.org: Adam loss jumps up and down)

import torch
from torch import nn

torch.manual_seed(31)
x = torch.linspace(-2, 2, 60).unsqueeze(1)
y = torch.sin(2 * x)
net = nn.Sequential(nn.Linear(1, 20), nn.ReLU(), nn.Linear(20, 20), nn.ReLU(), nn.Linear(20, 1))
optimizer = torch.optim.Adam(net.parameters(), lr=10)
criterion = nn.MSELoss()

# BEGIN
for epoch in range(120):
    optimizer.zero_grad()
    loss = criterion(net(x), y)
    loss.backward()
    optimizer.step()
    if epoch % 30 == 0:
        print(f"Epoch {epoch}: {loss.item():.3f}")
# END
print("last", loss.item(), "variance", y.var().item())

# told: The learning rate of 10 is too large: the loss went from 0.483 to 22.9. At a rate of 0.62
#     the same batches bring it to 0.143, at 1.2 to 0.441.
