# cause: the loader gives targets of shape (B,) and the layer gives (B, 1), so the subtraction
#     makes a (B, B) table and the model only learns the mean
# identifier: broadcast-loss
# symptom: the loss stays near the variance of the targets, predictions all close to the mean
# source: https://github.com/sktime/sktime/issues/10931

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(3)
features = torch.randn(96, 3)
target = features @ torch.tensor([2.0, -1.0, 0.5]) + 4.0
loader = DataLoader(TensorDataset(features, target), batch_size=16, shuffle=True)
net = nn.Linear(3, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.05)

# BEGIN
for epoch in range(30):
    total = 0.0
    for xb, yb in loader:
        opt.zero_grad()
        out = net(xb)
        loss = ((out - yb) ** 2).mean()
        loss.backward()
        opt.step()
        total += loss.item()
    if epoch % 10 == 0:
        print(epoch, total / len(loader))
# END
print("last", total / len(loader), "variance", target.var().item())

# told: Your loss is not what you think: `out` is (16, 1) and `yb` is (16,), so `out - yb` is (16,
#     16): every prediction with every label. Reshape the labels: `yb.reshape(-1, 1)`. (line 24)
