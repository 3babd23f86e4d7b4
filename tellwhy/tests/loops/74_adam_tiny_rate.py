# cause: Adam with a rate of 0.00001 moves each weight by about 0.002 in 200 steps
# identifier: rate-too-small
# symptom: the loss falls by less than one percent over the whole run
# source: "Failing to Learn a Quadratic Function with PyTorch", PyTorch forum, July 2020
#     (lr=0.00001, 200 epochs; read in a stored copy without address)
import torch
from torch import nn

torch.manual_seed(68)
x = torch.linspace(-1, 1, 50).unsqueeze(1)
y = x**2 * 3
net = nn.Sequential(nn.Linear(1, 20), nn.ReLU(), nn.Linear(20, 1))
optimizer = torch.optim.Adam(net.parameters(), lr=0.00001)
loss_fn = nn.L1Loss()

# BEGIN
losses = []
for epoch in range(1, 200):
    y_pred = net(x)
    loss = loss_fn(y_pred, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
    if epoch % 50 == 0:
        print(epoch, losses[-1])
# END
print("first", losses[0], "last", losses[-1])
