# cause: none, the scheduler starts at a rate of exactly 0 (warm-up), so the first epoch
#     changes nothing on purpose, and the loop is left early when nothing improves
# identifier: healthy
# symptom: none, the loss stands still in the first epoch and then falls to the noise (about 0.01)
# source: https://github.com/EleutherAI/gpt-neox/issues/1373 and
#     https://github.com/facebookresearch/barlowtwins/issues/45 (readers who took the zero at the
#     start for a mistake)
import torch
from torch import nn

torch.manual_seed(514)
x = torch.randn(300, 3)
y = x @ torch.tensor([[1.0], [2.0], [-1.0]]) + 0.1 * torch.randn(300, 1)
x_train, y_train, x_val, y_val = x[:240], y[:240], x[240:], y[240:]
model = nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: min(1.0, epoch / 8))
best, waited = float("inf"), 0

# BEGIN
for epoch in range(200):
    for i in range(0, 240, 40):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x_train[i : i + 40]), y_train[i : i + 40])
        loss.backward()
        optimizer.step()
    scheduler.step()
    with torch.no_grad():
        val = nn.functional.mse_loss(model(x_val), y_val).item()
    if val < best - 1e-5:
        best, waited = val, 0
    else:
        waited += 1
    if epoch % 5 == 0:
        print(epoch, scheduler.get_last_lr()[0], loss.item(), val)
    if waited == 10:
        break
# END
print("last", loss.item(), "validation", best, "variance", y.var().item(), "stopped at", epoch)
