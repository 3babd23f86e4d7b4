# cause: none, two models are trained against each other, and each leaves gradients in the other
# identifier: none
# symptom: none
# source: made up

import torch
from torch import nn

torch.manual_seed(0)
forger = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1))
judge = nn.Sequential(nn.Linear(1, 16), nn.ReLU(), nn.Linear(16, 1))
forge = torch.optim.Adam(forger.parameters(), lr=1e-3)
weigh = torch.optim.Adam(judge.parameters(), lr=1e-3)
score = nn.BCEWithLogitsLoss()

# BEGIN
for _ in range(100):
    real, fake = torch.randn(32, 1) + 3, forger(torch.randn(32, 2))
    told_apart = score(judge(real), torch.ones(32, 1))
    told_apart = told_apart + score(judge(fake.detach()), torch.zeros(32, 1))
    weigh.zero_grad()
    told_apart.backward()
    weigh.step()
    believed = score(judge(fake), torch.ones(32, 1))
    forge.zero_grad()
    believed.backward()
    forge.step()
# END
print("last", told_apart.item(), believed.item())

# told: Nothing is proved to be wrong. The loss went from 0.784 to 0.747. There is no yardstick
#     for it: that needs a squared loss of rows of features.
