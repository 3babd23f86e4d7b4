# cause: the scheduler, meant to be stepped once per epoch, is stepped after each batch, so the rate
#     is practically zero before the second epoch is over
# identifier: rate-too-small
# symptom: the loss falls a little in the first epoch and then stands still far from zero
# source: https://github.com/leftthomas/SRGAN/issues/94 and https://github.com/pytorch/tutorials/pull/640
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(257)
x = torch.rand(300, 2) * 2 - 1
y = 4 * x[:, :1] - 3 * x[:, 1:] + 2
data = DataLoader(TensorDataset(x, y), batch_size=10, shuffle=True)
model = nn.Linear(2, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.05)
sched = torch.optim.lr_scheduler.StepLR(opt, step_size=5, gamma=0.3)

# BEGIN
for epoch in range(20):
    total = 0
    for inp, out in data:
        opt.zero_grad()
        loss = nn.functional.mse_loss(model(inp), out)
        loss.backward()
        opt.step()
        sched.step()
        total += loss.item() * len(inp)
    print(epoch, total / 300)
# END
print("weights", model.weight.data, model.bias.data, "rate", sched.get_last_lr())

# told: The learning rate becomes too small: in 600 steps the loss went from 11.3 to 6.52, and
#     from step 6 on a scheduler held it below half of 0.05. Let it fall more slowly, as once an
#     epoch: kept at 0.05, the same batches bring it to 7.31e-08.
