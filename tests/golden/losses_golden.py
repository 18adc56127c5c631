"""Makes losses_golden.json: what mpmath, PyTorch and torchvision say about small inputs.

Made with Python 3.11, mpmath 1.3.0, torch 2.13.0, torchvision 0.28.0 and numpy 2.4.6:

    python3 -m venv venv && venv/bin/pip install mpmath torch torchvision numpy
    venv/bin/python tests/golden/losses_golden.py

It takes a few minutes: a logit of 10,000 needs thousands of digits.

Nothing here is shared with fovea. Losses of scores and masks are the formulas of the papers, written
down in mpmath with so many digits that nothing cancels, and differentiated numerically. Losses of
boxes are torchvision's, differentiated by PyTorch in float64. The conventions of Ultralytics and
MMDetection are their documented formulas in PyTorch; torchvision's are torchvision itself.
"""

import json
import pathlib

import mpmath as mp
import numpy as np
import torch
import torch.nn.functional as F

# The losses of torchvision are plain Python: its compiled part, which may be built for another
# torch, is not needed to import them.
torch.library.register_fake = lambda *_args, **_kwargs: lambda function: function
import torchvision.ops as ops  # noqa: E402

LOGITS = [-1e4, -745, -100, -36, -7, -0.5, 0, 2, 40, 1e4]


def numbers(values):
    """Numbers as one string, so that a formatter does not give each a line of its own."""
    return " ".join(repr(float(value)) for value in values)


def sigmoid(z):
    return 1 / (1 + mp.exp(-z))


def cross_entropy(z, y):
    p = sigmoid(z)
    return -y * mp.log(p) - (1 - y) * mp.log(1 - p)


def focal(z, y, gamma, alpha):
    p = sigmoid(z)
    pt = y * p + (1 - y) * (1 - p)
    at = 1 if alpha is None else y * alpha + (1 - y) * (1 - alpha)
    return at * (1 - pt) ** gamma * cross_entropy(z, y)


def quality(z, y, beta):
    return abs(y - sigmoid(z)) ** beta * cross_entropy(z, y)


def varifocal(z, y, alpha, gamma):
    if y > 0:
        return y * cross_entropy(z, y)
    return alpha * sigmoid(z) ** gamma * cross_entropy(z, y)


def digits(z):
    """Enough for 1 - sigmoid(z), and for what a numerical derivative takes off."""
    return 60 + 3 * int(abs(z) / 2.302)


def element_case(name, settings, function, target):
    values, slopes = [], []
    for z in LOGITS:
        with mp.workdps(digits(z)):
            y = mp.mpf(repr(target))
            values.append(function(mp.mpf(z), y))
            slopes.append(mp.diff(lambda t: function(t, y), mp.mpf(z)))
    return {
        "name": name,
        "settings": settings,
        "logits": numbers(LOGITS),
        "target": target,
        "loss": numbers(values),
        "gradient": numbers(slopes),
    }


def exactly(value):
    """The float64 itself, not its decimal digits, as the other side computes with it."""
    return None if value is None else mp.mpf(value)


def element_cases():
    cases = []
    for target in [0, 1, 0.25]:
        for gamma in [0, 0.375, 1.5, 2]:
            for alpha in [None, 0.25]:
                cases.append(element_case("sigmoidFocal", {"gamma": gamma, "alpha": alpha},
                    lambda z, y: focal(z, y, exactly(gamma), exactly(alpha)), target))
        for beta in [0.75, 2]:
            cases.append(element_case("qualityFocal", {"beta": beta},
                lambda z, y: quality(z, y, exactly(beta)), target))
        cases.append(element_case("varifocal", {"alpha": 0.75, "gamma": 2},
            lambda z, y: varifocal(z, y, exactly(0.75), 2), target))
        cases.append(element_case("binaryCrossEntropy", {}, cross_entropy, target))
    return cases


def softmax_case(gamma, alpha):
    rows = [[2, -1, 0.5], [700, -700, 0], [-1000, 1000, 0], [0.125, 0.125, 0.125], [40, 0, -3]]
    targets = [0, 1, 1, 2, 0]
    loss, gradient = [], []
    with mp.workdps(2000):
        for row, target in zip(rows, targets):
            at = 1 if alpha is None else mp.mpf(alpha[target])

            def function(*z):
                # The other classes are summed, so that what is missing to 1 keeps its digits.
                total = mp.fsum(mp.exp(value) for value in z)
                others = mp.fsum(mp.exp(value) for i, value in enumerate(z) if i != target)
                pt = mp.exp(z[target]) / total
                return -at * (others / total) ** mp.mpf(gamma) * mp.log(pt)

            z = [mp.mpf(value) for value in row]
            loss.append(function(*z))
            for i in range(3):
                order = tuple(int(i == j) for j in range(3))
                gradient.append(mp.diff(function, tuple(z), order))
    return {
        "name": "softmaxFocal",
        "settings": {"gamma": gamma, "alpha": alpha},
        "logits": numbers(np.ravel(rows)),
        "targets": numbers(targets),
        "loss": numbers(loss),
        "gradient": numbers(gradient),
    }


def overlap_case(name, settings, tp_weight, alpha, beta, gamma):
    """One row from logits; the formula of the index is the one in the papers."""
    logits, targets = [2, -1, 0.5, -30], [1, 0, 0.75, 0]
    smooth, epsilon = settings["smooth"], settings["epsilon"]
    with mp.workdps(80):
        def function(*z):
            p = [sigmoid(value) for value in z]
            tp = mp.fsum(a * b for a, b in zip(p, targets))
            fp = mp.fsum(a * (1 - b) for a, b in zip(p, targets))
            fn = mp.fsum((1 - a) * b for a, b in zip(p, targets))
            top = tp_weight * tp + smooth
            index = top / (top + mp.mpf(alpha) * fp + mp.mpf(beta) * fn + mp.mpf(epsilon))
            return (1 - index) ** mp.mpf(gamma)

        z = tuple(mp.mpf(value) for value in logits)
        slopes = [mp.diff(function, z, tuple(int(i == j) for j in range(4))) for i in range(4)]
        loss = function(*z)
    return {
        "name": name,
        "settings": settings,
        "logits": numbers(logits),
        "targets": numbers(targets),
        "loss": numbers([loss]),
        "gradient": numbers(slopes),
    }


def overlap_cases():
    plain = {"smooth": 1, "epsilon": 0}
    return [
        overlap_case("dice", plain, 2, 1, 1, 1),
        overlap_case("dice", {"smooth": 0, "epsilon": 1e-7}, 2, 1, 1, 1),
        overlap_case("tversky", {**plain, "alpha": 0.3, "beta": 0.7}, 1, 0.3, 0.7, 1),
        overlap_case("focalTversky", {**plain, "alpha": 0.3, "beta": 0.7, "gamma": 0.75},
            1, 0.3, 0.7, 0.75),
        overlap_case("focalTversky", {**plain, "alpha": 0.7, "beta": 0.3, "gamma": 1.5},
            1, 0.7, 0.3, 1.5),
    ]


def box_cases():
    rng = np.random.default_rng(20260102)
    at = rng.uniform(0, 400, (12, 2, 2))
    size = np.exp(rng.uniform(0, 5, (12, 2, 2)))
    both = np.round(np.concatenate([at, at + size], 2), 3)
    both[0, 1] = both[0, 0]  # the same box
    both[1] = [[0, 0, 10, 10], [10, 0, 20, 10]]  # boxes that touch
    both[2] = [[0, 0, 10, 20], [5, 5, 10, 10]]  # a shared edge
    predicted, target = both[:, 0], both[:, 1]
    cases = []
    for name, function in [
        ("giouLoss", ops.generalized_box_iou_loss),
        ("diouLoss", ops.distance_box_iou_loss),
        ("ciouLoss", ops.complete_box_iou_loss),
    ]:
        boxes = torch.tensor(predicted, requires_grad=True)
        loss = function(boxes, torch.tensor(target), reduction="none", eps=1e-7)
        loss.sum().backward()
        cases.append({
            "name": name,
            "settings": {},
            "predicted": numbers(predicted.ravel()),
            "target": numbers(target.ravel()),
            "loss": numbers(loss.detach()),
            "gradient": numbers(boxes.grad.ravel()),
        })
    return cases


def ultralytics(z, y, gamma, alpha):
    p = z.sigmoid()
    loss = F.binary_cross_entropy_with_logits(z, y, reduction="none")
    loss = loss * (1 - (y * p + (1 - y) * (1 - p))) ** gamma
    if alpha > 0:
        loss = loss * (y * alpha + (1 - y) * (1 - alpha))
    return loss.mean(1).sum()


def mmdet(z, y, gamma, alpha, average_factor=None):
    p = z.sigmoid()
    weight = (alpha * y + (1 - alpha) * (1 - y)) * ((1 - p) * y + p * (1 - y)) ** gamma
    loss = F.binary_cross_entropy_with_logits(z, y, reduction="none") * weight
    return loss.mean() if average_factor is None else loss.sum() / average_factor


def convention_cases():
    rng = np.random.default_rng(20260103)
    logits = np.round(rng.normal(-2, 2, (6, 3)), 3)
    targets = (rng.uniform(size=(6, 3)) < 0.3).astype(float)
    y = torch.tensor(targets)
    cases = []

    def add(convention, settings, function):
        z = torch.tensor(logits, requires_grad=True)
        value = function(z)
        value.backward()
        cases.append({
            "convention": convention,
            "settings": settings,
            "value": float(value.detach()),
            "gradient": numbers(z.grad.ravel()),
        })

    for alpha in [0.25, 0, -1]:
        add("ultralytics", {"gamma": 1.5, "alpha": alpha},
            lambda z: ultralytics(z, y, 1.5, alpha))
        for reduction in ["sum", "mean"]:
            add("torchvision", {"gamma": 2, "alpha": alpha, "reduction": reduction},
                lambda z: ops.sigmoid_focal_loss(z, y, alpha, 2, reduction))
    for alpha in [0.25, 0]:
        add("mmdet", {"gamma": 2, "alpha": alpha}, lambda z: mmdet(z, y, 2, alpha))
        add("mmdet", {"gamma": 2, "alpha": alpha, "averageFactor": 4},
            lambda z: mmdet(z, y, 2, alpha, 4))
    return {
        "columns": 3,
        "logits": numbers(logits.ravel()),
        "targets": numbers(targets.ravel()),
        "cases": cases,
    }


golden = {
    "elements": element_cases(),
    "softmax": [softmax_case(g, a) for g in [0, 0.5, 2] for a in [None, [0.25, 0.5, 2]]],
    "overlaps": overlap_cases(),
    "boxes": box_cases(),
    "conventions": convention_cases(),
}
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(golden, indent=1) + "\n")
