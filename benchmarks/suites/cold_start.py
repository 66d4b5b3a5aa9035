"""The wait from a process's start to its first step and its first label."""

import json
import os
import subprocess
import sys
import tempfile
import time

from formats.records import Record

VERSION = 1
REPEATS = 5
WARMUP = 0

# Programs as a user would write them; each prints its times as a line of JSON.
_TRAIN = """
import json, time
start = time.perf_counter()
from mnistcnn.backends import keras
imported = time.perf_counter()
import numpy as np
from mnistcnn.training.epochs import make_epochs
from mnistcnn.training.fitting import compile_model
from mnistcnn.network import build_model
from mnistcnn.training import TrainConfig
config = TrainConfig(batch_size=32)
model = build_model()
compile_model(model, config, num_images=32)
epochs = make_epochs(model, config, [])
built = time.perf_counter()
images = np.zeros((32, 28, 28, 1), np.uint8)
epochs.run(images, np.zeros(32, np.uint8), None, epoch=0, verbose=False)
done = time.perf_counter()
print(json.dumps({"import": imported - start, "build": built - imported,
                  "first_step": done - built}))
"""
_LABEL = """
import json, time
from mnistcnn import DigitClassifier
from mnistcnn.backends import keras
import numpy as np
start = time.perf_counter()
DigitClassifier.from_pretrained().predict(np.zeros((28, 28), np.uint8))
print(json.dumps({"first_label": time.perf_counter() - start}))
"""
_READ = """
import json, time
start = time.perf_counter()
from mnistcnn import DigitClassifier
import numpy as np
DigitClassifier.from_pretrained().predict(np.zeros((28, 28), np.uint8))
print(json.dumps({"numpy_first_label": time.perf_counter() - start}))
"""


def plan(quick: bool) -> list[dict]:
    """Plans one job, which measures all stages."""
    return [{}]


def measure(job: dict) -> tuple[list[Record], dict]:
    """Runs two programs, the second one again, and a third with only NumPy.

    The repetition finds the disk caches of the first time, as a user's second
    start does.
    """
    with tempfile.TemporaryDirectory() as folder:
        variables = {
            **os.environ,
            "JAX_COMPILATION_CACHE_DIR": os.path.join(folder, "jax"),
            "XDG_CACHE_HOME": os.path.join(folder, "cache"),
        }
        stages, _ = _run(_TRAIN, variables)
        label, seconds = _run(_LABEL, variables)
        _, again = _run(_LABEL, variables)
        # If no backend is named, NumPy reads.
        del variables["KERAS_BACKEND"]
        read, stages["numpy_process_to_first_label"] = _run(_READ, variables)
    stages |= label | read
    stages["process_to_first_label"] = seconds
    stages["process_to_first_label_again"] = again
    records = [
        Record({"stage": stage}, "seconds", value)
        for stage, value in stages.items()
    ]
    caches = "empty but for process_to_first_label_again"
    return records, {"caches_on_disk": caches}


def _run(program: str, variables: dict) -> tuple[dict, float]:
    start = time.perf_counter()
    # -P: the installed package, not the one in the current folder.
    done = subprocess.run(
        [sys.executable, "-P", "-c", program],
        env=variables,
        stdout=subprocess.PIPE,
        check=True,
    )
    seconds = time.perf_counter() - start
    return json.loads(done.stdout.splitlines()[-1]), seconds
