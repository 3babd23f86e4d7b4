# cause: none: gradients within the loss, and tasks so noisy that nothing is proved in 40 steps
# identifier: none
# source: written for this test, after no report
import torch

torch.manual_seed(0)
w = torch.randn(1, requires_grad=True)
opt = torch.optim.SGD([w], lr=0.05)

# BEGIN
for e in range(40):
    meta = 0
    for task in range(3):
        a = torch.randn(1)
        x = torch.randn(20)
        inner = ((w * x - a * x) ** 2).mean()
        (g,) = torch.autograd.grad(inner, w, create_graph=True)
        fast = w - 0.1 * g
        meta = meta + ((fast * x - a * x) ** 2).mean()
    opt.zero_grad()
    meta.backward()
    opt.step()
# END
