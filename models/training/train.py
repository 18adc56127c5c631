"""Trains fovea-street on rendered frames.

    python train.py --frames ../../out/training/train --out ../../out/training

An interrupted run goes on from its checkpoint when it is started again with the same flags.
"""

import argparse
import copy
from dataclasses import asdict, dataclass
import json
import math
import os
from pathlib import Path
import time

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from criterion import Criterion
from frames import Batch, RenderedFrames, TrainingBatches
from model import CLASS_NAMES, INPUT_HEIGHT, INPUT_WIDTH, StreetDetector, make_cells


@dataclass(frozen=True)
class Recipe:
    """What the weights follow from, the frames aside."""

    steps: int
    batch: int
    rate: float
    seed: int
    decay: float = 0.03
    warm_up: int = 150
    final_rate: float = 0.02
    average: float = 0.998
    norm_limit: float = 8.0

    def rate_at(self, step: int) -> float:
        """Learning rate: up in a line, down along a cosine."""
        cosine = 0.5 * (1 + math.cos(math.pi * step / self.steps))
        falling = self.final_rate + (1 - self.final_rate) * cosine
        return self.rate * falling * min(1.0, (step + 1) / self.warm_up)


class WeightAverage:
    """Exponential moving average of a model; it is what is exported."""

    def __init__(self, model: nn.Module, keep: float) -> None:
        self.model = copy.deepcopy(model).eval()
        self.keep = keep

    @torch.no_grad()
    def update(self, model: nn.Module, step: int) -> None:
        """Takes over a share of the weights, a large one at the beginning."""
        keep = self.keep * (1 - math.exp(-(step + 1) / 300))
        for mine, theirs in zip(self.model.state_dict().values(), model.state_dict().values()):
            if mine.dtype.is_floating_point:
                mine.lerp_(theirs, 1 - keep)
            else:
                mine.copy_(theirs)


class Trainer:
    """A training run with its checkpoint."""

    def __init__(self, recipe: Recipe, device: torch.device) -> None:
        torch.manual_seed(recipe.seed)
        self.recipe = recipe
        self.device = device
        # bfloat16 where it is quicker and needs no scaling of the loss.
        self.bfloat16 = device.type == "cuda" and torch.cuda.is_bf16_supported()
        self.model = StreetDetector().to(device, memory_format=torch.channels_last).train()
        self.average = WeightAverage(self.model, recipe.average)
        self.criterion = Criterion(make_cells(INPUT_HEIGHT, INPUT_WIDTH).to(device))
        matrices = [p for p in self.model.parameters() if p.ndim > 1]
        vectors = [p for p in self.model.parameters() if p.ndim <= 1]
        self.optimizer = torch.optim.AdamW(
            [
                {"params": matrices, "weight_decay": recipe.decay},
                {"params": vectors, "weight_decay": 0.0},
            ],
            betas=(0.9, 0.99),
        )
        self.step = 0
        self.cpu_s = 0.0

    def learn(self, batch: Batch) -> tuple[float, float]:
        """One step; returns the losses of classes and boxes."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.recipe.rate_at(self.step)
        images = torch.from_numpy(batch.images).to(self.device).permute(0, 3, 1, 2).float() / 255
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bfloat16):
            logits, raw = self.model(images)
        truth = [self._move(a) for a in (batch.boxes, batch.classes, batch.states)]
        class_loss, box_loss = self.criterion(logits, raw, *truth)
        self.optimizer.zero_grad()
        (class_loss + box_loss).backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), self.recipe.norm_limit)
        self.optimizer.step()
        self.average.update(self.model, self.step)
        self.step += 1
        return class_loss.item(), box_loss.item()

    def _move(self, array) -> Tensor:
        return torch.from_numpy(array).to(self.device)

    def save(self, path: Path, cpu_s: float) -> None:
        """Writes a checkpoint beside `path` and then puts it there."""
        part = path.with_suffix(".part")
        state = {
            "recipe": asdict(self.recipe),
            "class_names": list(CLASS_NAMES),
            "step": self.step,
            "cpu_s": cpu_s,
            "model": self.model.state_dict(),
            "average": self.average.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
        }
        torch.save(state, part)
        os.replace(part, path)

    def resume(self, path: Path) -> None:
        """Goes on where a checkpoint of the same recipe ended."""
        state = torch.load(path, map_location=self.device, weights_only=True)
        if state["recipe"] != asdict(self.recipe):
            raise ValueError(
                f"Cannot resume from {path}: it belongs to {state['recipe']}; "
                "use its flags, or another --out"
            )
        self.model.load_state_dict(state["model"])
        self.average.model.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.cpu_s = state["step"], state["cpu_s"]


def run(trainer: Trainer, batches: DataLoader, checkpoint: Path, save_every: int) -> None:
    """Trains to the end, with a line of progress every 25 steps."""
    recipe = trainer.recipe
    began_s, began_cpu_s, began_step = time.monotonic(), time.process_time(), trainer.step
    sums, count = [0.0, 0.0], 0
    for batch in batches:
        losses = trainer.learn(batch)
        sums, count = [a + b for a, b in zip(sums, losses)], count + 1
        cpu_s = trainer.cpu_s + time.process_time() - began_cpu_s
        if trainer.step % 25 == 0 or trainer.step == recipe.steps:
            each_s = (time.monotonic() - began_s) / (trainer.step - began_step)
            print(
                f"step {trainer.step} of {recipe.steps}, class loss {sums[0] / count:.3f}, "
                f"box loss {sums[1] / count:.3f}, {recipe.batch / each_s:.0f} frames/s, "
                f"{cpu_s / 60:.1f} minutes of processor time, "
                f"{each_s * (recipe.steps - trainer.step) / 60:.0f} minutes to go",
                flush=True,
            )
            sums, count = [0.0, 0.0], 0
        if trainer.step % save_every == 0 or trainer.step == recipe.steps:
            trainer.save(checkpoint, cpu_s)


def keep(batch: Batch) -> Batch:
    """A batch is complete as the data set makes it."""
    return batch


def read_flags() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Train fovea-street on rendered frames.")
    parser.add_argument("--frames", type=Path, required=True, help="PATH that render.ts wrote to")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoint.pt")
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--batch", type=int, default=16, help="frames a step")
    parser.add_argument("--rate", type=float, default=2e-3, help="highest learning rate")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--loaders", type=int, help="processes that make batches; 0 on a CPU, else 8")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--save-every", type=int, default=100, help="steps between checkpoints")
    return parser.parse_args()


def main() -> None:
    flags = read_flags()
    torch.set_num_threads(flags.threads)
    device = torch.device(flags.device)
    recipe = Recipe(flags.steps, flags.batch, flags.rate, flags.seed)
    trainer = Trainer(recipe, device)
    flags.out.mkdir(parents=True, exist_ok=True)
    checkpoint = flags.out / "checkpoint.pt"
    if checkpoint.exists():
        trainer.resume(checkpoint)
    frames = RenderedFrames(flags.frames)
    print(
        f"{frames.count} frames, {sum(map(len, frames.boxes))} boxes; "
        f"{json.dumps(asdict(recipe))}; {device}, {flags.threads} threads; "
        f"from step {trainer.step}",
        flush=True,
    )
    loaders = flags.loaders if flags.loaders is not None else 0 if device.type == "cpu" else 8
    batches = DataLoader(
        TrainingBatches(frames, recipe.batch, recipe.steps, recipe.seed),
        batch_size=None,
        sampler=range(trainer.step, recipe.steps),
        num_workers=loaders,
        collate_fn=keep,
    )
    run(trainer, batches, checkpoint, flags.save_every)


if __name__ == "__main__":
    main()
