# cause: the sign of the score is compared with the labels, and a sign has no slope
# identifier: flat-function
# source: written for this test, after no report
import torch
from torch import nn

torch.manual_seed(0)
X = torch.randn(120, 3)
y = torch.sign(X[:, :1] + 0.5)
model = nn.Linear(3, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.1)

# BEGIN
for step in range(40):
    opt.zero_grad()
    loss = nn.functional.mse_loss(torch.sign(model(X)), y)
    loss.backward()
    opt.step()
# END

# told: `sign` lets no gradient through: its slope is zero, and so was every gradient in 40
#     passes. Leave it out in training, and round afterwards. (line 16)
