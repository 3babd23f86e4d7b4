# cause: zero_grad stands between backward and the clipping of the gradients, so there is nothing to
#     clip and no step
# identifier: gradients-zeroed-before-step
# symptom: the loss of each batch is that of the first epoch
# source: made up
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(303)
x = torch.randn(120, 5)
y = (x[:, :2].sum(1, keepdim=True) > 0).float()
loader = DataLoader(TensorDataset(x, y), batch_size=20, shuffle=True)
model = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 1))
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
bce = nn.BCEWithLogitsLoss()


def train_step(xb, yb):
    loss = bce(model(xb), yb)
    loss.backward()
    opt.zero_grad()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    opt.step()
    return loss.item()


# BEGIN
for epoch in range(12):
    running = [train_step(xb, yb) for xb, yb in loader]
    print(epoch, sum(running) / len(running))
# END

# told: The gradients are set to zero between `backward()` and the step: all 16 steps that were
#     looked at found none. Zero them before `backward()`, or after the step. (line 24, in
#     `train_step`)
