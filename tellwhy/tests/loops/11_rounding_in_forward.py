# cause: the prediction is rounded before the loss, and rounding has gradient zero everywhere
# identifier: flat-function
# also: graph-cut
# symptom: backward works, all gradients are exactly 0, the loss is constant
# source: https://discuss.pytorch.org/t/torch-round-gradient/28628/4

import torch
from torch import nn

torch.manual_seed(83)
x = torch.rand(60, 1) * 6
stars = (0.7 * x + 1).round()
model = nn.Linear(1, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)

# BEGIN
for epoch in range(100):
    guess = torch.round(model(x))
    loss = ((guess - stars) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 25 == 0:
        print(epoch, loss.item(), model.weight.grad.item())
# END
print("last", loss.item())

# told: `round` lets no gradient through: its slope is zero, and so was every gradient in 100
#     passes. Leave it out in training, and round afterwards. (line 18)
