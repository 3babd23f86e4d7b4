# cause: none, LBFGS with a closure that zeroes, computes and returns
# identifier: healthy
# symptom: none
# source: made up
import torch
from torch import nn

torch.manual_seed(311)
x = torch.linspace(-2, 2, 40).reshape(-1, 1)
y = torch.sin(2 * x)
net = nn.Sequential(nn.Linear(1, 10), nn.Tanh(), nn.Linear(10, 1))
optimizer = torch.optim.LBFGS(net.parameters(), lr=1, line_search_fn="strong_wolfe")

# BEGIN
for epoch in range(15):

    def closure():
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(net(x), y)
        loss.backward()
        return loss

    loss = optimizer.step(closure)
# END
print("last", loss.item())
