# cause: the function that runs one epoch makes w and b itself, so each epoch starts at zero
#     again
# identifier: model-rebuilt
# symptom: the same loss after each epoch
# source: from memory (Stack Overflow: loss restarts in every epoch, parameters initialised
#     inside the training function)
import torch


def run_epoch(X, y, lr=0.02, size=10):
    w = torch.zeros(3, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for k in range(0, len(X), size):
        loss = ((X[k : k + size] @ w + b - y[k : k + size]) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            for p in (w, b):
                p -= lr * p.grad
                p.grad.zero_()
    return w, b, loss.item()


torch.manual_seed(56)
X = torch.randn(50, 3)
y = X @ torch.tensor([1.0, -4.0, 2.0]) + 6

# BEGIN
for epoch in range(30):
    w, b, last = run_epoch(X, y)
    if epoch % 6 == 0:
        print("epoch", epoch, "loss", last)
# END
print("last", last, w.tolist(), b.item())

# told: The parameters are made anew in the loop: 30 times in 150 passes, and each time training
#     starts again (loss 50.6 when they are made, 49.1 when they are left). Make the model and its
#     optimizer once, before the loop. (line 14, in `run_epoch`)
