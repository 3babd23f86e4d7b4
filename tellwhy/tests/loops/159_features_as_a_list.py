# cause: `forward` makes the hidden features anew from a list, so the first layer never trains
# identifier: graph-cut
# symptom: the loss falls a little and stays high
# source: written for this test by someone who had not seen the tool
import torch
from torch import nn
from torch.nn import functional


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(6, 2)
        self.out = nn.Linear(2, 1)

    def forward(self, x):
        h = self.hidden(x)
        h = torch.tensor(h.tolist())
        return self.out(h)


torch.manual_seed(8)
x = torch.randn(128, 6)
y = x @ torch.tensor([1.0, -2.0, 3.0, 0.5, 2.0, -1.0]).unsqueeze(1) + 0.5
net = Model()
optimizer = torch.optim.Adam(net.parameters(), lr=0.03)

# BEGIN
for epoch in range(300):
    optimizer.zero_grad()
    loss = functional.mse_loss(net(x), y)
    loss.backward()
    optimizer.step()
# END
print("last", loss.item())

# told: The loss does not depend on 2 of 4 parameter tensors any more: `tolist` cuts it off, and
#     they get no gradient. Compute the loss in PyTorch, from the predictions as they are. (line 18,
#     in `forward`)
