# cause: none: the hidden state goes on from one stretch of a series to the next, detached
# identifier: healthy
# source: written for this test, after no report
import torch
from torch import nn

torch.manual_seed(0)
s = torch.sin(torch.linspace(0, 60, 801))
x, y = s[:-1].view(1, -1, 1), s[1:].view(1, -1, 1)
rnn, head = nn.GRU(1, 12, batch_first=True), nn.Linear(12, 1)
opt = torch.optim.Adam([*rnn.parameters(), *head.parameters()], lr=0.01)

# BEGIN
for epoch in range(15):
    h = None
    for i in range(0, 800, 50):
        out, h = rnn(x[:, i : i + 50], h)
        h = h.detach()
        loss = (head(out) - y[:, i : i + 50]).pow(2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
# END
