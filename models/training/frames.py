"""Rendered frames as training batches.

A batch follows from the seed and its number alone, whatever the number of processes that share it
and wherever a run was interrupted.
"""

from dataclasses import dataclass
import json
from pathlib import Path

import cv2
import numpy as np
from torch.utils.data import Dataset

from model import CLASS_NAMES, INPUT_HEIGHT, INPUT_WIDTH

HELD_OUT_SEED_MIN = 1_000_000
"""Streets with this seed or a higher one are for evaluation alone."""

PAD = 114
"""Grey around a picture that does not fill the input."""

PADDING, OBJECT, IGNORED = 0, 1, 2
"""State of a row of `Batch.boxes`: no box, one to be found, one that nobody is judged by."""

SEEN_MIN = 0.25
"""Objects of which a smaller share can be seen are ignored, as in the world's own annotations."""

AREA_MIN = 64.0
"""Boxes under this many square pixels of the input are ignored, as by the world at its own size."""

SIDE_MIN = 2.0
"""Boxes that a cut leaves narrower than this many pixels of the input are dropped."""


@dataclass(frozen=True)
class Batch:
    """Pictures with their boxes."""

    images: np.ndarray
    """`[batch, height, width, 3]` uint8, red first; all of the input, or a band of it."""
    boxes: np.ndarray
    """`[batch, rows, 4]` float32, left, top, right, bottom in pixels of these images."""
    classes: np.ndarray
    """`[batch, rows]` int64."""
    states: np.ndarray
    """`[batch, rows]` uint8: PADDING, OBJECT or IGNORED."""


class RenderedFrames:
    """What `render.ts` wrote, mapped into memory."""

    def __init__(self, prefix: Path) -> None:
        description = json.loads(Path(f"{prefix}.json").read_text())
        _check(description, prefix)
        self.count = description["count"]
        self.height, self.width = description["height"], description["width"]
        shape = (self.count, self.height, self.width, 3)
        self.pixels = np.memmap(f"{prefix}.rgb", np.uint8, "r", shape=shape)
        columns = {name: i for i, name in enumerate(description["columns"])}
        rows = np.array(description["boxes"], np.float32).reshape(-1, len(columns))
        first = np.searchsorted(rows[:, columns["image"]], np.arange(self.count + 1))
        corners = [columns[name] for name in ("x1", "y1", "x2", "y2")]
        seen = rows[:, columns["visible"]] * (1 - rows[:, columns["truncated"]])
        # Class, corners, share that can be seen, whether to ignore it.
        rows = np.column_stack(
            [rows[:, columns["class"]], rows[:, corners], seen, rows[:, columns["ignore"]]]
        )
        self.boxes = [rows[a:b] for a, b in zip(first[:-1], first[1:])]


def _check(description: dict, prefix: Path) -> None:
    if tuple(description["classes"]) != CLASS_NAMES:
        raise ValueError(
            f"Cannot train on {prefix}: its classes are {description['classes']}, "
            f"not {list(CLASS_NAMES)}"
        )
    held_out = sorted({i["seed"] for i in description["images"] if i["seed"] >= HELD_OUT_SEED_MIN})
    if held_out:
        raise ValueError(
            f"Cannot train on {prefix}: street {held_out[0]} is held out for evaluation, "
            f"as all from {HELD_OUT_SEED_MIN} on are"
        )
    weathers = sorted({i["weather"] for i in description["images"]} - {"clear"})
    if weathers:
        raise ValueError(
            f"Cannot train on {prefix}: it has weather {weathers[0]}; this detector is trained in "
            "clear weather only, so that bad weather can be told from it"
        )


@dataclass(frozen=True)
class Augmentation:
    """How far a picture may be changed: mildly, as the same camera on another day might see it."""

    zoom: float = 1.3
    """Pictures are scaled by 1/zoom to zoom."""
    shift: float = 0.12
    """And moved by up to this share of the input's sides."""
    untouched: float = 0.25
    """Share of pictures whose geometry stays as it is, a mirror aside."""
    gain: float = 0.15
    gamma: float = 0.12
    tint: float = 0.04
    saturation: float = 0.2
    band_height: int = 192
    """Most steps see a band of the input, as wide as it is but only so high: nine in ten objects lie
    in half of the rows, so the same time shows half as many objects again."""
    whole_every: int = 3
    """Of so many steps one sees whole pictures."""


class TrainingBatches(Dataset):
    """Batch `i` of a row of augmented batches, or one part of it."""

    def __init__(
        self,
        frames: RenderedFrames,
        batch_size: int,
        steps: int,
        whole_from: int,
        seed: int,
        part: int = 0,
        parts: int = 1,
        augmentation: Augmentation = Augmentation(),
    ) -> None:
        if batch_size % parts != 0:
            raise ValueError(f"Cannot share a batch of {batch_size} between {parts} processes")
        self.frames = frames
        self.batch_size = batch_size
        self.steps = steps
        self.whole_from = whole_from
        self.seed = seed
        self.part, self.parts = part, parts
        self.augmentation = augmentation
        self._epoch = -1
        self._order = np.empty(0, np.int64)

    def __len__(self) -> int:
        return self.steps

    def __getitem__(self, step: int) -> Batch:
        first = step * self.batch_size
        own = range(first + self.part, first + self.batch_size, self.parts)
        height = self.height_at(step)
        return stack([self._sample(position, height) for position in own])

    def height_at(self, step: int) -> int:
        """Rows of the pictures of a step; from `whole_from` on they are what the detector sees."""
        how = self.augmentation
        whole = step % how.whole_every == 0 or step >= self.whole_from
        return INPUT_HEIGHT if whole else how.band_height

    def _sample(self, position: int, height: int) -> tuple[np.ndarray, np.ndarray]:
        """Every frame once before any comes again, in an order of its own each time."""
        epoch, place = divmod(position, self.frames.count)
        if epoch != self._epoch:
            self._epoch = epoch
            order = np.random.default_rng([self.seed, epoch, 0xE90C])
            self._order = order.permutation(self.frames.count)
        index = self._order[place]
        rng = np.random.default_rng([self.seed, position])
        pixels, rows = self.frames.pixels[index], self.frames.boxes[index]
        return augment(pixels, rows, self.augmentation, rng, height)


def augment(
    pixels: np.ndarray,
    rows: np.ndarray,
    how: Augmentation,
    rng: np.random.Generator,
    band_height: int = INPUT_HEIGHT,
) -> tuple[np.ndarray, np.ndarray]:
    """One frame, letterboxed into the input with a random zoom, shift, mirror and exposure; of the
    input only a band where objects are, if that is to be less high.

    Rows of boxes are class, left, top, right, bottom, seen share, ignored; so are those returned.
    """
    height, width = pixels.shape[:2]
    size = (INPUT_WIDTH, band_height)
    scale = min(INPUT_WIDTH / width, INPUT_HEIGHT / height)
    shift_x = shift_y = 0.0
    if rng.random() >= how.untouched:
        scale *= how.zoom ** rng.uniform(-1, 1)
        shift_x, shift_y = rng.uniform(-how.shift, how.shift, 2) * (INPUT_WIDTH, INPUT_HEIGHT)
    pad_x = (INPUT_WIDTH - width * scale) / 2 + shift_x
    pad_y = (INPUT_HEIGHT - height * scale) / 2 + shift_y
    middles = (rows[:, 2] + rows[:, 4]) / 2 * scale + pad_y
    pad_y -= band_top(middles, band_height, rng)
    image = place(pixels, scale, pad_x, pad_y, size)
    rows = move_boxes(rows, scale, pad_x, pad_y, size)
    if rng.random() < 0.5:
        image = image[:, ::-1]
        rows[:, [1, 3]] = INPUT_WIDTH - rows[:, [3, 1]]
    return expose(np.ascontiguousarray(image), how, rng), rows


def band_top(middles: np.ndarray, height: int, rng: np.random.Generator) -> float:
    """First row of a band around one of these rows, or around the middle where there is none."""
    middle = float(rng.choice(middles)) if len(middles) > 0 else INPUT_HEIGHT / 2
    top = middle - height * rng.uniform(0.25, 0.75)
    return min(max(top, 0.0), INPUT_HEIGHT - height)


def place(
    pixels: np.ndarray, scale: float, pad_x: float, pad_y: float, size: tuple[int, int]
) -> np.ndarray:
    """The picture at `source * scale + pad`, bilinear, cut to `size` or with grey around it."""
    # OpenCV counts from pixel centres, letterboxes from edges.
    half = scale / 2 - 0.5
    matrix = np.array([[scale, 0, half + pad_x], [0, scale, half + pad_y]], np.float64)
    return cv2.warpAffine(
        pixels,
        matrix,
        size,
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(PAD, PAD, PAD),
    )


def move_boxes(
    rows: np.ndarray, scale: float, pad_x: float, pad_y: float, size: tuple[int, int]
) -> np.ndarray:
    """Boxes in a picture of that size, cut at its edges; what a cut hides counts as not seen."""
    rows = rows.copy()
    rows[:, [1, 3]] = rows[:, [1, 3]] * scale + pad_x
    rows[:, [2, 4]] = rows[:, [2, 4]] * scale + pad_y
    whole = _areas(rows)
    rows[:, [1, 3]] = rows[:, [1, 3]].clip(0, size[0])
    rows[:, [2, 4]] = rows[:, [2, 4]].clip(0, size[1])
    rows[:, 5] *= _areas(rows) / np.maximum(whole, 1e-6)
    rows[(rows[:, 5] < SEEN_MIN) | (_areas(rows) < AREA_MIN), 6] = 1
    sides = np.minimum(rows[:, 3] - rows[:, 1], rows[:, 4] - rows[:, 2])
    return rows[sides >= SIDE_MIN]


def _areas(rows: np.ndarray) -> np.ndarray:
    return (rows[:, 3] - rows[:, 1]) * (rows[:, 4] - rows[:, 2])


def expose(image: np.ndarray, how: Augmentation, rng: np.random.Generator) -> np.ndarray:
    """Another exposure, contrast, tint and saturation."""
    gain = 1 + rng.uniform(-how.gain, how.gain) + rng.uniform(-how.tint, how.tint, 3)
    gamma = 1 + rng.uniform(-how.gamma, how.gamma)
    levels = (np.arange(256) / 255.0) ** gamma
    table = (levels[:, None] * gain * 255 + 0.5).clip(0, 255).astype(np.uint8)
    image = cv2.LUT(image, table[None])
    grey = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    saturation = 1 + rng.uniform(-how.saturation, how.saturation)
    return cv2.addWeighted(image, saturation, grey, 1 - saturation, 0)


def stack(samples: list[tuple[np.ndarray, np.ndarray]]) -> Batch:
    """Joins pictures; rows are filled up to those of the picture with the most boxes."""
    count = len(samples)
    most = max(1, max(len(rows) for _, rows in samples))
    boxes = np.zeros((count, most, 4), np.float32)
    classes = np.zeros((count, most), np.int64)
    states = np.full((count, most), PADDING, np.uint8)
    for i, (_, rows) in enumerate(samples):
        boxes[i, : len(rows)] = rows[:, 1:5]
        classes[i, : len(rows)] = rows[:, 0]
        states[i, : len(rows)] = np.where(rows[:, 6] > 0, IGNORED, OBJECT)
    return Batch(np.stack([image for image, _ in samples]), boxes, classes, states)
