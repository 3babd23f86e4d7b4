# cause: the optimizer was given the parameters of a deep copy, the copy is trained by nobody
#     and the model not at all
# identifier: other-parameters
# symptom: the loss is constant although the model's gradients are not zero (and keep growing)
# source: https://github.com/pytorch/pytorch/issues/54765 (optimizer keeps the first network);
#     the deepcopy variant as remembered

import copy

import torch
from torch import nn

torch.manual_seed(17)
xs = torch.rand(50, 2)
ys = (xs[:, 0] * 2 + xs[:, 1]).view(-1, 1)
start = nn.Sequential(nn.Linear(2, 6), nn.Sigmoid(), nn.Linear(6, 1))
network = copy.deepcopy(start)
opt = torch.optim.Adam(start.parameters(), lr=0.02)

# BEGIN
for e in range(80):
    opt.zero_grad()
    l = nn.MSELoss()(network(xs), ys)
    l.backward()
    opt.step()
    if e % 20 == 0:
        print(e, round(l.item(), 4))
# END
print("last", l.item())

# told: The optimizer holds other tensors than the model that you train: 4 of its 4 never get a
#     gradient, and 4 on which the loss depends are in no optimizer (`network[0].bias`,
#     `network[0].weight`, `network[2].bias`). Make the optimizer after the model, from its
#     parameters. (line 25)
