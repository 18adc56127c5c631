"""Makes degrade_golden.json and degrade_golden.bin.gz: degraded pictures by OpenCV and NumPy.

Made with Python 3.11, opencv-python-headless 5.0.0 and numpy 2.4.6:

    python3 -m venv venv && venv/bin/pip install opencv-python-headless==5.0.0.93 numpy==2.4.6
    venv/bin/python tests/golden/degrade_golden.py

Nothing here is shared with src/degrade: each degradation is stated in calls of OpenCV and NumPy.
`geom` of OpenCV 4 differs, because it rounds positions to 1/32 of a pixel.
"""

import gzip
import json
import pathlib

import cv2
import numpy as np

SEVERITIES = [1, 2, 3, 4]
# Width and height of the stored pictures: one even, one odd and smaller than some kernels.
SIZES = [(64, 44), (41, 31)]
# The big picture is a formula, and its results are stored at every STEP-th pixel.
BIG = (640, 360)
STEP = 24


def fog(picture, severity):
    contrast = [0.55, 0.35, 0.18, 0.07][severity - 1]
    return (picture * contrast + (1 - contrast) * 200).astype(np.uint8)


def blur(picture, severity):
    side = [9, 17, 31, 61][severity - 1]
    kernel = np.zeros((side, side), np.float32)
    cv2.line(kernel, (0, side // 4), (side - 1, side - 1 - side // 4), 1, 1)
    return cv2.filter2D(picture, -1, kernel / kernel.sum())


def cast(picture, severity):
    gains = [(1, 0.8, 0.6), (1, 0.6, 0.35), (0.9, 0.35, 0.15), (0.7, 0.12, 0.05)][severity - 1]
    return np.clip(picture * np.array(gains, np.float32), 0, 255).astype(np.uint8)


def dirt(picture, severity):
    share = [0.15, 0.30, 0.5, 0.75][severity - 1]
    height, width = picture.shape[:2]
    noise = np.random.default_rng(5).normal(0, 1, (height, width)).astype(np.float32)
    hills = cv2.GaussianBlur(noise, (0, 0), width / 16)
    patches = (hills > np.quantile(hills, 1 - share)).astype(np.float32)
    cover = cv2.GaussianBlur(patches, (0, 0), width / 100)[..., None] * 0.93
    return (picture * (1 - cover) + cover * np.array([40, 55, 60])).astype(np.uint8)


def turn(severity, width, height):
    degrees, zoom = [(8, 1.0), (20, 1.2), (40, 1.4), (80, 1.6)][severity - 1]
    return cv2.getRotationMatrix2D((width / 2, height / 2), degrees, zoom)


def geom(picture, severity):
    height, width = picture.shape[:2]
    matrix = turn(severity, width, height)
    return cv2.warpAffine(picture, matrix, (width, height), borderMode=cv2.BORDER_REFLECT)


def jpeg(picture, severity):
    quality, factor = [(25, 0.8), (10, 0.5), (5, 0.33), (4, 0.16)][severity - 1]
    height, width = picture.shape[:2]
    small = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    coded = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return cv2.resize(cv2.imdecode(coded, cv2.IMREAD_COLOR), (width, height))


def dark_base(severity):
    gamma, light = [(1.5, 0.6), (2.2, 0.35), (3, 0.2), (3, 0.07)][severity - 1]
    return 255 * (np.arange(256) / 255) ** gamma * light


def moved_boxes(boxes, severity, width, height):
    matrix = turn(severity, width, height)
    angles = np.linspace(0, 2 * np.pi, 40)
    cos, sin = np.cos(angles), np.sin(angles)
    moved = []
    for x1, y1, x2, y2 in boxes:
        x = (x1 + x2) / 2 + (x2 - x1) / 2 * np.sign(cos) * np.abs(cos) ** 0.5
        y = (y1 + y2) / 2 + (y2 - y1) / 2 * np.sign(sin) * np.abs(sin) ** 0.5
        to = matrix @ np.stack([x, y, np.ones(40)])
        low, high = to.min(1), to.max(1)
        moved.append([*np.clip([low[0], low[1]], 0, [width, height]),
                      *np.clip([high[0], high[1]], 0, [width, height])])
    return np.array(moved)


DETERMINISTIC = {f.__name__: f for f in (fog, blur, cast, dirt, geom, jpeg)}


def scene(width, height):
    """Something like a photograph: a sky, a road, shapes with sharp edges, texture, grain."""
    rng = np.random.default_rng(width)
    y, x = np.mgrid[:height, :width]
    sky = np.stack([230 - y, 190 - 0.5 * y, 150 + 0.2 * x], -1)
    road = np.stack([90 + 10 * np.sin(x / 3), 92 + 8 * np.cos(y / 2), 95 + 0.1 * x], -1)
    picture = np.where((y > height * 0.55)[..., None], road, sky).astype(np.float32)
    cv2.rectangle(picture, (width // 6, height // 3), (width // 2, height * 3 // 4), (30, 40, 200), -1)
    cv2.circle(picture, (width * 3 // 4, height // 2), height // 5, (200, 180, 20), -1)
    cv2.line(picture, (0, height - 3), (width, height // 3), (250, 250, 250), 1)
    return np.clip(picture + rng.normal(0, 7, picture.shape), 0, 255).astype(np.uint8)


def formula(width, height):
    """A picture that any language makes alike: whole numbers only."""
    y, x = np.mgrid[:height, :width]
    planes = [x * x // 64 + 3 * y, (x * y // 32) ^ (x // 4), 255 - (x + 2 * y) // 5 + 64 * (x // 50 % 2)]
    return (np.stack(planes, -1) % 256).astype(np.uint8)


def text(values):
    """Numbers as one string, so that a formatter does not give each a line of its own."""
    return " ".join(f"{value:.9g}" for value in np.ravel(values))


def draws():
    """Raw bits and normal numbers of NumPy's default generator."""
    cases = []
    for seed in ([5], [0], [4294967295, 7], [1, 2, 3, 4, 5, 6]):
        raw = np.random.default_rng(seed).bit_generator.random_raw(4)
        normals = np.random.default_rng(seed).standard_normal(200_000)
        # The farthest ones come from the tail of the distribution, which is code of its own.
        farthest = np.argsort(-np.abs(normals))[:4]
        at = np.concatenate([np.arange(4), farthest, [199_999]])
        cases.append({
            "seed": seed,
            "raw": [str(int(bits)) for bits in raw],
            "at": text(at),
            "normals": " ".join(repr(float(normals[i])) for i in at),
        })
    return cases


def main():
    folder = pathlib.Path(__file__).parent
    blobs, pictures = [], []
    for width, height in SIZES:
        picture = scene(width, height)
        blobs.append(picture)
        results = []
        for kind, function in DETERMINISTIC.items():
            for severity in SEVERITIES:
                blobs.append(function(picture, severity))
                results.append(f"{kind}:{severity}")
        pictures.append({"width": width, "height": height, "results": " ".join(results)})
    big = formula(*BIG)
    for function in DETERMINISTIC.values():
        for severity in SEVERITIES:
            blobs.append(function(big, severity)[::STEP, ::STEP])
    boxes = [[30, 20, 70, 40], [0, 0, 20, 30], [600, 300, 640, 360], [100.5, 50.25, 300.75, 200]]
    golden = {
        "made with": f"opencv {cv2.__version__}, numpy {np.__version__}",
        "pictures": pictures,
        "big": {"width": BIG[0], "height": BIG[1], "step": STEP},
        "boxes": {
            "width": BIG[0],
            "height": BIG[1],
            "xyxyPx": text(boxes),
            "moved": [text(moved_boxes(boxes, severity, *BIG)) for severity in SEVERITIES],
        },
        "darkBase": [text(dark_base(severity)) for severity in SEVERITIES],
        "draws": draws(),
    }
    (folder / "degrade_golden.json").write_text(json.dumps(golden, indent=2) + "\n")
    raw = b"".join(np.ascontiguousarray(blob).tobytes() for blob in blobs)
    packed = gzip.compress(raw, 9, mtime=0)
    (folder / "degrade_golden.bin.gz").write_bytes(packed)
    print(f"{len(raw)} bytes of pictures, packed {len(packed)}")


main()
