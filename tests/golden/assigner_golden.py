"""Makes assigner_golden.json: which anchors NumPy gives to targets.

Made with Python 3 and numpy 2.4.6:

    python3 -m venv venv && venv/bin/pip install numpy
    venv/bin/python tests/golden/assigner_golden.py [mon.py]

`assign` is the prototype behind the refinement's measured figures, written here with the grid as an
argument. With the prototype's own file as an argument, the script checks that both give the same.
The prototype lets one anchor answer for several targets; what is kept says so, anchor by anchor.

The predicted boxes are made by a generator of whole numbers that the test repeats.
"""

import json
import pathlib
import re
import sys

import numpy as np

SIDE = 416
STRIDES = (8, 16, 32)


def cells():
    """Anchor points and strides, level by level, row by row."""
    points, strides = [], []
    for stride in STRIDES:
        count = SIDE // stride
        y, x = np.mgrid[:count, :count]
        points.append((np.stack([x, y], -1).reshape(-1, 2) + 0.5) * stride)
        strides.append(np.full(count * count, stride))
    return np.concatenate(points).astype(np.float32), np.concatenate(strides).astype(np.float32)


POINTS, CELL = cells()


def draw(seed, count):
    """`count` numbers in 0 to 1 by a linear congruential generator."""
    state, out = seed, []
    for _ in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        out.append(state / 2**32)
    return np.array(out)


def predict(seed, targets, share):
    """Boxes around the anchor points; a share of those near a target look like it."""
    r = draw(seed, 5 * len(POINTS)).reshape(-1, 5)
    centre = POINTS + (r[:, :2] - 0.5) * 2 * CELL[:, None]
    size = CELL[:, None] * (1 + 7 * r[:, 2:4] ** 2)
    boxes = np.concatenate([centre - size / 2, centre + size / 2], 1).astype(np.float32)
    for target in targets:
        middle = (target[:2] + target[2:4]) / 2
        near = (np.abs(POINTS - middle) < 3 * CELL[:, None]).all(1) & (r[:, 4] < share)
        jitter = (r[near][:, :4] - 0.5) * 0.35 * np.tile(target[2:4] - target[:2], 2)
        boxes[near] = (target[None, :4] + jitter).astype(np.float32)
    return boxes


def iou(a, b):
    lt = np.maximum(a[:, None, :2], b[None, :, :2])
    rb = np.minimum(a[:, None, 2:4], b[None, :, 2:4])
    w = np.clip(rb - lt, 0, None)
    i = w[..., 0] * w[..., 1]
    area = ((a[:, 2] - a[:, 0]) * (a[:, 3] - a[:, 1]))[:, None]
    other = ((b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1]))[None]
    return i / np.maximum(area + other - i, 1e-9)


def assign(boxes, targets, topk=10):
    """Anchor, target and IoU of every claim, and the band that is no negative."""
    claims, ignored = [], np.zeros(len(boxes), bool)
    overlaps = iou(targets, boxes)
    for j, target in enumerate(targets):
        centre = (target[:2] + target[2:4]) / 2
        x, y = POINTS[:, 0], POINTS[:, 1]
        inside = (x > target[0]) & (x < target[2]) & (y > target[1]) & (y < target[3])
        near = (np.abs(POINTS - centre) < 2.5 * CELL[:, None]).all(1)
        ignored |= inside & (overlaps[j] > 0.2)
        ignored |= overlaps[j] > 0.4
        candidates = np.where(inside & near)[0]
        if len(candidates) == 0:
            candidates = np.array([np.abs(POINTS - centre).sum(1).argmin()])
        own = overlaps[j][candidates]
        order = np.argsort(-own)[:topk]
        k = int(np.clip(own[order].sum(), 1, topk))
        claims += [(int(a), j, float(overlaps[j][a])) for a in candidates[order[:k]]]
    return claims, ignored


def prototype(path):
    """The prototype's own `assign`, on this grid."""
    source = re.search(r"^def assign\(.*?(?=^def )", pathlib.Path(path).read_text(), re.M | re.S)
    scope = {"np": np, "iou": lambda a, b: iou(a, b).astype(np.float32), "CEN": POINTS, "S416": CELL}
    exec(source.group(), scope)
    return scope["assign"]


def case(name, seed, targets, share):
    targets = np.array(targets, np.float32).reshape(-1, 4)
    boxes = predict(seed, targets, share)
    claims, ignored = assign(boxes, targets)
    if len(sys.argv) > 1:
        theirs, band = prototype(sys.argv[1])(boxes, targets)
        assert [c[:2] for c in theirs] == [c[:2] for c in claims] and (band == ignored).all(), name
    return {
        "name": name,
        "seed": seed,
        "share": share,
        "targets": targets.tolist(),
        "anchors": " ".join(str(a) for a, _, _ in claims),
        "owners": " ".join(str(j) for _, j, _ in claims),
        "iou": " ".join(f"{v:.6f}" for _, _, v in claims),
        "ignored": " ".join(map(str, np.where(ignored)[0])),
    }


def main():
    spread = [[20, 30, 90, 120], [150, 40, 260, 90], [300, 200, 380, 390], [60, 260, 200, 400]]
    cases = [
        case("things apart, well predicted", 1, spread, 0.9),
        case("things apart, badly predicted", 2, spread, 0.15),
        case("nothing predicted", 3, spread, 0),
        case("a thing smaller than a cell", 4, [[201, 203, 205, 206]], 0.5),
        case("a thing without an anchor point", 5, [[13, 13, 15, 14.5]], 0.5),
        case("a thing as big as the picture", 6, [[2, 3, 414, 412]], 0.8),
        case("two things side by side", 7, [[100, 100, 160, 170], [150, 105, 215, 175]], 0.8),
        case("one thing inside another", 8, [[80, 80, 300, 300], [150, 150, 190, 200]], 0.7),
        case("the same thing twice", 9, [[100, 100, 150, 160], [100, 100, 150, 160]], 0.8),
        case("things at the border", 10, [[-20, 50, 30, 120], [390, 380, 440, 430]], 0.6),
    ]
    out = pathlib.Path(__file__).with_suffix(".json")
    out.write_text(json.dumps(cases, indent=1) + "\n")


main()
