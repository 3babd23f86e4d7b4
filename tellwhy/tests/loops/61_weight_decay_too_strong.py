# cause: weight decay of 5 pulls the weights to zero much harder than the data pulls them up
# identifier: weight-decay-too-large
# symptom: the loss stops at a high level, the weights are a fraction of what they should be
# source: from memory (discuss.pytorch.org: all weights go to zero, weight_decay set to 5 like a
#     learning rate)
import torch
from torch import nn

torch.manual_seed(124)
X = torch.randn(100, 3)
y = X @ torch.tensor([[2.0], [-3.0], [1.0]]) + 4
model = nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, weight_decay=5)

# BEGIN
for epoch in range(150):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(X), y)
    loss.backward()
    optimizer.step()
    if epoch % 30 == 0:
        print(epoch, loss.item())
# END
print("last", loss.item(), "weights", model.weight.data.tolist(), "bias", model.bias.item())

# told: The weight decay of 5 is too large: it pulls the parameters to zero, and the loss stays at
#     15.4. Make it smaller: on the same batches and without it, the loss goes to 8.51e-11.
