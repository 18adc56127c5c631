"""Makes track_golden.json: what other programs say about assignments, filters and tracks.

Made with Python 3, numpy 2.4.6, scipy 1.17.1 and TrackEval (github.com/JonathonLuiten/TrackEval,
MIT; its metrics `CLEAR` and `Identity`, with `np.int` read as `int`) on PYTHONPATH:

    python3 -m venv venv && venv/bin/pip install numpy scipy
    PYTHONPATH=TrackEval venv/bin/python tests/golden/track_golden.py

Nothing here is shared with fovea. Assignments are solved by SciPy on a square matrix in which every
row and column has a partner of its own that costs half the limit. The filter is written with full
8 × 8 matrices. Tracks are compared by TrackEval on sequences made below. It counts as a
fragmentation also what the truth itself leaves out, and counts none over a frame in which the
tracker has no box at all; fovea goes by the definition, so `Frag` is given only where neither occurs.
"""

import json
import pathlib

import numpy as np
from scipy.optimize import linear_sum_assignment
from trackeval.metrics import CLEAR, Identity

RNG = np.random.default_rng(2022)


def numbers(values, form="g"):
    """Numbers as one string, so that a formatter does not give each a line of its own."""
    return " ".join(f"{value:{form}}" for value in np.ravel(values))


def assignment(rows, columns, limit):
    costs = np.round(RNG.random((rows, columns)), 3)
    costs[RNG.random((rows, columns)) < 0.3] = 9  # Far above every limit.
    square = np.full((rows + columns, rows + columns), limit / 2)
    square[:rows, :columns] = costs
    square[rows:, columns:] = 0
    chosen = linear_sum_assignment(square)
    pairs = (chosen[0] < rows) & (chosen[1] < columns)
    cost = square[chosen].sum() + (rows - columns) * limit / 2  # Rows pay all, columns nothing.
    return {
        "rows": rows,
        "columns": columns,
        "limit": limit,
        "costs": numbers(costs),
        "pairs": int(pairs.sum()),
        "cost": float(np.round(cost, 9)),
    }


def box_to_state(box):
    x1, y1, x2, y2 = box
    return np.array([(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1])


def filter_run():
    """One object that moves, grows and jitters, seen at uneven times."""
    step_ms, position, velocity = 1000 / 30, 1 / 20, 1 / 160
    h = np.hstack([np.eye(4), np.zeros((4, 4))])
    lines, mean, cov, at_ms = [], None, None, 0.0
    for index in range(25):
        delta_ms = float(RNG.choice([20, 33.3, 40, 100, 250]))
        at_ms += delta_ms
        cx, cy = 100 + 0.08 * at_ms, 80 - 0.01 * at_ms
        w, h_px = 40 + 0.004 * at_ms, 90 + 0.01 * at_ms
        score = float(np.round(RNG.uniform(0.1, 1), 3))
        jitter = RNG.normal(0, 1.5, 4)
        box = np.round(np.array([cx - w / 2, cy - h_px / 2, cx + w / 2, cy + h_px / 2]) + jitter, 2)
        if mean is None:
            mean = np.concatenate([box_to_state(box), np.zeros(4)])
            height = mean[3]
            deviation = [2 * position * height] * 4 + [10 * velocity * height] * 4
            cov = np.diag(np.square(deviation))
        else:
            t, height = delta_ms / step_ms, mean[3]
            f = np.eye(8)
            f[:4, 4:] = t * np.eye(4)
            p, q = (position * height) ** 2, (velocity * height) ** 2
            noise = np.block([
                [(p * t + q * t**3 / 3) * np.eye(4), q * t**2 / 2 * np.eye(4)],
                [q * t**2 / 2 * np.eye(4), q * t * np.eye(4)],
            ])
            mean, cov = f @ mean, f @ cov @ f.T + noise
            if index % 6 != 5:  # Now and then it is not seen.
                r = (position * mean[3] / score) ** 2 * np.eye(4)
                gain = cov @ h.T @ np.linalg.inv(h @ cov @ h.T + r)
                mean = mean + gain @ (box_to_state(box) - h @ mean)
                cov = cov - gain @ h @ cov
        x, y, w_px, h_now = mean[:4]
        after = [x - w_px / 2, y - h_now / 2, x + w_px / 2, y + h_now / 2]
        seen = index == 0 or index % 6 != 5
        lines.append({
            "deltaMs": delta_ms,
            "score": score,
            "seen": numbers(box) if seen else "",
            "after": numbers(after, ".12g"),
        })
    return lines


def iou(a, b):
    low, high = np.maximum(a[:, None, :2], b[None, :, :2]), np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = np.prod(np.clip(high - low, 0, None), -1)
    area = lambda boxes: np.prod(boxes[:, 2:] - boxes[:, :2], -1)
    return shared / (area(a)[:, None] + area(b)[None, :] - shared)


def sequence(frames, objects, classes, jitter, miss, switch, noise, gaps):
    """Rows `frame, id, class, x1, y1, x2, y2` of the truth and of a tracker that errs."""
    truth, tracked, next_id = [], [], objects
    ids = list(range(objects))
    size = RNG.uniform(20, 50, (objects, 2))
    start = RNG.uniform(0, 160, (objects, 2))
    speed = RNG.uniform(-3, 3, (objects, 2))
    life = np.stack([RNG.integers(0, frames // 3, objects), RNG.integers(frames // 2, frames, objects)], 1)
    for t in range(frames):
        if RNG.random() < switch:
            a, b = RNG.integers(0, objects, 2)
            ids[a], ids[b] = ids[b], ids[a]
        for k in range(objects):
            if not life[k, 0] <= t <= life[k, 1]:
                continue
            if gaps and k % 2 == 0 and t % 11 in (4, 5):
                continue
            low = start[k] + t * speed[k]
            box = np.concatenate([low, low + size[k]])
            truth.append([t, k, k % classes, *box])
            if RNG.random() < switch:
                ids[k] = next_id
                next_id += 1
            if RNG.random() > miss:
                moved = box + np.tile(RNG.normal(0, jitter, 2), 2) + RNG.normal(0, jitter / 2, 4)
                tracked.append([t, ids[k], k % classes, *moved])
        for _ in range(RNG.poisson(noise)):
            low = RNG.uniform(0, 160, 2)
            tracked.append([t, next_id, int(RNG.integers(classes)), *low, *(low + RNG.uniform(20, 50, 2))])
            next_id += int(RNG.random() < 0.5)
    keep, seen = [], set()
    for row in tracked:
        if (row[0], row[1]) not in seen:
            keep.append(row)
        seen.add((row[0], row[1]))
    return np.round(np.array(truth), 1), np.round(np.array(keep), 1)


def evaluate(truth, tracked, frames):
    gt_ids, tr_ids = np.unique(truth[:, 1]), np.unique(tracked[:, 1])
    data = {
        "num_timesteps": frames,
        "num_gt_dets": len(truth),
        "num_tracker_dets": len(tracked),
        "num_gt_ids": len(gt_ids),
        "num_tracker_ids": len(tr_ids),
        "gt_ids": [],
        "tracker_ids": [],
        "similarity_scores": [],
    }
    for t in range(frames):
        a, b = truth[truth[:, 0] == t], tracked[tracked[:, 0] == t]
        data["gt_ids"].append(np.searchsorted(gt_ids, a[:, 1]))
        data["tracker_ids"].append(np.searchsorted(tr_ids, b[:, 1]))
        data["similarity_scores"].append(iou(a[:, 3:], b[:, 3:]))
    clear, identity = CLEAR().eval_sequence(data), Identity().eval_sequence(data)
    counts = {name: int(clear[name]) for name in ("CLR_TP", "CLR_FN", "CLR_FP", "IDSW", "MT", "PT", "ML", "Frag")}
    counts |= {name: int(identity[name]) for name in ("IDTP", "IDFN", "IDFP")}
    figures = {name: float(f"{clear[name]:.12g}") for name in ("MOTA", "MOTP")}
    return counts | figures | {name: float(f"{identity[name]:.12g}") for name in ("IDF1", "IDP", "IDR")}


def lines(rows, frames):
    return [
        ";".join(numbers(row[1:]) for row in rows[rows[:, 0] == t]) for t in range(frames)
    ]


def track_case(name, frames=30, objects=6, classes=1, gaps=False, **errors):
    truth, tracked = sequence(frames, objects, classes, gaps=gaps, **errors)
    expected = []
    for c in range(classes):
        truth_c, tracked_c = truth[truth[:, 2] == c], tracked[tracked[:, 2] == c]
        figures = evaluate(truth_c, tracked_c, frames)
        if gaps or not set(truth_c[:, 0]) <= set(tracked_c[:, 0]):
            del figures["Frag"]
        expected.append({"classIndex": c, **figures})
    return {
        "name": name,
        "truth": lines(truth, frames),
        "tracked": lines(tracked, frames),
        "expected": expected,
    }


golden = {
    "assignments": [
        assignment(12, 12, 0.4),
        assignment(30, 18, 0.1),
        assignment(18, 30, 0.05),
        assignment(25, 25, 2.0),
    ],
    "filter": filter_run(),
    "tracks": [
        track_case("a tracker that rarely errs", jitter=1, miss=0.02, switch=0.01, noise=0.05),
        track_case("a tracker that often errs", jitter=3, miss=0.25, switch=0.1, noise=0.6),
        track_case("many objects close together", objects=14, frames=24, jitter=4, miss=0.1, switch=0.05, noise=0.3),
        track_case("three classes", objects=9, classes=3, jitter=2, miss=0.1, switch=0.05, noise=0.5),
        track_case("objects that leave and come back", gaps=True, jitter=2, miss=0.1, switch=0.05, noise=0.3),
    ],
}

path = pathlib.Path(__file__).with_name("track_golden.json")
path.write_text(json.dumps(golden, indent=1) + "\n")
