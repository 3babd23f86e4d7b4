# cause: a root, written as a power, of an error that is exactly zero
# identifier: not-finite-gradient
# source: written for this test, after no report
import torch

x = torch.tensor([0.0, 1.0, 2.0, 3.0])
y = 2 * x
w = torch.tensor(0.5, requires_grad=True)
c = torch.tensor([2.0, 1.0], requires_grad=True)

# BEGIN
for step in range(20):
    loss = ((w * x - y).square() ** 0.5).mean() + c.square().mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
        c -= 0.1 * c.grad
    w.grad = c.grad = None
# END

# told: The loss is 4.75, and yet its gradient is not finite (1 of 3 numbers): `pow` has an
#     infinite slope there, and the step makes the parameters nan. Keep away from that place: add
#     a small number before `pow`, or do without it. (line 13)
