# cause: predictions are (280, 1), labels (280,); PyTorch only warns
# identifier: broadcast-loss
# source: written for this test, after no report
import torch
from torch import nn

torch.manual_seed(0)
s = torch.sin(torch.linspace(0, 20, 300))
X = torch.stack([s[i : i + 12] for i in range(280)])
y = s[12:292]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = nn.LSTMCell(1, 16)
        self.head = nn.Linear(16, 1)

    def forward(self, x):
        h = torch.zeros(len(x), 16)
        c = torch.zeros(len(x), 16)
        for k in range(x.shape[1]):
            h, c = self.cell(x[:, k : k + 1], (h, c))
        return self.head(h)


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=0.01)

# BEGIN
for step in range(40):
    opt.zero_grad()
    loss = nn.MSELoss()(net(X), y)
    loss.backward()
    opt.step()
# END

# told: Your loss is not what you think: `net(X)` is (280, 1) and `y` is (280,), so their
#     difference is (280, 280): every prediction with every label. Reshape the labels:
#     `y.reshape(-1, 1)`. (line 33)
