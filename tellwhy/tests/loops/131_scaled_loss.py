# cause: a small rate, and a loss that a scaler multiplies by 1024: not tried again
# identifier: none
# source: written for this test, after no report
import torch
from torch import nn
from torch.nn import functional

torch.manual_seed(0)
X = torch.randn(100, 3)
y = X.sum(1, keepdim=True) + 3
net = nn.Linear(3, 1)
opt = torch.optim.SGD(net.parameters(), lr=1e-4)
scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)

# BEGIN
for e in range(50):
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = functional.mse_loss(net(X).float(), y)
    opt.zero_grad()
    scaler.scale(loss).backward()
    scaler.step(opt)
    scaler.update()
# END
