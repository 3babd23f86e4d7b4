# cause: zero_grad is never called, so each step uses the sum of all gradients so far
# identifier: gradients-not-zeroed
# symptom: the loss goes down, up again, and swings wider and wider
# source: https://github.com/xingyizhou/CenterNet/issues/928 (loss since 2nd epoch becomes
#     huge)

import torch
import torch.nn as nn

torch.manual_seed(0)
hours = torch.rand(60, 1) * 4 - 2
marks = 3 * hours + 1 + 0.2 * torch.randn(60, 1)

model = nn.Linear(1, 1)
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

# BEGIN
history = []
for epoch in range(100):
    prediction = model(hours)
    loss = criterion(prediction, marks)
    loss.backward()
    optimizer.step()
    history.append(loss.item())
    if (epoch + 1) % 10 == 0:
        print("Epoch", epoch + 1, "Loss", history[-1])
# END
print("best", min(history), "largest of the last ten", max(history[-10:]))

# told: The gradients are not set to zero: in 11 of 11 steps that were looked at, `backward()`
#     added to the gradient of the step before, so that each step follows a sum of many. Call
#     `optimizer.zero_grad()` in every step; by hand, `w.grad.zero_()` for each parameter. (line
#     23)
