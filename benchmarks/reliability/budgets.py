"""Time and memory of the costliest artifacts that are accepted.

`python budgets.py KIND` measures one, in its own process.
"""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).parents[2] / "backends_tests" / "helpers"))

import artifact_fixtures as fixtures

from mnistcnn.artifact import check_bytes
from mnistcnn.artifact.config import parse_config
from mnistcnn.artifact.weights import write_weights

IMAGES = 1024
MAX_GROWTH = 2 << 30
MAX_SECONDS_A_PICTURE = 1.0
# Size-preserving convolutions that nearly use up a budget: filters, kernels.
COSTLY = {
    "numbers": ((253, 1), (253, 1)),
    "numbers and multiplications": ((125, 3), (125, 3), (253, 1)),
    "multiplications": ((40, 3), (72, 9)),
    "layers": tuple((16, 3) for _ in range(28)),
}


def prove(*, seed: int, quick: bool) -> dict:
    """Evaluates each: at most 2 GiB more memory, a second per picture."""
    del seed
    rows = {}
    for kind in list(COSTLY)[:1] if quick else COSTLY:
        done = subprocess.run(
            [sys.executable, __file__, kind],
            capture_output=True,
            text=True,
            check=True,
        )
        rows[kind] = json.loads(done.stdout.splitlines()[-1])
    found = {
        "networks": len(rows),
        "images": IMAGES,
        "most_bytes": max(row["growth"] for row in rows.values()),
        "longest_picture_seconds": max(row["one"] for row in rows.values()),
        "longest_evaluation_seconds": max(row["all"] for row in rows.values()),
    }
    passed = (
        found["most_bytes"] <= MAX_GROWTH
        and found["longest_picture_seconds"] <= MAX_SECONDS_A_PICTURE
    )
    return {"passed": passed, "faults": [], **found}


def make_artifact(kind: str) -> bytes:
    """Makes an artifact whose cost is close to the limit."""
    config = fixtures.make_config()
    layers = config["config"]["layers"]
    conv, last = layers[fixtures.CONV], layers[fixtures.DENSE]
    made = []
    for number, (filters, size) in enumerate(COSTLY[kind]):
        layer = json.loads(json.dumps(conv))
        window = {"kernel_size": [size, size], "padding": "same"}
        names = {"name": f"c{number}", "activation": "gelu"}
        layer["config"].update(filters=filters, **window, **names)
        made.append(layer)
    options = {"data_format": "channels_last", "keepdims": False}
    mean = fixtures.layer("GlobalAveragePooling2D", "mean", **options)
    config["config"]["layers"] = [*layers[:2], *made, mean, last]
    name, specs = parse_config(config)
    rng = np.random.default_rng(0)
    arrays = [
        [rng.normal(0, 0.05, shape).astype("f4") for shape in s.weight_shapes]
        for s in specs
    ]
    members = fixtures.good_members()
    members[fixtures.CONFIG] = json.dumps(config).encode()
    members[fixtures.WEIGHTS] = write_weights(specs, arrays, name=name)
    return fixtures.seal(fixtures.sign(members))


def main() -> None:
    """Measures the network that the command line names."""
    from mnistcnn import DigitClassifier
    from mnistcnn.artifact import rebuild
    from mnistcnn.evaluation import evaluate

    model = rebuild(check_bytes(make_artifact(sys.argv[1])))
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (IMAGES, 28, 28), dtype=np.uint8)
    labels = rng.integers(0, 10, IMAGES)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    evaluate(model, images, labels)
    middle = time.perf_counter()
    classifier = DigitClassifier(model, classes="0123456789")
    classifier.predict(images[:512])
    classifier.predict(images[:1])
    # Measured again, since the first call compiles.
    again = time.perf_counter()
    classifier.predict(images[:1])
    one = time.perf_counter() - again
    growth = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    found = {"all": middle - start, "one": one, "growth": growth * 1024}
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
