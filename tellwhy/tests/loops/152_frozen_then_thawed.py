# cause: none, the trunk was trained before and is frozen on purpose for 30 epochs, and then
#     thawed with an optimizer of its own at a smaller rate
# identifier: healthy
# symptom: none, the loss falls with the new head alone and further after the thaw, to about
#     0.01 (the noise is 0.0025, the variance 2)
# source: https://github.com/ultralytics/yolov5/issues/459 (freeze what was transferred for
#     the first epochs, then thaw)
import torch
from torch import nn

torch.manual_seed(518)
x = torch.linspace(-3, 3, 200).unsqueeze(1)
trunk = nn.Sequential(nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh())
old = nn.Linear(32, 2)
before = torch.optim.Adam([*trunk.parameters(), *old.parameters()], lr=0.01)
for _ in range(800):
    before.zero_grad()
    nn.functional.mse_loss(
        old(trunk(x)), torch.cat([torch.sin(2 * x), torch.cos(2 * x)], 1)
    ).backward()
    before.step()

y = 2 * torch.sin(2 * x + 0.7) + 1 + 0.05 * torch.randn(200, 1)
head = nn.Linear(32, 1)
trunk.requires_grad_(False)
head_opt = torch.optim.Adam(head.parameters(), lr=0.02)
trunk_opt = torch.optim.Adam(trunk.parameters(), lr=0.0005)

# BEGIN
for epoch in range(60):
    if epoch == 30:
        trunk.requires_grad_(True)
    for part in torch.randperm(200).split(20):
        loss = nn.functional.mse_loss(head(trunk(x[part])), y[part])
        head_opt.zero_grad()
        trunk_opt.zero_grad()
        loss.backward()
        head_opt.step()
        if epoch >= 30:
            trunk_opt.step()
    if epoch % 10 == 0:
        print(epoch, loss.item())
# END
print("last", loss.item(), "variance", y.var().item())
