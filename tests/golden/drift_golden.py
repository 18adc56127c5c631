"""Makes drift_golden.json: streams on which River documents where its detectors say drift.

Made with Python 3.11 and numpy 2.4.6:

    python3 -m venv venv && venv/bin/pip install numpy
    venv/bin/python tests/golden/drift_golden.py

Python's and NumPy's old generator give the same streams in every version. The places are those that
River prints in the docstrings of river/drift/adwin.py, page_hinkley.py and kswin.py (stream
"documented") and expects in river/drift/test_drift_detectors.py (stream "tested"); both were read at
commit 063ca61d of online-ml/river. Where River itself is installed, it is asked too.
"""

import json
import pathlib
import random

import numpy as np

rng = random.Random(12345)
documented = rng.choices([0, 1], k=1000) + rng.choices(range(4, 8), k=1000)

np.random.seed(12345)
tested = np.concatenate((np.random.randint(2, size=1000), np.random.randint(8, size=1000)))

golden = {
    "documented": {
        "values": "".join(str(value) for value in documented),
        "drifts": {"adwin": [1023], "page-hinkley": [1006], "kswin": [1016]},
    },
    "tested": {
        "values": "".join(str(int(value)) for value in tested),
        "drifts": {"page-hinkley": [1020, 1991]},
    },
}

try:
    from river import drift
except ImportError:
    print("River is not installed: its places are as it documents them")
else:
    makers = {
        "adwin": drift.ADWIN,
        "page-hinkley": drift.PageHinkley,
        "kswin": lambda: drift.KSWIN(alpha=0.0001, seed=42),
    }
    for name, stream in golden.items():
        for kind, expected in stream["drifts"].items():
            detector = makers[kind]()
            found = []
            for i, value in enumerate(stream["values"]):
                detector.update(int(value))
                if detector.drift_detected:
                    found.append(i)
            assert found == expected, (name, kind, found)

path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(golden, indent=1) + "\n")
