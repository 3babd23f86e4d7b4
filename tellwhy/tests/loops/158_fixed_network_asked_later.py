# cause: none, two players, and a fixed third network that is asked from the second round on
# identifier: healthy
# symptom: none
# source: written for this test, after no report
import torch
from torch import nn

torch.manual_seed(8)
x = torch.randn(64, 4)
maker, judge = nn.Linear(4, 4), nn.Linear(4, 1)
critic = nn.Linear(4, 1)
a = torch.optim.SGD(maker.parameters(), lr=0.01)
b = torch.optim.SGD(judge.parameters(), lr=0.01)
bce = nn.functional.binary_cross_entropy_with_logits

# BEGIN
for epoch in range(40):
    b.zero_grad()
    real, fake = judge(x), judge(maker(torch.randn(64, 4)).detach())
    (bce(real, torch.ones(64, 1)) + bce(fake, torch.zeros(64, 1))).backward()
    b.step()
    a.zero_grad()
    made = maker(torch.randn(64, 4))
    loss = bce(judge(made), torch.ones(64, 1)) if epoch < 10 else (critic(made) - 1).square().mean()
    loss.backward()
    a.step()
# END
