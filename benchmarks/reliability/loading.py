"""How long the verified load of MNIST takes, and that no network is used."""

import json
import os
import statistics
import subprocess
import sys

CHILD = """
import json, resource, sys, time
events = []
sys.addaudithook(lambda name, _: events.append(name)
                 if name.startswith(("socket.", "urllib.")) else None)
from mnistcnn.data import load_data
start = time.perf_counter()
data = load_data("auto")
seconds = time.perf_counter() - start
assert data.name == "MNIST", data.name
size = sum(a.nbytes for a in (data.x_train, data.y_train, data.x_test,
                              data.y_test))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps([seconds, len(events), size, peak]))
"""


def prove(*, seed: int, quick: bool) -> dict:
    """Loads `MNISTCNN_DATA` in five processes: 1 s, no socket."""
    del seed
    if not os.environ.get("MNISTCNN_DATA"):
        raise RuntimeError("MNISTCNN_DATA is not set: no MNIST to load")
    rows = []
    for _ in range(2 if quick else 5):
        done = subprocess.run(
            [sys.executable, "-c", CHILD],
            capture_output=True,
            text=True,
            check=True,
        )
        rows.append(json.loads(done.stdout))
    seconds = [row[0] for row in rows]
    found = {
        "loads": len(rows),
        "median_seconds": statistics.median(seconds),
        "longest_seconds": max(seconds),
        "network_events": sum(row[1] for row in rows),
        "array_bytes": rows[0][2],
        "peak_process_bytes": max(row[3] for row in rows),
    }
    passed = found["median_seconds"] <= 1 and not found["network_events"]
    return {"passed": passed, "faults": [], **found}
