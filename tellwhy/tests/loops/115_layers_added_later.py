# cause: none, the body joins the optimizer only after the head has learned
# identifier: healthy
# symptom: none
# source: made up, after questions on add_param_group
import torch
from torch import nn

torch.manual_seed(325)
x = torch.randn(60, 2)
y = x[:, :1] - 2 * x[:, 1:] + 0.5
body, head = nn.Sequential(nn.Linear(2, 8), nn.Tanh()), nn.Linear(8, 1)
optimizer = torch.optim.SGD(head.parameters(), lr=0.05)

# BEGIN
for epoch in range(150):
    if epoch == 30:
        body.zero_grad()
        optimizer.add_param_group({"params": body.parameters(), "lr": 0.02})
    optimizer.zero_grad()
    loss = ((head(body(x)) - y) ** 2).mean()
    loss.backward()
    optimizer.step()
# END
print("last", loss.item())
