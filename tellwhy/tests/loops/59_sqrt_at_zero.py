# cause: the root of the squared error is taken per row and one row is hit exactly at the start,
#     the derivative of the root at 0 is infinite
# identifier: not-finite-gradient
# symptom: the first loss is an ordinary number, all later ones are nan although the data is
#     fine
# source: https://github.com/pytorch/pytorch/issues/2421 and
#     https://github.com/akanazawa/cmr/issues/11
import torch

torch.manual_seed(116)
x = torch.randn(40)
y = 2 * x + 1
x[0], y[0] = 0.0, 0.0
w = torch.zeros(1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)

# BEGIN
for epoch in range(50):
    distance = torch.sqrt((w * x + b - y) ** 2)
    loss = distance.mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.05 * w.grad
        b -= 0.05 * b.grad
    w.grad.zero_()
    b.grad.zero_()
    if epoch % 10 == 0:
        print(epoch, loss.item(), w.item())
# END
print("last", loss.item())

# told: The loss is 1.71, and yet its gradient is not finite (2 of 2 numbers): `sqrt` has an
#     infinite slope there, and the step makes the parameters nan. Keep away from that place: add
#     a small number before `sqrt`, or do without it. (line 19)
