# cause: the step size is too large for polynomial features (with momentum), every step
#     overshoots
# identifier: rate-too-large
# also: features-not-standardised
# symptom: the loss grows without bound and ends as inf or nan
# source:
#     https://discuss.pytorch.org/t/finding-coefficients-of-a-polynomial-through-linear-regression/71751

import torch
from torch import nn

torch.manual_seed(37)
x = torch.linspace(2, 5, 12)
design = torch.stack([x**2, x], dim=1)
labels = torch.sin(x).unsqueeze(1)
net = nn.Linear(2, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)

# BEGIN
for t in range(200):
    opt.zero_grad()
    loss = nn.functional.mse_loss(net(design), labels)
    loss.backward()
    opt.step()
    if t % 20 == 0:
        print(t, loss.item())
# END
print("last", loss.item())

# told: The learning rate of 0.05 is too large: the loss went from 58.5 to nan. At a rate of
#     0.0063 the same batches bring it to 0.051, at 0.013 to inf.
