import multiprocessing
import os
import subprocess
import sys

import pytest

# A classifier reads, enough images for two threads; then each child, forked one
# after another, tries a thing.
PARENT = """
import multiprocessing, pickle, sys
import numpy as np
from mnistcnn import DigitClassifier
from mnistcnn.errors import BackendError

images = np.zeros((64, 28, 28), np.uint8)
images[:, 4:24, 13:15] = 255
classifier = DigitClassifier.from_pretrained()
pickled = pickle.dumps(classifier)
classifier.predict(images)

def inherit():
    return classifier.predict(images)[-1]

def explain():
    return classifier.explain(images[0])[0].layer

def unpickle():
    return pickle.loads(pickled).predict(images)[-1]

def open():
    return DigitClassifier.from_pretrained().predict(images)[-1]

def train():
    from mnistcnn import TrainConfig, load_data, train
    data = load_data("strokes", limit=50)
    run = train(TrainConfig(epochs=1), data, out=sys.argv[1], verbose=False)
    return len(run.history)

def child(what):
    try:
        print(what(), flush=True)
    except BackendError as error:
        print(error, flush=True)

for what in eval(sys.argv[2]):
    process = multiprocessing.get_context("fork").Process(
        target=child, args=(what,)
    )
    process.start()
    process.join(60)
    process.kill()
"""
FORKS = "fork" in multiprocessing.get_all_start_methods()
pytestmark = pytest.mark.skipif(not FORKS, reason="this system has no fork")


def run(out, children, **env):
    done = subprocess.run(
        [sys.executable, "-c", PARENT, str(out), children],
        # Of one thread, the tests' own setting, a child would lack none.
        env={**os.environ, "OMP_NUM_THREADS": "2", **env},
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_forked_process_computes_or_says_why_not(tmp_path):
    found = run(tmp_path / "run", "inherit, explain, unpickle, open, train")
    if os.environ["KERAS_BACKEND"] == "torch":
        assert found == ["1", "conv1", "1", "1", "1"]
    else:
        assert len(found) == 5
        for line in found:
            assert "Expected a process of its own: start it by multi" in line


@pytest.mark.core
def test_without_a_framework_any_process_computes(tmp_path):
    found = run(tmp_path, "inherit, explain, unpickle, open", KERAS_BACKEND="")
    assert found == ["1", "conv1", "1", "1"]
