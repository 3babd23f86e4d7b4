# cause: one of two parameter groups has a rate of 5 where 0.005 was meant
# identifier: rate-too-large
# symptom: the loss grows until it is nan
# source: made up
import torch
from torch import nn

torch.manual_seed(305)
x = torch.randn(100, 4)
y = torch.sin(x[:, :1]) + 0.5 * x[:, 1:2]
body = nn.Sequential(nn.Linear(4, 16), nn.Tanh())
head = nn.Linear(16, 1)
optimizer = torch.optim.SGD(
    [{"params": body.parameters(), "lr": 0.01}, {"params": head.parameters(), "lr": 5.0}],
    momentum=0.9,
)

# BEGIN
for epoch in range(40):
    for i in range(0, 100, 25):
        optimizer.zero_grad()
        loss = ((head(body(x[i : i + 25])) - y[i : i + 25]) ** 2).mean()
        loss.backward()
        optimizer.step()
    if epoch % 10 == 0:
        print(epoch, loss.item())
# END
print("last", loss.item())

# told: The learning rate of 5 is too large: the loss went from 0.573 to nan. At a rate of 0.16
#     the same batches bring it to 0.0202, at 0.31 to 0.0203.
