# cause: the forward method gives back output.data, which is cut off from the graph; the loss is
#     then wrapped with requires_grad=True
# identifier: graph-cut
# symptom: the same loss to all digits in each epoch
# source: https://github.com/huggingface/torchMoji/issues/21
import torch
from torch import nn


class Score(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(4, 8)
        self.outer = nn.Linear(8, 1)

    def forward(self, x):
        outputs = self.outer(torch.relu(self.inner(x)))
        return outputs.data


torch.manual_seed(48)
x = torch.randn(60, 4)
y = x[:, :1].abs()
model = Score()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

# BEGIN
for epoch in range(60):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    loss = loss.clone().detach().requires_grad_(True)
    loss.backward()
    optimizer.step()
    if epoch % 15 == 0:
        print(epoch, loss.item())
# END
print("last", loss.item())

# told: The loss does not depend on 4 of 64 parameter tensors any more: `data` cuts it off, and
#     they get no gradient. Compute the loss in PyTorch, from the predictions as they are. (line
#     18, in `forward`)
