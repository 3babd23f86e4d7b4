# cause: the closure given to LBFGS computes gradients and never zeroes them, so that each call
#     adds to those of all calls before
# identifier: gradients-not-zeroed
# symptom: the loss falls a little, then jumps about or stands still
# source: made up, after questions on the closure of LBFGS
import torch
from torch import nn

torch.manual_seed(301)
x = torch.linspace(-2, 2, 40).reshape(-1, 1)
y = 0.5 * x**2 - x + 0.3
net = nn.Sequential(nn.Linear(1, 8), nn.Tanh(), nn.Linear(8, 1))
criterion = nn.MSELoss()
optimizer = torch.optim.LBFGS(net.parameters(), lr=0.1, max_iter=4)


def closure():
    loss = criterion(net(x), y)
    loss.backward()
    return loss


# BEGIN
for epoch in range(25):
    loss = optimizer.step(closure)
    if epoch % 5 == 0:
        print(epoch, loss.item())
# END
print("last", criterion(net(x), y).item())
