# cause: none, the rate is halved by a scheduler, called after the optimizer in each epoch
# identifier: healthy
# symptom: none
# source: made up

import torch
from torch import nn
from torch.optim.lr_scheduler import StepLR

torch.manual_seed(113)
t = torch.linspace(0, 2, 60).unsqueeze(1)
v = 9.8 * t + 2 + 0.1 * torch.randn(60, 1)
line = nn.Linear(1, 1)
opt = torch.optim.SGD(line.parameters(), lr=0.2)
plan = StepLR(opt, step_size=40, gamma=0.5)

# BEGIN
for epoch in range(160):
    loss = nn.functional.mse_loss(line(t), v)
    opt.zero_grad()
    loss.backward()
    opt.step()
    plan.step()
    if epoch % 40 == 0:
        print(epoch, loss.item(), plan.get_last_lr())
# END
print("last", loss.item())

# told: It learns: the loss went from 186 to 0.00856. Always predicting the mean gives 33.3, the
#     best linear model 0.00825, on the 60 rows seen.
