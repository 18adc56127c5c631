"""Golden figures for the monitor: consensus targets and object-level losses.

    python monitor_golden.py <folder with mon.py and lib.py> > monitor_golden.json

The folder holds the NumPy prototypes that the definitions come from (`consensus_targets`,
`det_loss`, `assign`, `frame_loss`). Made with Python 3.11, NumPy 2.4.6, OpenCV 5.0.0.
"""
import json
import sys

import numpy as np

sys.path.insert(0, sys.argv[1])
import mon  # noqa: E402

W, H, FRAMES = 320, 180, 60


def walk(rng):
    """Detections of objects that move, flicker, change class, leave, and of things never there."""
    objects = [
        dict(x=rng.uniform(20, W - 60), y=rng.uniform(20, H - 60), w=rng.uniform(18, 60),
             h=rng.uniform(14, 50), vx=rng.uniform(-3, 3), vy=rng.uniform(-1, 1),
             cls=int(rng.integers(0, 3)), start=int(rng.integers(0, 25)), end=int(rng.integers(35, 60)),
             score=rng.uniform(.45, .95))
        for _ in range(4)
    ]
    frames = []
    for t in range(FRAMES):
        rows = []
        for o in objects:
            if not o["start"] <= t < o["end"] or rng.random() < .15:
                continue
            x, y = o["x"] + o["vx"] * (t - o["start"]), o["y"] + o["vy"] * (t - o["start"])
            jit = rng.normal(0, .8, 4)
            box = np.array([x, y, x + o["w"], y + o["h"]]) + jit
            box = np.clip(box, 0, [W, H, W, H])
            if box[2] - box[0] < 3 or box[3] - box[1] < 3:
                continue
            cls = (o["cls"] + 1) % 3 if rng.random() < .1 else o["cls"]
            rows.append([*box, np.clip(o["score"] + rng.normal(0, .15), .06, .99), cls])
            if rng.random() < .2:
                rows.append([*(box + rng.normal(0, 3, 4)), rng.uniform(.06, .4), cls])
        for _ in range(int(rng.integers(0, 3))):
            x, y = rng.uniform(0, W - 40), rng.uniform(0, H - 40)
            rows.append([x, y, x + rng.uniform(8, 40), y + rng.uniform(8, 40), rng.uniform(.05, .5),
                         int(rng.integers(0, 3))])
        frames.append(np.round(np.array(sorted(rows, key=lambda r: -r[4]), np.float32).reshape(-1, 6), 3))
    return frames


def sequence(seed):
    det = walk(np.random.default_rng(seed))
    sizes = [(H, W)] * FRAMES
    now = mon.consensus_targets(det, FRAMES, sizes, lag=0)
    late = mon.consensus_targets(det, FRAMES, sizes, lag=8)
    out = []
    for t in range(FRAMES):
        targets = np.concatenate([now[0][t], now[2][t]])
        loss = mon.det_loss(det[t], targets, now[1][t], gammas=(0., 1.5, 2.))
        late_targets = np.concatenate([late[0][t], late[2][t]])
        out.append(dict(
            detections=[[round(float(v), 3) for v in r] for r in det[t]],
            targets=[[round(float(v), 3) for v in r] for r in targets],
            ignored=[[round(float(v), 3) for v in r[:4]] for r in now[1][t]],
            lateTargets=[[round(float(v), 3) for v in r] for r in late_targets],
            losses=[sum(loss[g][:2]) / max(1, loss[g][2]) for g in (0., 1.5, 2.)],
        ))
    return out


print(json.dumps(dict(width=W, height=H, gammas=[0, 1.5, 2], sequences=[sequence(s) for s in (1, 2)])))
