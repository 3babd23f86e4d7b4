# cause: the loss of the batch is summed and the hand-written sgd does not divide by the batch
#     size, the step is 50 times too large
# identifier: sum-not-divided
# also: rate-too-large
# symptom: the loss becomes huge and then nan although the rate looks small
# source: as remembered (discuss.d2l.ai, Linear Regression Implementation from Scratch:
#     l.sum().backward() and the division by batch_size)

import torch


def linreg(X, w, b):
    return X @ w + b


def squared_loss(y_hat, y):
    return (y_hat - y.reshape(y_hat.shape)) ** 2 / 2


def sgd(params, lr):
    with torch.no_grad():
        for p in params:
            p -= lr * p.grad
            p.grad.zero_()


torch.manual_seed(43)
features = torch.randn(200, 2)
labels = features @ torch.tensor([2.0, -3.4]) + 4.2
w = torch.normal(0, 0.01, size=(2, 1), requires_grad=True)
b = torch.zeros(1, requires_grad=True)

# BEGIN
for epoch in range(10):
    for i in range(0, 200, 50):
        X, y = features[i : i + 50], labels[i : i + 50]
        l = squared_loss(linreg(X, w, b), y)
        l.sum().backward()
        sgd([w, b], lr=0.06)
    with torch.no_grad():
        print(epoch + 1, squared_loss(linreg(features, w, b), labels).mean().item())
# END
print("w", w.detach().flatten(), "b", b.item())

# told: The loss is a sum over 50 rows, so each step is 50 times as long as with their mean, and
#     the loss went from 762 to 1.73e+30. Divide by the number of rows: on the same batches and at
#     the same rate, the mean goes from 15.2 to 0.165.
