"""Makes evaluate_golden.json: small synthetic cases with the figures of pycocotools.

    pip install numpy==2.4.6 pycocotools==2.0.11
    python tests/golden/evaluate_golden.py > tests/golden/evaluate_golden.json

COCO's twelve metrics and those per class are pycocotools' own. Precision, recall, F1, calibration
and confusion are not in it; they are computed here in plain Python from their definitions.
"""
import contextlib
import io
import json
from importlib.metadata import version

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

NAMES = ["AP", "AP50", "AP75", "APs", "APm", "APl", "AR1", "AR10", "AR100", "ARs", "ARm", "ARl"]
SCORE = 0.3


def make_case(name, seed, images, classes, truths, detections, crowd=0.1, tie=0, jitter=0.2,
              sides=(6, 220), unknown_area=0.3, empty_class=False):
    """Random boxes; detections lie near truths or anywhere. `tie` rounds scores to that many steps."""
    rng = np.random.default_rng(seed)
    ids = rng.permutation(np.arange(1, images + 1) * 7)
    category_ids = np.arange(1, classes + 1) * 3
    used = category_ids[:-1] if empty_class else category_ids

    def side():
        return float(np.exp(rng.uniform(np.log(sides[0]), np.log(sides[1]))))

    annotations = []
    for i in range(truths):
        x, y, w, h = rng.uniform(0, 400), rng.uniform(0, 300), side(), side()
        box = [round(v, 2) for v in (x, y, w, h)]
        area = box[2] * box[3]
        if rng.random() < unknown_area:  # as of a mask, smaller than its box
            area *= rng.uniform(0.4, 1)
        annotations.append([i + 1, int(rng.choice(ids)), int(rng.choice(used)), *box,
                            round(area, 3), int(rng.random() < crowd)])
    rows = []
    for _ in range(detections):
        if annotations and rng.random() < 0.75:
            _, image, category, x, y, w, h, _, _ = annotations[rng.integers(len(annotations))]
            if rng.random() < 0.15:
                category = int(rng.choice(category_ids))
            s = rng.normal(0, jitter, 4)
            box = [x + s[0] * w, y + s[1] * h, w * np.exp(s[2]), h * np.exp(s[3])]
        else:
            image, category = int(rng.choice(ids)), int(rng.choice(category_ids))
            box = [rng.uniform(0, 400), rng.uniform(0, 300), side(), side()]
        score = rng.random()
        score = round(score * tie) / tie if tie else round(score, 4)
        rows.append([image, category, *[round(float(v), 2) for v in box], score])
    return name, [int(i) for i in ids], [int(c) for c in category_ids], annotations, rows


def hand_made():
    """Cases at the edges: each a picture or two."""
    box = [10, 10, 40, 40]
    yield "nothing detected", [7], [3], [[1, 7, 3, *box, 1600, 0]], []
    yield "nothing to find", [7], [3], [], [[7, 3, *box, 0.9]]
    yield "only a crowd", [7], [3], [[1, 7, 3, 0, 0, 300, 300, 90000, 1]], [
        [7, 3, *box, 0.9], [7, 3, 100, 100, 30, 30, 0.8], [7, 3, 400, 10, 30, 30, 0.7]]
    yield "a crowd beside a person", [7], [3], [
        [1, 7, 3, 0, 0, 300, 300, 90000, 1], [2, 7, 3, *box, 1600, 0]], [
        [7, 3, *box, 0.9], [7, 3, 12, 12, 40, 40, 0.85], [7, 3, 290, 290, 40, 40, 0.8]]
    yield "areas at the ends of ranges", [7], [3], [
        [1, 7, 3, 0, 0, 32, 32, 1024, 0], [2, 7, 3, 100, 0, 96, 96, 9216, 0],
        [3, 7, 3, 200, 100, 31, 33, 1023, 0]], [
        [7, 3, 0, 0, 32, 32, 0.9], [7, 3, 100, 0, 96, 96, 0.8], [7, 3, 200, 100, 31, 33, 0.7],
        [7, 3, 300, 300, 32, 32, 0.6]]
    yield "boxes without an area", [7], [3], [
        [1, 7, 3, 10, 10, 0, 40, 0, 0], [2, 7, 3, 50, 50, 20, 20, 400, 0]], [
        [7, 3, 10, 10, 0, 40, 0.9], [7, 3, 50, 50, 20, 20, 0.8], [7, 3, 50, 50, 0, 0, 0.7]]
    yield "boxes that reach outside", [7], [3], [[1, 7, 3, -20, -10, 60, 60, 3600, 0]], [
        [7, 3, -18, -10, 60, 60, 0.9], [7, 3, 0, 0, 40, 50, 0.5]]
    yield "two detections, one truth, equal scores", [7], [3], [[1, 7, 3, *box, 1600, 0]], [
        [7, 3, 14, 10, 40, 40, 0.5], [7, 3, *box, 0.5]]
    yield "two truths of equal overlap", [7], [3], [
        [1, 7, 3, 0, 10, 40, 40, 1600, 0], [2, 7, 3, 20, 10, 40, 40, 1600, 0]], [
        [7, 3, 10, 10, 40, 40, 0.9], [7, 3, 20, 10, 40, 40, 0.8]]
    yield "one class taken for another", [7, 9], [3, 4, 5], [
        [1, 7, 3, *box, 1600, 0], [2, 7, 4, 200, 10, 40, 40, 1600, 0],
        [3, 9, 5, 50, 50, 60, 60, 3600, 0]], [
        [7, 4, *box, 0.9], [7, 4, 200, 12, 40, 40, 0.8], [9, 3, 52, 50, 60, 60, 0.7],
        [9, 4, 50, 50, 60, 60, 0.31], [9, 5, 50, 50, 60, 60, 0.2]]


def cases():
    yield from hand_made()
    yield make_case("plain", 1, 6, 3, 30, 60, crowd=0, unknown_area=0)
    yield make_case("crowds", 2, 5, 3, 40, 90, crowd=0.35)
    yield make_case("ties", 3, 8, 3, 40, 120, tie=5)
    yield make_case("ties and crowds, close boxes", 4, 3, 2, 30, 110, tie=3, jitter=0.06, crowd=0.2)
    yield make_case("a class without truth", 5, 5, 4, 25, 60, empty_class=True)
    yield make_case("more than a hundred of a class in a picture", 6, 2, 1, 70, 330, jitter=0.12)
    yield make_case("large overlaps", 7, 4, 2, 20, 80, jitter=0.02)
    yield make_case("small objects", 8, 6, 3, 40, 90, sides=(4, 40))
    yield make_case("many pictures, few boxes", 9, 40, 6, 25, 50, tie=10)


def coco(images, categories, annotations):
    return {
        "images": [{"id": i} for i in images],
        "categories": [{"id": c, "name": f"class {c}"} for c in categories],
        "annotations": [{"id": a[0], "image_id": a[1], "category_id": a[2], "bbox": a[3:7],
                         "area": a[7], "iscrowd": a[8]} for a in annotations],
    }


def null(value):
    return None if value < 0 else float(value)


def evaluate(images, categories, annotations, rows):
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = coco(images, categories, annotations)
        truth.createIndex()
        if rows:
            found = truth.loadRes([{"image_id": r[0], "category_id": r[1], "bbox": r[2:6],
                                    "score": r[6]} for r in rows])
        else:  # loadRes refuses an empty list
            found = COCO()
            found.dataset = coco(images, categories, [])
            found.createIndex()

        def run(only=None):
            e = COCOeval(truth, found, "bbox")
            if only is not None:
                e.params.catIds = [only]
            e.evaluate()
            e.accumulate()
            e.summarize()
            return {name: null(value) for name, value in zip(NAMES, e.stats)}

        return run(), {str(c): run(c) for c in categories}


def iou(a, b, crowd=False):
    w = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    h = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    if w <= 0 or h <= 0:
        return 0.0
    return w * h / (a[2] * a[3] if crowd else a[2] * a[3] + b[2] * b[3] - w * h)


def fate(annotations, rows):
    """Per detection: the annotation it hits, 'false', 'ignored', or None beyond the hundredth."""
    fates = [None] * len(rows)
    groups = {}
    for i, r in enumerate(rows):
        groups.setdefault((r[0], r[1]), []).append(i)
    for (image, category), members in groups.items():
        members.sort(key=lambda i: -rows[i][6])
        own = [a for a in annotations if a[1] == image and a[2] == category]
        free = [a for a in own if not a[8]]
        for i in members[:100]:
            best = None
            for a in free:
                v = iou(rows[i][2:6], a[3:7])
                if v >= 0.5 and (best is None or v >= best[0]):
                    best = (v, a)
            if best is not None:
                free = [a for a in free if a is not best[1]]
                fates[i] = best[1]
            elif any(a[8] and iou(rows[i][2:6], a[3:7], True) >= 0.5 for a in own):
                fates[i] = "ignored"
            else:
                fates[i] = "false"
    return fates


def rate(a, b):
    return None if b == 0 else a / b


def operating_point(score, annotations, rows, fates):
    seen = [f for f, r in zip(fates, rows) if r[6] >= score and f not in (None, "ignored")]
    hits = sum(f != "false" for f in seen)
    real = sum(not a[8] for a in annotations)
    return {"score": score, "precision": rate(hits, len(seen)), "recall": rate(hits, real),
            "f1": rate(2 * hits, len(seen) + real)}


def calibration_error(rows, fates, score):
    items = [(r[6], f != "false") for r, f in zip(rows, fates)
             if f not in (None, "ignored") and r[6] >= score]
    total = 0.0
    for m in range(10):
        part = [(s, hit) for s, hit in items if min(9, int(s * 10)) == m]
        if part:
            total += len(part) * abs(np.mean([h for _, h in part]) - np.mean([s for s, _ in part]))
    return rate(total, len(items))


def confusion(categories, annotations, rows, fates, images):
    n = len(categories)
    index = {c: i for i, c in enumerate(categories)}
    m = np.zeros((n + 1, n + 1), int)
    hit = {f[0] for f, r in zip(fates, rows) if isinstance(f, list) and r[6] >= SCORE}
    for a in annotations:
        if a[0] in hit:
            m[index[a[2]], index[a[2]]] += 1
    for image in images:
        missed = [a for a in annotations if a[1] == image and not a[8] and a[0] not in hit]
        false = [i for i, r in enumerate(rows)
                 if r[0] == image and r[6] >= SCORE and fates[i] == "false"]
        pairs = sorted(((iou(rows[i][2:6], a[3:7]), rows[i][6], a[0], i)
                        for a in missed for i in false), key=lambda p: (-p[0], -p[1]))
        used_truths, used = set(), set()
        for v, _, a, i in pairs:
            if v >= 0.5 and a not in used_truths and i not in used:
                used_truths.add(a)
                used.add(i)
                category = next(t[2] for t in missed if t[0] == a)
                m[index[category], index[rows[i][1]]] += 1
        for a in missed:
            if a[0] not in used_truths:
                m[index[a[2]], n] += 1
        for i in false:
            if i not in used:
                m[n, index[rows[i][1]]] += 1
    return m


def text(rows):
    return "; ".join(" ".join(json.dumps(v) for v in row) for row in rows)


def main():
    out = []
    for name, images, categories, annotations, rows in cases():
        metrics, per_class = evaluate(images, categories, annotations, rows)
        fates = fate(annotations, rows)
        best = None
        for score in sorted({r[6] for r in rows}, reverse=True):
            point = operating_point(score, annotations, rows, fates)
            if (point["f1"] or 0) > (best["f1"] if best else 0):
                best = point
        out.append({
            "name": name,
            "images": " ".join(map(str, images)),
            "categories": " ".join(map(str, categories)),
            "annotations": text(annotations),
            "detections": text(rows),
            "metrics": metrics,
            "perClass": {c: {k: v[k] for k in ("AP", "AP50", "AR100")}
                         for c, v in per_class.items()},
            "f1": operating_point(SCORE, annotations, rows, fates),
            "bestF1": best,
            "ece": calibration_error(rows, fates, 0),
            "eceReported": calibration_error(rows, fates, SCORE),
            "confusion": "; ".join(" ".join(map(str, row))
                                   for row in confusion(categories, annotations, rows, fates, images)),
        })
    made = f"pycocotools {version('pycocotools')}, numpy {np.__version__}"
    print(json.dumps({"made": made, "score": SCORE, "cases": out}, indent=2))


if __name__ == "__main__":
    main()
