# cause: a weight decay of 50 with Adam, taken for a rate of forgetting
# identifier: weight-decay-too-large
# source: written for this test, after no report
import torch
from torch import nn

torch.manual_seed(0)
X = torch.randn(100, 3)
y = X @ torch.tensor([[4.0], [-3.0], [2.0]]) + 5
net = nn.Linear(3, 1)
opt = torch.optim.Adam(net.parameters(), lr=0.1, weight_decay=50.0)

# BEGIN
for step in range(150):
    loss = nn.functional.mse_loss(net(X), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
# END

# told: The weight decay of 50 is too large: it pulls the parameters to zero, and the loss stays
#     at 45.3. Make it smaller: on the same batches and without it, the loss goes to 3.57e-06.
