"""What training minimises.

Cells are assigned to objects by task alignment (TOOD, Feng et al. 2021), scores are trained with
the varifocal loss (Zhang et al. 2021), boxes with CIoU (Zheng et al. 2020).
"""

from dataclasses import dataclass
import math

import torch
from torch import Tensor
import torch.nn.functional as F

from frames import IGNORED, OBJECT
from model import decode_boxes


@dataclass(frozen=True)
class Assignment:
    """Which cell is to find which object."""

    positive: Tensor
    """`[batch, cells]` bool: the cell is to find an object."""
    row: Tensor
    """`[batch, cells]` int64: row of that object; 0 where there is none."""
    quality: Tensor
    """`[batch, cells]` float32: score the cell is to give, 0..1; 0 where it has no object."""


class Criterion:
    """Loss of a batch: classes and boxes, each a sum over cells divided by the summed quality."""

    def __init__(
        self,
        cells: Tensor,
        *,
        cells_per_object: int = 10,
        score_power: float = 0.5,
        overlap_power: float = 4.0,
        negative_weight: float = 0.75,
        focus: float = 2.0,
        box_weight: float = 2.5,
    ) -> None:
        self.cells = cells
        self.cells_per_object = cells_per_object
        self.score_power = score_power
        self.overlap_power = overlap_power
        self.negative_weight = negative_weight
        self.focus = focus
        self.box_weight = box_weight

    def __call__(
        self, logits: Tensor, raw: Tensor, boxes: Tensor, classes: Tensor, states: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Class loss and weighted box loss.

        Logits are `[batch, classes, cells]`, raw boxes `[batch, 4, cells]`, as the network gives
        them; boxes `[batch, rows, 4]`, classes and states `[batch, rows]`, as `Batch` has them.
        """
        logits, raw = logits.float(), raw.float()
        predicted = _corners(decode_boxes(raw, self.cells)).transpose(1, 2)
        with torch.no_grad():
            found = self.assign(logits.sigmoid(), predicted, boxes, classes, states == OBJECT)
            target, weight = self._score_targets(logits, found, boxes, classes, states)
        norm = found.quality.sum().clamp(min=1.0)
        losses = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
        class_loss = (losses * weight).sum() / norm
        picture, cell = found.positive.nonzero(as_tuple=True)
        wanted = boxes[picture, found.row[picture, cell]]
        box_losses = ciou_loss(predicted[picture, cell], wanted)
        box_loss = (box_losses * found.quality[picture, cell]).sum() / norm
        return class_loss, self.box_weight * box_loss

    def assign(
        self, scores: Tensor, predicted: Tensor, boxes: Tensor, classes: Tensor, wanted: Tensor
    ) -> Assignment:
        """Gives each wanted object the cells that score and place it best.

        Scores are `[batch, classes, cells]`, predicted boxes `[batch, cells, 4]` corners.
        """
        cell_count = scores.shape[2]
        overlap = pair_iou(boxes, predicted)
        eligible = self._eligible(boxes) & wanted[:, :, None] & (overlap > 0)
        index = classes[:, :, None].expand(-1, -1, cell_count)
        own_scores = scores.gather(1, index)
        alignment = own_scores**self.score_power * overlap**self.overlap_power * eligible
        best = alignment.topk(min(self.cells_per_object, cell_count), 2).indices
        chosen = torch.zeros_like(eligible).scatter_(2, best, True) & eligible
        # A cell that several objects want goes to the one it covers best.
        row = (overlap * chosen).argmax(1)
        mine = F.one_hot(row, boxes.shape[1]).transpose(1, 2).bool() & chosen
        alignment = alignment * mine
        highest = alignment.amax(2, keepdim=True).clamp(min=1e-12)
        reach = (overlap * mine).amax(2, keepdim=True)
        quality = (alignment / highest * reach).amax(1)
        return Assignment(mine.any(1), row, quality)

    def _eligible(self, boxes: Tensor) -> Tensor:
        """`[batch, rows, cells]`: the cell's centre is in the box, or within a cell of its centre.

        The second half is for objects that are smaller than a cell.
        """
        x, y, stride = self.cells
        left, top, right, bottom = (side[:, :, None] for side in boxes.unbind(2))
        inside = (x > left) & (x < right) & (y > top) & (y < bottom)
        far_x, far_y = ((left + right) / 2 - x).abs(), ((top + bottom) / 2 - y).abs()
        return inside | (torch.maximum(far_x, far_y) < stride)

    def _score_targets(
        self, logits: Tensor, found: Assignment, boxes: Tensor, classes: Tensor, states: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Wanted scores and weights of the varifocal loss, `[batch, classes, cells]` both.

        Cells inside an ignored box have no weight in its class. A cell that has an object counts
        as much in the classes that it is not: the varifocal loss alone hardly minds a score of a
        third there, and cars were found once more as vans.
        """
        target = torch.zeros_like(logits)
        index = classes.gather(1, found.row)[:, None]
        target.scatter_(1, index, found.quality[:, None])
        weight = self.negative_weight * logits.sigmoid() ** self.focus
        weight = torch.maximum(weight, found.quality[:, None])
        ignored = self._eligible(boxes) & (states == IGNORED)[:, :, None]
        of_class = F.one_hot(classes, logits.shape[1]).transpose(1, 2).float()
        weight = weight * (torch.bmm(of_class, ignored.float()) == 0)
        return target, torch.where(target > 0, target, weight)


def pair_iou(a: Tensor, b: Tensor) -> Tensor:
    """IoU of every box of `a` `[batch, m, 4]` with every one of `b` `[batch, n, 4]`."""
    low = torch.maximum(a[:, :, None, :2], b[:, None, :, :2])
    high = torch.minimum(a[:, :, None, 2:], b[:, None, :, 2:])
    shared = (high - low).clamp(min=0).prod(3)
    return shared / (_area(a)[:, :, None] + _area(b)[:, None] - shared).clamp(min=1e-9)


def ciou_loss(predicted: Tensor, wanted: Tensor) -> Tensor:
    """1 - CIoU of pairs of boxes `[n, 4]`, corners (Zheng et al. 2020, equations 10 to 12)."""
    larger, smaller = torch.maximum(predicted, wanted), torch.minimum(predicted, wanted)
    shared = (smaller[:, 2:] - larger[:, :2]).clamp(min=0).prod(1)
    iou = shared / (_area(predicted) + _area(wanted) - shared).clamp(min=1e-9)
    hull = larger[:, 2:] - smaller[:, :2]
    apart = (predicted[:, :2] + predicted[:, 2:] - wanted[:, :2] - wanted[:, 2:]) / 2
    distance = apart.square().sum(-1) / hull.square().sum(-1).clamp(min=1e-9)
    shape = 4 / math.pi**2 * (_slant(wanted) - _slant(predicted)).square()
    with torch.no_grad():
        trade = shape / (1 - iou + shape).clamp(min=1e-9)
    return 1 - iou + distance + trade * shape


def _slant(boxes: Tensor) -> Tensor:
    size = (boxes[:, 2:] - boxes[:, :2]).clamp(min=1e-3)
    return torch.atan(size[:, 0] / size[:, 1])


def _area(boxes: Tensor) -> Tensor:
    return (boxes[..., 2:] - boxes[..., :2]).clamp(min=0).prod(-1)


def _corners(boxes: Tensor) -> Tensor:
    """`[batch, 4, cells]` from centre and size to corners."""
    half = boxes[:, 2:] / 2
    return torch.cat([boxes[:, :2] - half, boxes[:, :2] + half], 1)
