# cause: the body is to be frozen, but the loop over model.parameters() comes after the new head is
#     put in, so that everything is frozen
# identifier: parameter-frozen
# symptom: element 0 of tensors does not require grad and does not have a grad_fn
# source: made up, after questions on freezing
import torch
from torch import nn

torch.manual_seed(309)
x = torch.randn(60, 8)
y = (x[:, 0] > 0).long()
model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 5))
model[2] = nn.Linear(16, 2)
for p in model.parameters():
    p.requires_grad = False
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
criterion = nn.CrossEntropyLoss()

# BEGIN
for epoch in range(10):
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
# END

# told: Training cannot change `model[0].bias`, `model[0].weight`, `model[2].bias`, as
#     `requires_grad` is `False` there: `backward()` fails. Set it to `True`. (line 21)
