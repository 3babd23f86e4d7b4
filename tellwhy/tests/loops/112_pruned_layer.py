# cause: after 40 epochs the layers are replaced by smaller ones (pruning), but the
#     optimizer keeps the parameters of the old ones
# identifier: parameter-replaced
# also: other-parameters
# symptom: the loss falls to almost zero, jumps to about 1.2 at the pruning and is
#     the same number from there on
# source: https://github.com/microsoft/nni/issues/4521
import torch
from torch import nn

torch.manual_seed(269)
x = torch.randn(100, 4)
y = torch.stack([x[:, 0] + x[:, 1], x[:, 2] - x[:, 3]], dim=1) * 2
model = nn.Sequential(nn.Linear(4, 8), nn.Linear(8, 2))
opt = torch.optim.SGD(model.parameters(), lr=0.05)

# BEGIN
for epoch in range(120):
    if epoch == 40:
        keep = model[0].weight.abs().sum(dim=1).topk(3).indices
        small, head = nn.Linear(4, 3), nn.Linear(3, 2)
        small.weight.data = model[0].weight.data[keep].clone()
        head.weight.data = model[1].weight.data[:, keep].clone()
        model[0], model[1] = small, head
    loss = ((model(x) - y) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if epoch % 10 == 9:
        print(epoch, loss.item())
# END
print("last", loss.item())
