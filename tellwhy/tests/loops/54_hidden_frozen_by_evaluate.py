# cause: the evaluation function switches requires_grad off for the weights and nobody switches
#     it on again, from the first evaluation on only the biases learn
# identifier: parameter-frozen
# symptom: the loss falls for five epochs and then almost stops far above the noise
# source: https://discuss.pytorch.org/t/freezing-the-updates-without-freezing-the-gradients/7358
#     (what requires_grad = False does); the scene is made up
import torch
from torch import nn


def evaluate(model, x, y):
    for name, p in model.named_parameters():
        if "weight" in name:
            p.requires_grad = False
    return nn.functional.mse_loss(model(x), y).item()


torch.manual_seed(44)
x = torch.randn(120, 3)
y = x @ torch.tensor([[2.0], [-1.0], [1.0]]) + 0.5
model = nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.02)

# BEGIN
for epoch in range(100):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(x[:80]), y[:80])
    loss.backward()
    optimizer.step()
    if epoch % 5 == 4:
        held_out = evaluate(model, x[80:], y[80:])
        if epoch % 20 == 4:
            print(epoch, loss.item(), held_out)
# END
print("last", loss.item(), held_out)
