# cause: none: encoder and decoder share a weight, and one that is left over is in no optimizer
# identifier: healthy
# source: written for this test, after no report
import torch
from torch import nn

torch.manual_seed(0)
X = torch.randn(200, 3) @ torch.randn(3, 8)


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Linear(8, 3)
        self.dec = nn.Linear(3, 8)
        self.dec.weight = nn.Parameter(self.enc.weight.t().contiguous())
        self.bias = nn.Parameter(torch.zeros(8))

    def forward(self, x):
        return nn.functional.linear(self.enc(x), self.enc.weight.t(), self.bias)


net = Tied()
opt = torch.optim.Adam([p for n, p in net.named_parameters() if not n.startswith("dec")], lr=0.02)

# BEGIN
for step in range(150):
    loss = (net(X) - X).pow(2).mean()
    loss.backward()
    opt.step()
    opt.zero_grad()
# END
