# cause: none, model and optimizer are made anew in the loop, but once per fold of a
#     cross-validation as it should be; each learns within its fold
# identifier: healthy
# symptom: none, the loss jumps up at the start of each fold and falls to the noise (about
#     0.01) in each
# source: https://github.com/antmarakis/Machine-Learning/issues/3 and
#     https://github.com/jeffheaton/t81_558_deep_learning/pull/18 (a learner who took it for a
#     mistake)
import torch
from torch import nn

torch.manual_seed(507)
x = torch.randn(200, 2)
y = (2 * x[:, 0] - x[:, 1] + 3 + 0.1 * torch.randn(200)).unsqueeze(1)
folds = torch.randperm(200).chunk(5)
scores = []

# BEGIN
for k in range(5):
    held = folds[k]
    rest = torch.cat([folds[j] for j in range(5) if j != k])
    model = nn.Linear(2, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(60):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x[rest]), y[rest])
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        scores.append(nn.functional.mse_loss(model(x[held]), y[held]).item())
    print("fold", k, "train", loss.item(), "held out", scores[-1])
# END
print("last", sum(scores) / 5, "variance", y.var().item())
