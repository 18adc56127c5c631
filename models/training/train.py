"""Trains fovea-street on rendered frames.

    python train.py --frames ../../out/training/train --out ../../out/training

An interrupted run goes on from its checkpoint when it is started again with the same flags.
"""

import argparse
import copy
from dataclasses import asdict, dataclass, replace
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
from model import (
    CLASS_NAMES,
    INPUT_WIDTH,
    ConvBlock,
    StreetDetector,
    make_cells,
)
from muon import Muon
from team import Team, run_team


PROGRESS_EVERY = 25
"""Steps between two lines of progress."""


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
    last_part: float = 0.25
    momentum: float = 0.95
    average: float = 0.998
    norm_limit: float = 8.0

    def rate_at(self, step: int) -> float:
        """Learning rate: up in a line, level, then down along 1 - sqrt.

        Source: Hägele et al. 2024, "Scaling laws and compute-optimal training beyond fixed training
        durations". Until it falls, nothing depends on the number of steps.
        """
        done = max(0.0, step - self.last_from) / (self.steps - self.last_from)
        level = self.final_rate + (1 - self.final_rate) * (1 - math.sqrt(done))
        return self.rate * level * min(1.0, (step + 1) / self.warm_up)

    @property
    def last_from(self) -> int:
        """Step from which the rate falls and all pictures are whole ones."""
        return round((1 - self.last_part) * self.steps)

    def can_resume(self, other: "Recipe", step: int) -> bool:
        """Whether a run of `other` was the same up to `step`: it may have had more steps to go."""
        level = step <= min(self.last_from, other.last_from)
        return self == replace(other, steps=self.steps) and (level or self.steps == other.steps)


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


def make_optimizers(model: nn.Module, recipe: Recipe) -> tuple[Muon, torch.optim.AdamW]:
    """Muon for the convolutions inside, AdamW for what is no matrix of features by features."""
    inside = [m.conv.weight for m in model.modules() if isinstance(m, ConvBlock)]
    taken = set(inside)
    outer = [p for p in model.parameters() if p not in taken]
    adamw = torch.optim.AdamW(
        [
            {"params": [p for p in outer if p.ndim > 1], "weight_decay": recipe.decay},
            {"params": [p for p in outer if p.ndim <= 1], "weight_decay": 0.0},
        ],
        betas=(0.9, 0.99),
    )
    return Muon(inside, decay=recipe.decay, momentum=recipe.momentum), adamw


def has_quick_bfloat16(device: torch.device) -> bool:
    """Whether layers are quicker in bfloat16, which needs no scaling of the loss."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    return device.type == "cpu" and bool(torch.cpu.get_capabilities().get("amx_bf16"))


class Trainer:
    """A training run with its checkpoint."""

    def __init__(self, recipe: Recipe, device: torch.device, team: Team = Team()) -> None:
        torch.manual_seed(recipe.seed)
        self.recipe = recipe
        self.team = team
        self.device = device
        self.bfloat16 = has_quick_bfloat16(device)
        self.model = StreetDetector().to(device, memory_format=torch.channels_last).train()
        self.average = WeightAverage(self.model, recipe.average)
        self.criteria: dict[int, Criterion] = {}
        self.optimizers = make_optimizers(self.model, recipe)
        self.step = 0
        self.cpu_s = 0.0

    def learn(self, batch: Batch) -> tuple[float, float]:
        """One step; returns the losses of classes and boxes."""
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = self.recipe.rate_at(self.step)
        images = torch.from_numpy(batch.images).to(self.device).permute(0, 3, 1, 2).float() / 255
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bfloat16):
            logits, raw = self.model(images)
        truth = [self._move(a) for a in (batch.boxes, batch.classes, batch.states)]
        class_loss, box_loss = self._criterion_of(batch)(logits, raw, *truth)
        self.model.zero_grad()
        (class_loss + box_loss).backward()
        self.team.average_gradients(self.model)
        nn.utils.clip_grad_norm_(self.model.parameters(), self.recipe.norm_limit)
        for optimizer in self.optimizers:
            optimizer.step()
        self.average.update(self.model, self.step)
        self.step += 1
        return class_loss.item(), box_loss.item()

    def _criterion_of(self, batch: Batch) -> Criterion:
        """The criterion of pictures of that height."""
        height = batch.images.shape[1]
        if height not in self.criteria:
            cells = make_cells(height, INPUT_WIDTH).to(self.device)
            self.criteria[height] = Criterion(cells)
        return self.criteria[height]

    def _move(self, array) -> Tensor:
        return torch.from_numpy(array).to(self.device)

    def save(self, path: Path) -> None:
        """Writes a checkpoint beside `path` and then puts it there."""
        part = path.with_suffix(".part")
        state = {
            "recipe": asdict(self.recipe),
            "class_names": list(CLASS_NAMES),
            "step": self.step,
            "cpu_s": self.cpu_s,
            "model": self.model.state_dict(),
            "average": self.average.model.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
        }
        torch.save(state, part)
        os.replace(part, path)

    def resume(self, path: Path) -> None:
        """Goes on where a checkpoint of the same recipe ended."""
        state = torch.load(path, map_location=self.device, weights_only=True)
        if not self.recipe.can_resume(Recipe(**state["recipe"]), state["step"]):
            raise ValueError(
                f"Cannot resume from {path}: step {state['step']} of {state['recipe']}; "
                "use its flags, or another --out"
            )
        self.model.load_state_dict(state["model"])
        self.average.model.load_state_dict(state["average"])
        for optimizer, own in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(own)
        self.step, self.cpu_s = state["step"], state["cpu_s"]


def run(trainer: Trainer, batches: DataLoader, checkpoint: Path, save_every: int) -> None:
    """Trains to the end, with a line of progress every 25 steps."""
    recipe, team = trainer.recipe, trainer.team
    began_s, began_step = time.monotonic(), trainer.step
    sums, count, seen_cpu_s = [0.0, 0.0], 0, time.process_time()
    for batch in batches:
        sums, count = [a + b for a, b in zip(sums, trainer.learn(batch))], count + team.size
        if trainer.step % PROGRESS_EVERY == 0 or trainer.step == recipe.steps:
            cpu_s = time.process_time()
            class_sum, box_sum, spent_s = team.sum([*sums, cpu_s - seen_cpu_s])
            trainer.cpu_s += spent_s
            if team.rank == 0:
                each_s = (time.monotonic() - began_s) / (trainer.step - began_step)
                print(
                    f"step {trainer.step} of {recipe.steps}, class loss {class_sum / count:.3f}, "
                    f"box loss {box_sum / count:.3f}, {recipe.batch / each_s:.0f} frames/s, "
                    f"{trainer.cpu_s / 60:.1f} minutes of processor time, "
                    f"{each_s * (recipe.steps - trainer.step) / 60:.0f} minutes to go",
                    flush=True,
                )
            sums, count, seen_cpu_s = [0.0, 0.0], 0, cpu_s
        if team.rank == 0 and (trainer.step % save_every == 0 or trainer.step == recipe.steps):
            trainer.save(checkpoint)


def keep(batch: Batch) -> Batch:
    """A batch is complete as the data set makes it."""
    return batch


def read_flags() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Train fovea-street on rendered frames.")
    parser.add_argument("--frames", type=Path, required=True, help="PATH that render.ts wrote to")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoint.pt")
    parser.add_argument("--steps", type=int, default=9000)
    parser.add_argument("--batch", type=int, default=8, help="frames a step")
    parser.add_argument("--rate", type=float, default=1.5e-3, help="highest learning rate")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, help="of one thread each; all cores, 1 on a GPU")
    parser.add_argument("--loaders", type=int, help="processes that make batches; 0, 8 for a GPU")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--save-every", type=int, default=100, help="steps between checkpoints")
    return parser.parse_args()


def work(team: Team, flags: argparse.Namespace) -> None:
    """What each process does."""
    device = torch.device(flags.device)
    if device.type == "cpu":
        torch.set_num_threads(1)
    recipe = Recipe(flags.steps, flags.batch, flags.rate, flags.seed)
    trainer = Trainer(recipe, device, team)
    checkpoint = flags.out / "checkpoint.pt"
    if checkpoint.exists():
        trainer.resume(checkpoint)
    frames = RenderedFrames(flags.frames)
    if team.rank == 0:
        print(
            f"{frames.count} frames, {sum(map(len, frames.boxes))} boxes; "
            f"{json.dumps(asdict(recipe))}; {team.size} processes on {device}; "
            f"from step {trainer.step}",
            flush=True,
        )
    batches = DataLoader(
        TrainingBatches(
            frames, recipe.batch, recipe.steps, recipe.last_from, recipe.seed, team.rank, team.size
        ),
        batch_size=None,
        sampler=range(trainer.step, recipe.steps),
        num_workers=flags.loaders,
        collate_fn=keep,
    )
    run(trainer, batches, checkpoint, flags.save_every)


def main() -> None:
    flags = read_flags()
    on_cpu = flags.device == "cpu"
    if flags.processes is None:
        flags.processes = os.cpu_count() if on_cpu else 1
    if flags.loaders is None:
        flags.loaders = 0 if on_cpu else 8
    flags.out.mkdir(parents=True, exist_ok=True)
    run_team(flags.processes, work, flags)


if __name__ == "__main__":
    main()
