# cause: momentum by hand at too large a rate: no steps that could be tried again, so nothing is
#     proved
# identifier: none
# source: written for this test, after no report
import torch

torch.manual_seed(0)
X = torch.randn(100, 3)
y = X.sum(1) + 3
w, b = torch.zeros(3, requires_grad=True), torch.zeros(1, requires_grad=True)
v = [torch.zeros(3), torch.zeros(1)]

# BEGIN
for e in range(100):
    loss = ((X @ w + b - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        for k, p in enumerate((w, b)):
            v[k] = 0.9 * v[k] + p.grad
            p -= 1.95 * v[k]
            p.grad = None
# END
