"""Processes that train one model together: each takes a part of every batch.

Processes of one thread each wait for one another once a step. On a machine that others use too
that wastes much less than threads that wait for one another in every layer.
"""

from collections.abc import Callable
from datetime import timedelta
import os
import tempfile

import torch
from torch import Tensor, nn
import torch.distributed as dist
import torch.multiprocessing as multiprocessing

PATIENCE = timedelta(hours=2)
"""How long processes wait for one another before they give up."""


class Team:
    """What one process knows of the others."""

    def __init__(self, rank: int = 0, size: int = 1) -> None:
        self.rank, self.size = rank, size

    def average_gradients(self, model: nn.Module) -> None:
        """Leaves the mean of all processes' gradients in each of them."""
        if self.size == 1:
            return
        gradients = [p.grad for p in model.parameters() if p.grad is not None]
        flat = torch.cat([g.flatten() for g in gradients])
        dist.all_reduce(flat)
        flat /= self.size
        parts = flat.split([g.numel() for g in gradients])
        for gradient, part in zip(gradients, parts):
            gradient.copy_(part.view_as(gradient))

    def sum(self, values: list[float]) -> list[float]:
        """Sums over all processes."""
        total: Tensor = torch.tensor(values, dtype=torch.float64)
        if self.size > 1:
            dist.all_reduce(total)
        return total.tolist()


def run_team(size: int, work: Callable[..., None], *arguments: object) -> None:
    """Calls `work(team, *arguments)` in `size` processes and waits for them."""
    if size == 1:
        work(Team(), *arguments)
        return
    # Idle threads must not burn the time that the other processes need.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    with tempfile.TemporaryDirectory() as folder:
        multiprocessing.spawn(_enter, (size, f"{folder}/meeting", work, arguments), nprocs=size)


def _enter(rank: int, size: int, meeting: str, work: Callable[..., None], arguments: tuple) -> None:
    dist.init_process_group(
        "gloo", init_method=f"file://{meeting}", rank=rank, world_size=size, timeout=PATIENCE
    )
    try:
        work(Team(rank, size), *arguments)
    finally:
        dist.destroy_process_group()
