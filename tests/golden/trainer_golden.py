"""Makes trainer_golden.json: what PyTorch makes of training jobs, step by step.

Made with Python 3, torch 2.13.0 (CPU) and numpy 2.4.6:

    python3 -m venv venv && venv/bin/pip install torch numpy
    venv/bin/python tests/golden/trainer_golden.py

All is computed in float64, gradients by autograd, steps by torch.optim.AdamW without weight decay.
Weights, features, targets and row weights are made by a generator of whole numbers that the test
repeats in the same order: layers (weight, then bias), rows (level, anchor, features, objectness
features, target, weight, row after row), replay rows.
"""

import json
import math
import pathlib

import torch

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)


class Draw:
    """Numbers in 0 to 1 by a linear congruential generator, as float32 where they are kept."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state * 1664525 + 1013904223) % 2**32
        return self.state / 2**32

    def near(self, middle, spread):
        return float(torch.tensor(middle + spread * (2 * self.next() - 1), dtype=torch.float32))

    def whole(self, below):
        return math.floor(self.next() * below)


def layer(rows, channels, class_rows=(), objectness_rows=()):
    return dict(rows=rows, channels=channels, classRows=list(class_rows),
                objectnessRows=list(objectness_rows))


def level(class_layer, objectness_layer=None, anchors=1):
    return dict(classLayer=class_layer, objectnessLayer=objectness_layer, anchors=anchors)


PLAIN = dict(classCount=5, layers=[layer(5, 6, [0]), layer(5, 9, [0])], levels=[level(0), level(1)])
JOINT = dict(
    classCount=5,
    layers=[layer(5, 6, [0]), layer(1, 4, [], [0]), layer(5, 8, [0]), layer(1, 8, [], [0])],
    levels=[level(0, 1), level(2, 3)],
)
# Two anchors, boxes, objectness and classes in one layer: 2 x (4 + 1 + 3).
ANCHORS = dict(
    classCount=3,
    layers=[layer(16, 7, [5, 13], [4, 12])],
    levels=[level(0, 0, 2)],
)
# Three levels share their layers.
SHARED = dict(classCount=5, layers=[layer(5, 6, [0]), layer(1, 6, [], [0])],
              levels=[level(0, 1), level(0, 1), level(0, 1)])


def draw_rows(draw, head, count, share):
    rows = []
    channels = max(head["layers"][l["classLayer"]]["channels"] for l in head["levels"])
    others = max(0 if l["objectnessLayer"] is None else
                 head["layers"][l["objectnessLayer"]]["channels"] for l in head["levels"])
    for _ in range(count):
        which = draw.whole(len(head["levels"]))
        anchor = draw.whole(head["levels"][which]["anchors"])
        x = [draw.near(0, 1.5) for _ in range(channels)]
        o = [draw.near(0, 1.5) for _ in range(others)]
        target = draw.whole(head["classCount"]) if draw.next() < share else -1
        rows.append((which, anchor, x, o, target, draw.near(1, 0.75)))
    return rows


def logits(head, weights, biases, rows, objectness_learns):
    out_c, out_o = [], []
    for which, anchor, x, o, _, _ in rows:
        lev = head["levels"][which]
        one = head["layers"][lev["classLayer"]]
        first = one["classRows"][anchor]
        w = weights[lev["classLayer"]][first:first + head["classCount"]]
        b = biases[lev["classLayer"]][first:first + head["classCount"]]
        out_c.append(w @ torch.tensor(x[:one["channels"]]) + b)
        if lev["objectnessLayer"] is None:
            continue
        other = head["layers"][lev["objectnessLayer"]]
        row = other["objectnessRows"][anchor]
        w, b = weights[lev["objectnessLayer"]][row], biases[lev["objectnessLayer"]][row]
        if not objectness_learns:
            w, b = w.detach(), b.detach()
        out_o.append(w @ torch.tensor(o[:other["channels"]]) + b)
    return torch.stack(out_c), torch.stack(out_o) if out_o else None


def costs(c, o):
    """`-ln p` and `-ln (1 - p)` of every class."""
    softplus = torch.nn.functional.softplus
    if o is None:
        return softplus(-c), softplus(c)
    minus_ln_p = softplus(-c) + softplus(-o)[:, None]
    # ln(1 - p) = ln(sigmoid(-c) + sigmoid(c) sigmoid(-o)), in logarithms throughout
    return minus_ln_p, -torch.logaddexp(-softplus(c), -softplus(-c) - softplus(o)[:, None])


def case(name, seed, head, *, rows, replay=0, classes=None, objectness=True, scale=1.0, bias=-1.5,
         **recipe):
    settings = dict(alpha=0.25, gamma=1.5, learningRate=0.01, steps=30, warmUpSteps=5, pull=0.3,
                    replayWeight=3)
    settings.update(recipe)
    draw = Draw(seed)
    weights, biases = [], []
    for l in head["layers"]:
        weights.append(torch.tensor([[draw.near(0, scale) for _ in range(l["channels"])]
                                     for _ in range(l["rows"])], requires_grad=True))
        biases.append(torch.tensor([draw.near(bias, 0.5) for _ in range(l["rows"])],
                                   requires_grad=True))
    drifted = draw_rows(draw, head, rows, 0.4)
    kept = draw_rows(draw, head, replay, 0.4)
    learning = list(range(head["classCount"])) if classes is None else classes
    reference = [p.detach().clone() for p in weights + biases]
    optimizer = torch.optim.AdamW(weights + biases, lr=settings["learningRate"], weight_decay=0.0)
    positives = max(1, sum(r[4] in learning for r in drifted))
    kept_positives = max(1, sum(r[4] >= 0 for r in kept))
    y = torch.tensor([[float(r[4] == k) for k in learning] for r in drifted])
    row_weight = torch.tensor([r[5] for r in drifted])[:, None]
    kept_weight = torch.tensor([r[5] for r in kept])[:, None]
    a, g = settings["alpha"], settings["gamma"]
    wanted = None
    losses = []

    def loss():
        nonlocal wanted
        c, o = logits(head, weights, biases, drifted, objectness)
        ce_p, ce_n = costs(c[:, learning], o)
        focal = a * y * torch.exp(-g * ce_n) * ce_p + (1 - a) * (1 - y) * torch.exp(-g * ce_p) * ce_n
        of_rows = (focal * row_weight).sum() / positives
        of_replay = torch.zeros(())
        if kept:
            c, o = logits(head, weights, biases, kept, objectness)
            ce_p, ce_n = costs(c[:, learning], o)
            p = torch.exp(-ce_p)
            if wanted is None:
                wanted = p.detach()
            ce = wanted * ce_p + (1 - wanted) * ce_n
            like = (p - wanted).abs() * ce
            of_replay = settings["replayWeight"] * (like * kept_weight).sum() / kept_positives
        pull = settings["pull"] * sum(((p - q)**2).sum()
                                      for p, q in zip(weights + biases, reference))
        return of_rows, of_replay, pull

    for step in range(settings["steps"] + 1):
        parts = loss()
        losses.append([float(sum(parts).detach())] + [float(p.detach()) for p in parts])
        if step == settings["steps"]:
            break
        rise = 1 if settings["warmUpSteps"] == 0 else min(1, (step + 1) / settings["warmUpSteps"])
        cosine = 0.5 * (1 + math.cos(math.pi * step / settings["steps"]))
        for group in optimizer.param_groups:
            group["lr"] = settings["learningRate"] * rise * cosine
        optimizer.zero_grad()
        sum(parts).backward()
        if step == 0:
            gradient = [float((p.grad if p.grad is not None else torch.zeros_like(p)).abs().sum())
                        for p in weights + biases]
        optimizer.step()
    return dict(
        name=name, seed=seed, head=head, rows=rows, replay=replay, classes=learning,
        objectness=objectness, scale=scale, bias=bias, recipe=settings,
        losses=[[float(f"{v:.9g}") for v in losses[i]]
                for i in sorted({0, 1, 2, 5, settings["steps"] // 2, settings["steps"]})],
        gradient=[float(f"{v:.7g}") for v in gradient],
        values=[[float(f"{v:.7g}") for v in p.detach().flatten().tolist()]
                for p in weights + biases],
    )


def main():
    cases = [
        case("sigmoid head", 1, PLAIN, rows=40, pull=0.0),
        case("sigmoid head, replay and pull", 2, PLAIN, rows=40, replay=60),
        case("sigmoid head, some classes", 3, PLAIN, rows=40, replay=60, classes=[1, 3]),
        case("joint head", 4, JOINT, rows=50, pull=0.0),
        case("joint head, replay and pull", 5, JOINT, rows=50, replay=70),
        case("joint head, objectness rests", 6, JOINT, rows=50, replay=70, objectness=False),
        case("joint head, one class", 7, JOINT, rows=50, replay=70, classes=[2], learningRate=0.02,
             pull=0.01),
        case("joint head, sure of itself", 8, JOINT, rows=50, replay=50, scale=12.0, bias=3.0),
        case("anchors in one layer", 9, ANCHORS, rows=60, replay=60, classes=[0, 2]),
        case("levels that share layers", 10, SHARED, rows=60, replay=60),
        case("gamma 2, alpha a half, no warm-up", 11, JOINT, rows=40, replay=40, gamma=2.0,
             alpha=0.5, warmUpSteps=0),
        case("gamma 0.7, a heavy replay", 12, JOINT, rows=40, replay=40, gamma=0.7,
             replayWeight=10.0),
        case("gamma 0: cross-entropy", 13, PLAIN, rows=40, replay=40, gamma=0.0),
    ]
    out = pathlib.Path(__file__).with_suffix(".json")
    text = json.dumps(cases)
    out.write_text(text.replace('{"name"', '\n{"name"') + "\n")


main()
