"""Writes a trained fovea-street as ONNX, with the manifest beside it.

    python export.py --checkpoint ../../out/training/checkpoint.pt --out ../fovea-street.onnx

The file has one input, `images` `[1, 3, height, width]`, RGB in 0..1, and one output, `output0`
`[1, 4 + classes, cells]`: centre and size in pixels of the input, then sigmoid scores, the layout
of Ultralytics' YOLOv8 and later. What came out is run and compared with PyTorch.
"""

import argparse
import copy
import hashlib
import json
from pathlib import Path
import warnings

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor, nn

from model import (
    CLASS_NAMES,
    INPUT_HEIGHT,
    INPUT_WIDTH,
    STRIDES,
    StreetDetector,
    decode_boxes,
    make_cells,
)

NAME = "fovea-street"
VERSION = "1.0.0"
LICENCE = "MIT"
AUTHOR = "fovea"
OPSET = 17
DESCRIPTION = "Cars, vans, bicycles and pedestrians of fovea's drawn street, synthetic:street"
CONFIDENCE = 0.55
"""Lowest score worth reporting: about where F1 is highest, on other streets than the card's ten."""
DIFFERENCE_MAX = 1e-3
"""Largest difference from PyTorch in any output, pixels and scores alike."""


class ExportedDetector(nn.Module):
    """The network with its outputs decoded. Parts keep their names, `head.cls.0` among them."""

    def __init__(self, trained: StreetDetector) -> None:
        super().__init__()
        self.backbone = trained.backbone
        self.neck = trained.neck
        self.head = trained.head
        self.register_buffer("cells", make_cells(INPUT_HEIGHT, INPUT_WIDTH), persistent=False)

    def forward(self, images: Tensor) -> Tensor:
        logits, raw = self.head(self.neck(self.backbone(images)))
        return torch.cat([decode_boxes(raw, self.cells), logits.sigmoid()], 1)


def load_trained(checkpoint: Path) -> StreetDetector:
    """The averaged weights of a checkpoint."""
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    if tuple(state["class_names"]) != CLASS_NAMES:
        raise ValueError(f"Cannot export {checkpoint}: its classes are {state['class_names']}")
    trained = StreetDetector()
    trained.load_state_dict(state["average"])
    return trained.eval()


def export(trained: StreetDetector, path: Path) -> None:
    """Writes the ONNX file, checked, with everything stated in its metadata."""
    images = torch.rand(1, 3, INPUT_HEIGHT, INPUT_WIDTH, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        expected = ExportedDetector(trained)(images).numpy()
    folded = ExportedDetector(copy.deepcopy(trained).fold()).eval()
    with warnings.catch_warnings():
        # The exporter by tracing keeps parameter names; its successor needs one more package.
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", torch.jit.TracerWarning)
        torch.onnx.export(
            folded,
            (images,),
            path,
            opset_version=OPSET,
            input_names=["images"],
            output_names=["output0"],
            dynamo=False,
        )
    model = onnx.load(path)
    state_metadata(model)
    check_head(model)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"images": images.numpy()})
    difference = float(np.abs(found - expected).max())
    if not difference <= DIFFERENCE_MAX:
        raise ValueError(f"Cannot trust {path}: it differs from PyTorch by {difference}")
    print(f"{path}: {path.stat().st_size} bytes, {difference:.1e} from PyTorch")


def state_metadata(model: onnx.ModelProto) -> None:
    """States what Ultralytics' exports state, so that nobody has to guess."""
    entries = {
        "description": DESCRIPTION,
        "author": AUTHOR,
        "license": LICENCE,
        "version": VERSION,
        "task": "detect",
        "stride": str(max(STRIDES)),
        "batch": "1",
        "imgsz": str([INPUT_HEIGHT, INPUT_WIDTH]),
        "names": str(dict(enumerate(CLASS_NAMES))),
    }
    onnx.helper.set_model_props(model, entries)
    model.graph.name = NAME


def check_head(model: onnx.ModelProto) -> None:
    """The layers that are refined on the device must be found by name, and be 1 x 1."""
    shapes = {tensor.name: list(tensor.dims) for tensor in model.graph.initializer}
    for level in range(len(STRIDES)):
        weight = shapes.get(f"head.cls.{level}.weight", [])
        bias = shapes.get(f"head.cls.{level}.bias", [])
        if weight[:1] != [len(CLASS_NAMES)] or weight[2:] != [1, 1] or bias != weight[:1]:
            raise ValueError(f"Cannot find the head of level {level}: {weight}, {bias}")


def write_manifest(path: Path) -> None:
    """Writes `<model>.manifest.json`."""
    manifest = {
        "name": NAME,
        "version": VERSION,
        "description": DESCRIPTION,
        "source": "models/training",
        "licence": LICENCE,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "family": "yolo-v8",
        "input": {
            "width": INPUT_WIDTH,
            "height": INPUT_HEIGHT,
            "channels": "rgb",
            "scaling": "0-1",
            "letterbox": {"mode": "letterbox", "anchor": "center", "padValue": 114},
        },
        "classes": list(CLASS_NAMES),
        "confidence": CONFIDENCE,
    }
    target = path.with_suffix(".manifest.json")
    target.write_text(json.dumps(manifest, indent=2) + "\n")
    print(target)


def main() -> None:
    parser = argparse.ArgumentParser(description="Write a trained fovea-street as ONNX.")
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="the .onnx file")
    flags = parser.parse_args()
    export(load_trained(flags.checkpoint), flags.out)
    write_manifest(flags.out)


if __name__ == "__main__":
    main()
