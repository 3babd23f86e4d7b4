# cause: none: mixed precision, a scaler that is switched off, and a total of tensors
# identifier: healthy
# source: written for this test, after no report
import torch
from torch import nn

torch.manual_seed(0)
X = torch.randn(256, 10)
y = X @ torch.randn(10, 1) + 0.1 * torch.randn(256, 1)
net = nn.Sequential(nn.Linear(10, 32), nn.GELU(), nn.Linear(32, 1))
opt = torch.optim.AdamW(net.parameters(), lr=0.01)
scaler = torch.amp.GradScaler("cpu", enabled=False)
total = torch.tensor(0.0)

# BEGIN
for epoch in range(30):
    for i in range(0, 256, 32):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            out = net(X[i : i + 32])
            loss = nn.functional.mse_loss(out.float(), y[i : i + 32])
        scaler.scale(loss).backward()
        scaler.unscale_(opt)
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        scaler.step(opt)
        scaler.update()
        opt.zero_grad(set_to_none=True)
        total += loss.detach()
# END
