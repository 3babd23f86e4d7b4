# cause: none, training in a function with no_grad updates
# identifier: healthy
# symptom: none
# source: made up
import torch


def fit(X, y, steps=150, lr=0.1):
    theta = torch.zeros(X.shape[1], requires_grad=True)
    for step in range(steps):
        loss = torch.mean((X @ theta - y) ** 2)
        loss.backward()
        with torch.no_grad():
            theta -= lr * theta.grad
            theta.grad.zero_()
    return theta.detach(), loss.item()


torch.manual_seed(128)
raw = torch.randn(80, 2)
X = torch.cat([torch.ones(80, 1), raw], dim=1)
y = X @ torch.tensor([2.0, 1.0, -0.5]) + 0.05 * torch.randn(80)

# BEGIN
theta, final = fit(X, y)
# END
print("theta", theta.tolist(), "loss", final)
