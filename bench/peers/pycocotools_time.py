"""Times pycocotools on the files that bench/evaluate_inputs.ts writes, in seconds of CPU.

    pip install pycocotools numpy
    deno run --allow-write bench/evaluate_inputs.ts FOLDER
    python bench/peers/pycocotools_time.py FOLDER [ROUNDS]
"""
import contextlib
import io
import json
import sys
import time
from importlib.metadata import version

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

folder, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 3
times = {"read annotations": [], "read detections": [], "evaluate": []}
for _ in range(rounds):
    with contextlib.redirect_stdout(io.StringIO()):
        start = time.process_time()
        truth = COCO(f"{folder}/truth.json")
        read = time.process_time()
        found = truth.loadRes(f"{folder}/found.json")
        loaded = time.process_time()
        evaluation = COCOeval(truth, found, "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
        end = time.process_time()
    for name, seconds in zip(times, (read - start, loaded - read, end - loaded)):
        times[name].append(seconds)
print(json.dumps({
    "pycocotools": version("pycocotools"),
    "numpy": np.__version__,
    "seconds of CPU, least of all rounds": {name: round(min(all_), 3) for name, all_ in times.items()},
    "stats": evaluation.stats.tolist(),
}, indent=1))
