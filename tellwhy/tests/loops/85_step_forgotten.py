# cause: there is no optimizer step, the gradients are computed for nothing
# identifier: no-step
# symptom: the loss and the weights are the same for all epochs
# source: "Linear Regression in PyTorch", PyTorch forum, September 2017 (read in a stored copy
#     without address; step and zero_grad commented out)
import torch
from torch import nn

torch.manual_seed(54)
measures = torch.rand(12, 2) * 4
years = measures @ torch.tensor([[2.0], [1.2]]) + 3
model = nn.Linear(2, 1)
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.005)

# BEGIN
for step in range(100):
    optimizer.zero_grad()
    guessed = model(measures)
    cost = criterion(guessed, years)
    cost.backward()
    if step % 20 == 0:
        print(step, "cost:", cost.item())
# END
print("last", cost.item(), model.weight.data, model.bias.data)

# told: Gradients were computed 100 times, and no parameter has moved: nothing took a step. Call
#     `optimizer.step()`, with its parentheses, after `backward()`. (line 21)
