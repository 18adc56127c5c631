"""Makes kernels_golden.json: what OpenCV and NumPy say about small pictures and boxes.

Made with Python 3, opencv-python-headless 5.0.0 and numpy 2.4.6:

    python3 -m venv venv && venv/bin/pip install opencv-python-headless numpy
    venv/bin/python tests/golden/kernels_golden.py

Nothing here is shared with the kernels. Resizing is cv2.resize on float32 planes, colours are the
published decimal coefficients (or cv2.cvtColor), suppression is NumPy over all pairs in float64.
"""

import json
import pathlib

import cv2
import numpy as np

WIDTH, HEIGHT = 14, 10
# Network sizes: smaller, larger, mixed.
SIZES = [(9, 7), (19, 13), (20, 4)]
# Y, then V in red, U and V in green, U in blue: ITU-R BT.601 and BT.709 as printed in textbooks.
COEFFICIENTS = {
    ("limited", "bt601"): (16, 1.164384, 1.596027, -0.391762, -0.812968, 2.017232),
    ("limited", "bt709"): (16, 1.164384, 1.792741, -0.213249, -0.532909, 2.112402),
    ("full", "bt601"): (0, 1.0, 1.402, -0.344136, -0.714136, 1.772),
    ("full", "bt709"): (0, 1.0, 1.5748, -0.187324, -0.468124, 1.8556),
}


def numbers(values):
    """Numbers as one string, so that a formatter does not give each a line of its own."""
    return " ".join(f"{value:g}" for value in np.ravel(values))


def resize(plane, size):
    return cv2.resize(plane.astype(np.float32), size, interpolation=cv2.INTER_LINEAR).astype(float)


def yuv_to_rgb(y, u, v, color):
    black, luma, red_v, green_u, green_v, blue_u = COEFFICIENTS[color]
    y, u, v = luma * (y - black), u - 128, v - 128
    rgb = np.stack([y + red_v * v, y + green_u * u + green_v * v, y + blue_u * u])
    return np.clip(rgb, 0, 255)


def picture_case(rng, fmt, size, color):
    """One picture stretched to `size`; returns its bytes per plane and planar RGB."""
    h, w = HEIGHT, WIDTH
    noise = lambda *shape: rng.integers(0, 256, shape, dtype=np.uint8)
    if fmt == "nv12":
        y, uv = noise(h, w), noise(h // 2, w // 2, 2)
        planes = [y, uv]
        rgb = yuv_to_rgb(resize(y, size), resize(uv[..., 0], size), resize(uv[..., 1], size), color)
    elif fmt == "i420":
        y, u, v = noise(h, w), noise(h // 2, w // 2), noise(h // 2, w // 2)
        planes = [y, u, v]
        rgb = yuv_to_rgb(resize(y, size), resize(u, size), resize(v, size), color)
    elif fmt == "yuyv":
        packed = noise(h, w // 2, 4)
        planes = [packed]
        y = packed[..., [0, 2]].reshape(h, w)
        rgb = yuv_to_rgb(*(resize(p, size) for p in (y, packed[..., 1], packed[..., 3])), color)
    elif fmt == "gray8":
        planes = [noise(h, w)]
        rgb = np.stack([resize(planes[0], size)] * 3)
    else:
        order = {"rgb24": [0, 1, 2], "rgba": [0, 1, 2], "bgr24": [2, 1, 0], "bgrx": [2, 1, 0]}[fmt]
        planes = [noise(h, w, 3 if fmt.endswith("24") else 4)]
        rgb = np.stack([resize(planes[0][..., c], size) for c in order])
    return {
        "format": fmt,
        "width": w,
        "height": h,
        "colorRange": color[0],
        "colorMatrix": color[1],
        "planes": [numbers(p) for p in planes],
        "netWidth": size[0],
        "netHeight": size[1],
        "rgb": numbers(np.round(rgb, 2)),
    }


def picture_cases(rng):
    formats = ["nv12", "i420", "yuyv", "rgb24", "bgr24", "rgba", "bgrx", "gray8"]
    colors = list(COEFFICIENTS)
    return [
        picture_case(rng, fmt, SIZES[(i + j) % 3], colors[(i + 3 * j) % 4])
        for i, fmt in enumerate(formats)
        for j in range(2 if fmt in formats[:3] else 1)
    ]


def cvtcolor_case(rng):
    """BT.601 limited range as OpenCV converts it, with one chroma for the whole picture.

    OpenCV takes luma below 16 for 16; such codes are left out.
    """
    y = rng.integers(16, 256, (HEIGHT, WIDTH), dtype=np.uint8)
    uv = np.empty((HEIGHT // 2, WIDTH), np.uint8)
    uv[:, 0::2], uv[:, 1::2] = 110, 150
    rgb = cv2.cvtColor(np.concatenate([y, uv]), cv2.COLOR_YUV2RGB_NV12)
    return {
        "planes": [numbers(y), numbers(uv)],
        "width": WIDTH,
        "height": HEIGHT,
        "rgb": numbers(rgb),
    }


def iou(a, b):
    low, high = np.maximum(a[:2], b[:, :2]), np.minimum(a[2:], b[:, 2:])
    inter = np.prod(np.clip(high - low, 0, None), axis=1)
    area = lambda box: (box[..., 2] - box[..., 0]) * (box[..., 3] - box[..., 1])
    return inter / (area(a) + area(b) - inter)


def suppress(boxes, scores, classes, threshold, agnostic):
    order, kept = np.argsort(-scores, kind="stable"), []
    while order.size:
        best, rest = order[0], order[1:]
        kept.append(int(best))
        overlap = iou(boxes[best], boxes[rest])
        # No pair may be so close to the threshold that float32 could see it otherwise.
        assert np.all(np.abs(overlap - threshold) > 1e-5)
        drop = overlap > threshold
        order = rest[~(drop if agnostic else drop & (classes[rest] == classes[best]))]
    return kept


def suppression_case(rng):
    count = 160
    centre = rng.uniform(0, 200, (24, 2))[rng.integers(0, 24, count)] + rng.normal(0, 4, (count, 2))
    half = rng.uniform(8, 30, (count, 2))
    boxes = np.round(np.concatenate([centre - half, centre + half], axis=1), 2)
    boxes = boxes.astype(np.float32).astype(float)
    scores = np.round(rng.uniform(0, 1, count), 3).astype(np.float32).astype(float)
    classes = rng.integers(0, 3, count)
    return {
        "boxes": numbers(boxes.round(4)),
        "scores": numbers(scores.round(6)),
        "classes": numbers(classes),
        "kept": [
            {
                "iouThreshold": threshold,
                "agnostic": agnostic,
                "rows": numbers(suppress(boxes, scores, classes, threshold, agnostic)),
            }
            for threshold in (0.3, 0.45, 0.65)
            for agnostic in (False, True)
        ],
    }


def main():
    rng = np.random.default_rng(7)
    golden = {
        "made": f"opencv {cv2.__version__}, numpy {np.__version__}",
        "pictures": picture_cases(rng),
        "cvtColor": cvtcolor_case(rng),
        "suppression": suppression_case(rng),
    }
    path = pathlib.Path(__file__).with_name("kernels_golden.json")
    path.write_text(json.dumps(golden, indent=2) + "\n")


main()
