# cause: none, two optimizers share the work, one for the hidden layer and one for the output
#     layer
# identifier: healthy
# symptom: none
# source: made up

import torch
from torch import nn

torch.manual_seed(127)
x = torch.randn(80, 2)
y = torch.relu(x[:, :1]) - 0.5 * x[:, 1:]
hidden = nn.Linear(2, 16)
head = nn.Linear(16, 1)
opt_hidden = torch.optim.Adam(hidden.parameters(), lr=0.01)
opt_head = torch.optim.SGD(head.parameters(), lr=0.05)

# BEGIN
for step in range(300):
    out = head(torch.relu(hidden(x)))
    loss = ((out - y) ** 2).mean()
    opt_hidden.zero_grad()
    opt_head.zero_grad()
    loss.backward()
    opt_hidden.step()
    opt_head.step()
    if step % 60 == 0:
        print(step, loss.item())
# END
print("last", loss.item())
