# cause: none: each epoch ends with a loss on other rows, and the best weights are put back
# identifier: healthy
# source: written for this test, after no report
import torch
from torch import nn

torch.manual_seed(0)
X = torch.randn(300, 5)
y = X @ torch.tensor([1.0, -2.0, 0.5, 3.0, 0.0]) + 2 + 0.1 * torch.randn(300)
Xv, yv = X[200:], y[200:]
net = nn.Linear(5, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
best, best_state, val_losses = float("inf"), None, []

# BEGIN
for epoch in range(30):
    net.train()
    perm = torch.randperm(200)
    for i in range(0, 200, 20):
        idx = perm[i : i + 20]
        opt.zero_grad()
        loss = (net(X[idx]).flatten() - y[idx]).square().mean()
        loss.backward()
        opt.step()
    net.eval()
    val = (net(Xv).flatten() - yv).square().mean()
    val_losses.append(val.item())
    if val < best:
        best = val.item()
        best_state = {k: v.clone() for k, v in net.state_dict().items()}
net.load_state_dict(best_state)
# END
