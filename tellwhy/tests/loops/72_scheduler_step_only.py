# cause: only the scheduler is stepped, never the optimizer
# identifier: no-step
# symptom: the rate goes down as planned, the loss does not move
# source: https://github.com/pyro-ppl/pyro/issues/1242
import torch
from torch import nn

torch.manual_seed(24)
x = torch.randn(64, 3)
y = x.mean(dim=1, keepdim=True) + 2
net = nn.Sequential(nn.Linear(3, 6), nn.Tanh(), nn.Linear(6, 1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.98)

# BEGIN
for epoch in range(60):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(net(x), y)
    loss.backward()
    scheduler.step()
    if epoch % 15 == 0:
        print(epoch, loss.item(), scheduler.get_last_lr())
# END
print("last", loss.item())
