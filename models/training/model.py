"""The network of fovea-street: anchor-free, three levels, a decoupled head of plain convolutions.

The blocks are those of CSPNet (Wang et al. 2020) and of a path aggregation network (Liu et al.
2018), the head that of YOLOX (Ge et al. 2021) without objectness. Everything that reaches ONNX is
Conv, Relu, Concat, Resize (nearest), MaxPool, Sigmoid, Exp, Add, Mul and Reshape.
"""

from dataclasses import dataclass
import math

import torch
from torch import Tensor, nn
import torch.nn.functional as F

CLASS_NAMES = ("car", "van", "bicycle", "pedestrian")
"""The classes of synthetic:street in the order of their indices."""

STRIDES = (8, 16, 32)
"""Size of a cell of each level in pixels of the input."""

INPUT_WIDTH, INPUT_HEIGHT = 640, 384
"""The size that the world is drawn in unless asked otherwise; both are multiples of 32."""

SIZE_LOG_MAX = 4.0
"""Largest logarithm of a box side in cells; no box of the input is larger than exp(4) cells."""


@dataclass(frozen=True)
class Widths:
    """Channels of the layers."""

    stages: tuple[int, int, int, int] = (32, 64, 96, 128)
    neck: int = 48
    cls: int = 48
    box: int = 24


class ConvBlock(nn.Module):
    """Convolution, batch norm, ReLU. `fold` merges the batch norm into the convolution."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 1, stride: int = 1) -> None:
        super().__init__()
        # The stem alone is even: its windows reach as far beyond either side of their step.
        padding = kernel // 2 if kernel % 2 == 1 else (kernel - stride) // 2
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False)
        self.norm: nn.BatchNorm2d | None = nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.03)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        return F.relu(x if self.norm is None else self.norm(x), inplace=True)

    def fold(self) -> None:
        """Merges the batch norm as it stands in evaluation; training is over after that."""
        if self.norm is None:
            return
        self.conv = torch.nn.utils.fusion.fuse_conv_bn_eval(self.conv.eval(), self.norm.eval())
        self.norm = None


class Residual(nn.Module):
    """Two 3 x 3 convolutions, with the input added where `add` is set."""

    def __init__(self, channels: int, add: bool) -> None:
        super().__init__()
        self.first = ConvBlock(channels, channels, 3)
        self.second = ConvBlock(channels, channels, 3)
        self.add = add

    def forward(self, x: Tensor) -> Tensor:
        y = self.second(self.first(x))
        return x + y if self.add else y


class CrossStage(nn.Module):
    """Two 1 x 1 stems, a residual block on one of them, all of it joined."""

    def __init__(self, inputs: int, outputs: int, add: bool = True) -> None:
        super().__init__()
        half = outputs // 2
        self.left = ConvBlock(inputs, half)
        self.right = ConvBlock(inputs, half)
        self.block = Residual(half, add)
        self.join = ConvBlock(3 * half, outputs)

    def forward(self, x: Tensor) -> Tensor:
        right = self.right(x)
        return self.join(torch.cat([self.left(x), right, self.block(right)], 1))


class PyramidPool(nn.Module):
    """Three 5 x 5 maximum pools in a row: cheap wide context for the last stage."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.reduce = ConvBlock(channels, channels // 2)
        self.join = ConvBlock(2 * channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        parts = [self.reduce(x)]
        for _ in range(3):
            parts.append(F.max_pool2d(parts[-1], 5, 1, 2))
        return self.join(torch.cat(parts, 1))


class Backbone(nn.Module):
    """From a picture to features at strides 8, 16 and 32."""

    def __init__(self, widths: tuple[int, int, int, int]) -> None:
        super().__init__()
        c4, c8, c16, c32 = widths
        # One step to stride 4: the picture at its full size is the dearest place for a layer.
        self.stem = ConvBlock(3, c4, 6, 4)
        self.stage8 = nn.Sequential(ConvBlock(c4, c8, 3, 2), CrossStage(c8, c8))
        self.stage16 = nn.Sequential(ConvBlock(c8, c16, 3, 2), CrossStage(c16, c16))
        self.stage32 = nn.Sequential(
            ConvBlock(c16, c32, 3, 2), CrossStage(c32, c32), PyramidPool(c32)
        )

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        p8 = self.stage8(self.stem(x))
        p16 = self.stage16(p8)
        return p8, p16, self.stage32(p16)


class Neck(nn.Module):
    """Context down to the fine levels, detail back up to the coarse ones."""

    def __init__(self, widths: tuple[int, int, int, int], channels: int) -> None:
        super().__init__()
        _, c8, c16, c32 = widths
        self.lateral32 = ConvBlock(c32, channels)
        self.down16 = CrossStage(channels + c16, channels, add=False)
        self.down8 = CrossStage(channels + c8, channels, add=False)
        self.shrink8 = ConvBlock(channels, channels, 3, 2)
        self.up16 = CrossStage(2 * channels, channels, add=False)
        self.shrink16 = ConvBlock(channels, channels, 3, 2)
        self.up32 = CrossStage(2 * channels, channels, add=False)

    def forward(self, features: tuple[Tensor, Tensor, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        p8, p16, p32 = features
        top = self.lateral32(p32)
        middle = self.down16(torch.cat([_double(top), p16], 1))
        fine = self.down8(torch.cat([_double(middle), p8], 1))
        middle = self.up16(torch.cat([self.shrink8(fine), middle], 1))
        return fine, middle, self.up32(torch.cat([self.shrink16(middle), top], 1))


def _double(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="nearest")


class Head(nn.Module):
    """Classes and boxes of every level. `cls` are the layers that fovea refines on the device."""

    def __init__(self, class_count: int, widths: Widths, prior: float = 0.01) -> None:
        super().__init__()
        self.class_count = class_count
        self.cls_stem = nn.ModuleList(ConvBlock(widths.neck, widths.cls, 3) for _ in STRIDES)
        self.box_stem = nn.ModuleList(ConvBlock(widths.neck, widths.box, 3) for _ in STRIDES)
        self.cls = nn.ModuleList(nn.Conv2d(widths.cls, class_count, 1) for _ in STRIDES)
        self.box = nn.ModuleList(nn.Conv2d(widths.box, 4, 1) for _ in STRIDES)
        for cls, box in zip(self.cls, self.box):
            nn.init.normal_(cls.weight, std=0.01)
            # Every cell starts as background (Lin et al. 2017, section 4.1).
            nn.init.constant_(cls.bias, -math.log((1 - prior) / prior))
            nn.init.normal_(box.weight, std=0.01)
            # Boxes start centred on their cell and e cells wide.
            box.bias.data.copy_(torch.tensor([0.0, 0.0, 1.0, 1.0]))

    def forward(self, levels: tuple[Tensor, Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        """Logits `[batch, classes, cells]` and raw boxes `[batch, 4, cells]`, level by level."""
        logits = [cls(stem(x)) for x, stem, cls in zip(levels, self.cls_stem, self.cls)]
        raw = [box(stem(x)) for x, stem, box in zip(levels, self.box_stem, self.box)]
        return _join(logits, self.class_count), _join(raw, 4)


def _join(levels: list[Tensor], channels: int) -> Tensor:
    # The sizes are numbers, so that a traced graph has no operations to find them out.
    return torch.cat([x.reshape(int(x.shape[0]), channels, -1) for x in levels], 2)


class StreetDetector(nn.Module):
    """The whole network; takes RGB in 0..1, `[batch, 3, height, width]`."""

    def __init__(self, class_count: int = len(CLASS_NAMES), widths: Widths = Widths()) -> None:
        super().__init__()
        self.backbone = Backbone(widths.stages)
        self.neck = Neck(widths.stages, widths.neck)
        self.head = Head(class_count, widths)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Logits `[batch, classes, cells]` and raw boxes `[batch, 4, cells]`."""
        return self.head(self.neck(self.backbone(images)))

    def fold(self) -> "StreetDetector":
        """Merges all batch norms; for export."""
        for module in self.modules():
            if isinstance(module, ConvBlock):
                module.fold()
        return self


def make_cells(height: int, width: int) -> Tensor:
    """`[3, cells]`: x and y of each cell's centre and its size, in pixels of the input.

    Level by level from the smallest stride, row by row, from left to right.
    """
    levels = []
    for stride in STRIDES:
        y, x = torch.meshgrid(
            torch.arange(height // stride), torch.arange(width // stride), indexing="ij"
        )
        centres = (torch.stack([x, y]).flatten(1).float() + 0.5) * stride
        levels.append(torch.cat([centres, torch.full_like(centres[:1], stride)]))
    return torch.cat(levels, 1)


def decode_boxes(raw: Tensor, cells: Tensor) -> Tensor:
    """Boxes `[batch, 4, cells]` as centre and size in pixels of the input.

    Raw boxes are offsets of the centre and logarithms of the size, in cells.
    """
    stride = cells[2]
    centre = cells[:2] + raw[:, :2] * stride
    size = torch.exp(torch.clamp(raw[:, 2:], max=SIZE_LOG_MAX)) * stride
    return torch.cat([centre, size], 1)
