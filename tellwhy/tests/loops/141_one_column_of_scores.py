# cause: two classes, one column of scores, and the loss for many classes
# identifier: one-class-output
# source: written for this test, after no report
import torch
from torch import nn

torch.manual_seed(0)
X = torch.randn(90, 2)
y = torch.zeros(90, dtype=torch.long)
net = nn.Sequential(nn.Linear(2, 6), nn.ReLU(), nn.Linear(6, 1))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
criterion = nn.CrossEntropyLoss()

# BEGIN
for epoch in range(10):
    for i in range(0, 90, 30):
        loss = criterion(net(X[i : i + 30]), y[i : i + 30])
        opt.zero_grad()
        loss.backward()
        opt.step()
# END

# told: `cross_entropy` sees a single output column: the probability of one class alone is always
#     1, so the loss is 0 and every gradient in 30 passes was exactly 0. Give a column for each
#     class, or use `binary_cross_entropy_with_logits` with one. (line 17)
