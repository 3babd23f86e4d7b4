# cause: none, a policy learns which of four levers pays: the loss is minus a reward, and below zero
# identifier: none
# symptom: none
# source: made up
import torch
from torch import nn
from torch.distributions import Categorical

torch.manual_seed(321)
pays = torch.tensor([0.1, 0.9, 0.3, 0.5])
policy = nn.Sequential(nn.Linear(1, 8), nn.Tanh(), nn.Linear(8, 4))
optimizer = torch.optim.Adam(policy.parameters(), lr=0.02)

# BEGIN
for episode in range(120):
    choice = Categorical(logits=policy(torch.ones(16, 1)))
    lever = choice.sample()
    reward = (torch.rand(16) < pays[lever]).float()
    loss = -(choice.log_prob(lever) * (reward - reward.mean())).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
# END
print("last", choice.probs[0].tolist())
