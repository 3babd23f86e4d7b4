# cause: zero_grad stands before the loop, so the gradients are cleared once and then add up
# identifier: gradients-not-zeroed
# symptom: the loss swings up instead of down, then nan
# source: https://github.com/yastrebksv/TennisCourtDetector/issues/7 (zero_grad missing in the
#     trainer; the once-outside variant as remembered of discuss.pytorch.org)

import torch
from torch import nn, optim

torch.manual_seed(21)
x = torch.linspace(-1, 1, 50).unsqueeze(1)
y = 2 * x**3 - x
net = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 1))
sgd = optim.SGD(net.parameters(), lr=0.4)
mse = nn.MSELoss()

# BEGIN
sgd.zero_grad()
for it in range(300):
    err = mse(net(x), y)
    err.backward()
    sgd.step()
    if it % 60 == 0:
        print("iteration", it, "error", err.item())
# END
print("end", err.item(), "variance", y.var().item())

# told: The gradients are not set to zero: in 11 of 11 steps that were looked at, `backward()`
#     added to the gradient of the step before, so that each step follows a sum of many. Call
#     `optimizer.zero_grad()` in every step; by hand, `w.grad.zero_()` for each parameter. (line
#     21)
