"""Makes detector_golden.json: what NumPy decodes from small outputs of every family.

Made with Python 3 and numpy 2.4.6:

    python3 -m venv venv && venv/bin/pip install numpy
    venv/bin/python tests/golden/detector_golden.py

Nothing here is shared with the adapters. Every family is decoded whole, as the program that trains
it does after the network; only then are the rows above the threshold picked. What the formulas come
from stands at each function. Everything is float64 on inputs rounded to three decimals.
"""

import json
import pathlib

import numpy as np

WIDTH, HEIGHT = 96, 64
CLASSES = 3
CONFIDENCE = 0.35


def numbers(values, form="g"):
    """Numbers as one string, so that a formatter does not give each a line of its own."""
    return " ".join(f"{value:{form}}" for value in np.ravel(values))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def corners(box):
    """Centre and size to corners."""
    x, y, w, h = np.moveaxis(box, -1, 0)
    return np.stack([x - w / 2, y - h / 2, x + w / 2, y + h / 2], -1)


def cells(strides):
    """Column, row and stride of every cell, level by level, row by row."""
    levels = []
    for s in strides:
        y, x = np.mgrid[: -(-HEIGHT // s), : -(-WIDTH // s)]
        levels.append(np.stack([x.ravel(), y.ravel(), np.full(x.size, s)], -1))
    return np.concatenate(levels).astype(float)


def pick(boxes, scores):
    """Rows whose best class reaches the threshold: corners, score, class, row."""
    best = scores.argmax(1)
    top = scores[np.arange(len(scores)), best]
    rows = np.where(top >= CONFIDENCE)[0]
    return {
        "xyxy": numbers(boxes[rows], ".6g"),
        "score": numbers(top[rows], ".6g"),
        "class": numbers(best[rows], "d"),
        "row": numbers(rows, "d"),
    }


def listed(boxes, scores, classes):
    rows = np.where(scores >= CONFIDENCE)[0]
    return {
        "xyxy": numbers(boxes[rows], ".6g"),
        "score": numbers(scores[rows], ".6g"),
        "class": numbers(classes[rows], "d"),
        "row": numbers(rows, "d"),
    }


rng = np.random.default_rng(20260101)


def spread(*shape, low=0.0, high=1.0):
    return np.round(rng.uniform(low, high, shape), 3)


def sparse(rows, classes):
    """Probabilities of which about one row in four is worth reporting."""
    return np.round(rng.uniform(0, 1, (rows, classes)) * rng.choice([0.3, 0.3, 0.3, 1], (rows, 1)), 3)


def pixel_boxes(rows):
    return np.concatenate([spread(rows, 2, high=WIDTH), spread(rows, 2, low=4, high=50)], 1)


def case(name, family, outputs, options, expected):
    return {
        "name": name,
        "family": family,
        "options": options,
        "outputs": {
            role: {"dims": list(value.shape), "values": numbers(value)} for role, value in outputs.items()
        },
        "expected": expected,
    }


def yolo_v8():
    """Ultralytics Detect at inference: xywh in pixels, sigmoid scores; NMS takes the best class."""
    rows = len(cells((8, 16, 32)))
    boxes, scores = pixel_boxes(rows), sparse(rows, CLASSES)
    table = np.concatenate([boxes, scores], 1)
    logits = np.round(np.log(scores.clip(0.001, 0.999) / (1 - scores.clip(0.001, 0.999))), 3)
    raw = np.concatenate([boxes, logits], 1)
    options = {"rows": rows, "layout": "columns", "scores": "probability"}
    return [
        case("channels first", "yolo-v8", {"predictions": table.T[None]}, options, pick(corners(boxes), scores)),
        case(
            "rows first", "yolo-v8", {"predictions": table[None]}, {**options, "layout": "rows"},
            pick(corners(boxes), scores),
        ),
        case(
            "logits", "yolo-v8", {"predictions": raw.T[None]}, {**options, "scores": "logit"},
            pick(corners(boxes), sigmoid(logits)),
        ),
    ]


def yolo_v5():
    """non_max_suppression of YOLOv5 with multi_label off: conf = obj_conf * cls_conf."""
    rows = 3 * len(cells((16, 32)))
    table = np.concatenate([pixel_boxes(rows), spread(rows, 1), sparse(rows, CLASSES)], 1)
    scores = table[:, 5:] * table[:, 4:5]
    options = {"rows": rows}
    return [case("obj times class", "yolo-v5", {"predictions": table[None]}, options, pick(corners(table[:, :4]), scores))]


def yolox():
    """YOLOX demo_postprocess: (xy + grid) * stride, exp(wh) * stride; obj * class."""
    strides = (8, 16, 32)
    grid = cells(strides)
    rows = len(grid)
    raw = np.concatenate([
        spread(rows, 2, low=-1, high=2), spread(rows, 2, low=-2, high=2), spread(rows, 1), sparse(rows, CLASSES),
    ], 1)
    boxes = np.concatenate([(raw[:, :2] + grid[:, :2]) * grid[:, 2:], np.exp(raw[:, 2:4]) * grid[:, 2:]], 1)
    scores = raw[:, 5:] * raw[:, 4:5]
    options = {"rows": rows, "strides": list(strides), "boxes": "grid"}
    decoded = np.concatenate([pixel_boxes(rows), raw[:, 4:]], 1)
    return [
        case("raw grid", "yolox", {"predictions": raw[None]}, options, pick(corners(boxes), scores)),
        case(
            "decoded in the graph", "yolox", {"predictions": decoded[None]}, {**options, "boxes": "pixels"},
            pick(corners(decoded[:, :4]), scores),
        ),
    ]


def yolo_end2end():
    """YOLOv10 and YOLO26: x1 y1 x2 y2 score class, best first, the rest zeros."""
    rows = 12
    boxes, scores = corners(pixel_boxes(rows)).round(3), np.sort(spread(rows))[::-1].copy()
    classes = rng.integers(0, CLASSES, rows)
    table = np.concatenate([boxes, scores[:, None], classes[:, None]], 1)
    table[9:] = 0
    return [case(
        "best first", "yolo-end2end", {"predictions": table[None]}, {"rows": rows},
        listed(table[:, :4], table[:, 4], table[:, 5].astype(int)),
    )]


def nanodet():
    """NanoDet get_bboxes: Integral (softmax times 0..reg_max) times stride, distance2bbox with
    max_shape; priors at the cells' corners in NanoDetPlusHead, at their centres in GFLHead."""
    found = []
    for name, strides, offset, reg_max in (("plus", (16, 32, 64), 0, 7), ("before plus", (16, 32), 0.5, 10)):
        grid = cells(strides)
        rows = len(grid)
        scores = sparse(rows, CLASSES)
        logits = spread(rows, 4 * (reg_max + 1), low=-3, high=3)
        bins = softmax(logits.reshape(rows, 4, reg_max + 1)) @ np.arange(reg_max + 1) * grid[:, 2:]
        at = (grid[:, :2] + offset) * grid[:, 2:]
        boxes = np.concatenate([at - bins[:, :2], at + bins[:, 2:]], 1)
        boxes[:, 0::2] = boxes[:, 0::2].clip(0, WIDTH)
        boxes[:, 1::2] = boxes[:, 1::2].clip(0, HEIGHT)
        options = {"rows": rows, "strides": list(strides), "regMax": reg_max, "centreOffset": offset}
        table = np.concatenate([scores, logits], 1)
        found.append(case(name, "nanodet", {"predictions": table[None]}, options, pick(boxes, scores)))
    return found


def detr():
    """DETR PostProcess: softmax without the last channel; RT-DETR with focal loss: sigmoid. Boxes are
    cxcywh in 0-1, scaled by width and height."""
    rows = 15
    boxes = np.concatenate([spread(rows, 2), spread(rows, 2, low=0.05, high=0.5)], 1)
    size = np.array([WIDTH, HEIGHT, WIDTH, HEIGHT])
    xyxy = corners(boxes) * size
    logits = spread(rows, CLASSES + 1, low=-4, high=4)
    names = {"logits": logits[None], "boxes": boxes[None]}
    pair = {"rows": rows, "format": "pair", "channels": CLASSES + 1}
    probabilities = sparse(rows, CLASSES)
    joined = np.concatenate([boxes, probabilities], 1)
    none = {"rows": rows, "activation": "none"}
    best, top = probabilities.argmax(1), probabilities.max(1)
    table = np.concatenate([boxes, top[:, None], best[:, None]], 1)
    return [
        case("softmax", "detr", names, {**pair, "activation": "softmax"}, pick(xyxy, softmax(logits)[:, :-1])),
        case("sigmoid", "detr", names, {**pair, "activation": "sigmoid"}, pick(xyxy, sigmoid(logits)[:, :-1])),
        case(
            "joined", "detr", {"predictions": joined[None]}, {**none, "format": "joined", "channels": 4 + CLASSES},
            pick(xyxy, probabilities),
        ),
        case(
            "listed", "detr", {"predictions": table[None]}, {**none, "format": "listed", "channels": 6},
            listed(xyxy, top, best),
        ),
        case(
            "picked", "detr", {"labels": best[None], "boxes": xyxy.round(3)[None], "scores": top[None]},
            {**none, "format": "picked", "channels": 1}, listed(xyxy.round(3), top, best),
        ),
    ]


golden = {
    "made": f"numpy {np.__version__}",
    "width": WIDTH,
    "height": HEIGHT,
    "classes": CLASSES,
    "confidence": CONFIDENCE,
    "cases": [*yolo_v8(), *yolo_v5(), *yolox(), *yolo_end2end(), *nanodet(), *detr()],
}
path = pathlib.Path(__file__).with_name("detector_golden.json")
path.write_text(json.dumps(golden, indent=2) + "\n")
