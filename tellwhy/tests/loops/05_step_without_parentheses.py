# cause: optimizer.step is named but not called, the parentheses are missing
# identifier: no-step
# symptom: gradients are there and change never, the loss is constant
# source: as remembered (Stack Overflow: loss not changing, "optimizer.step" without
#     parentheses)

import torch

torch.manual_seed(13)
t = torch.arange(0.0, 5.0, 0.1).reshape(-1, 1)
height = 1.5 * t + 0.3
model = torch.nn.Linear(1, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.02)

# BEGIN
for epoch in range(100):
    optimizer.zero_grad()
    loss = torch.nn.functional.mse_loss(model(t), height)
    loss.backward()
    optimizer.step
    if epoch % 25 == 0:
        print(f"{epoch:3d} {loss:.4f}")
# END
print("last", loss.item())

# told: Gradients were computed 100 times, and no parameter has moved: nothing took a step. Call
#     `optimizer.step()`, with its parentheses, after `backward()`. (line 19)
