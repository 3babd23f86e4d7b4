# cause: w was made without requires_grad=True, so it gets no gradient and the optimizer skips
#     it silently
# identifier: parameter-frozen
# symptom: only b learns, w keeps its starting value
# source: from memory (discuss.pytorch.org: only the bias is updated, requires_grad forgotten)
import torch

torch.manual_seed(40)
years = torch.randn(90)
salary = 2.5 * years + 1.0 + 0.1 * torch.randn(90)
w = torch.randn(1)
b = torch.zeros(1, requires_grad=True)
optimizer = torch.optim.SGD([w, b], lr=0.1)

# BEGIN
for epoch in range(100):
    prediction = w * years + b
    loss = torch.mean((prediction - salary) ** 2)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 20 == 0:
        print(epoch, loss.item(), w.item(), b.item())
# END
print("last", loss.item(), "w", w.item(), "wanted 2.5")

# told: Training cannot change `w`, as `requires_grad` is `False` there: the loss is 7.49, and
#     0.00905 can be reached. Set it to `True`. (line 21)
