# cause: none: an LSTM predicts the next value of a sine, its gradients clipped where they are
#     long
# identifier: healthy
# source: written for this test, after no report
import torch
from torch import nn

torch.manual_seed(0)
t = torch.linspace(0, 20, 300)
s = torch.sin(t)
X = torch.stack([s[i : i + 12] for i in range(280)]).unsqueeze(-1)
y = s[12:292].unsqueeze(-1)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(1, 16, batch_first=True)
        self.head = nn.Linear(16, 1)

    def forward(self, x):
        out, _ = self.lstm(x)
        return self.head(out[:, -1])


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=0.01)

# BEGIN
for step in range(60):
    opt.zero_grad()
    loss = nn.functional.mse_loss(net(X), y)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    opt.step()
# END
