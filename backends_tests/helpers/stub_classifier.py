"""Classifiers without a framework, for the reader's child process.

The child imports this module by name: tests put this folder on `sys.path`.
"""

import os
import signal
import time

import numpy as np

from mnistcnn.errors import ArtifactError
from mnistcnn.reading import LayerMaps


class Stub:
    """Says 7 of a tall picture and 1 of a wide one; sure of both."""

    name = "stub"
    backend = "numpy"
    classes_ = tuple("0123456789")
    sure = 0.91

    def decide(self, row):
        return self.classes_[row.argmax()] if row.max() >= 0.5 else "?"

    def predict_proba(self, images):
        rows = np.full((len(images), 10), (1 - self.sure) / 9, np.float32)
        for row, image in zip(rows, images, strict=True):
            down, across = image.any(axis=1).sum(), image.any(axis=0).sum()
            row[7 if down >= across else 1] = self.sure
        return rows


class Unsure(Stub):
    sure = 0.31


class Slow(Stub):
    """Takes its time, as long as the first picture's first pixel says."""

    def predict_proba(self, images):
        time.sleep(images[0, 0, 0] / 100)
        return super().predict_proba(images)


class Explained(Stub):
    """Its feature maps are the image itself."""

    def explain(self, image):
        return image


class Mapped(Stub):
    """Its one feature map is the image itself."""

    def explain(self, image):
        return [LayerMaps("conv", 1, (0,), image[None], None)]


class Counting(Stub):
    """Says by its certainty how often it was asked, and for how many."""

    calls = 0

    def predict_proba(self, images):
        self.calls += 1
        self.sure = self.calls / 100 + len(images) / 10
        return super().predict_proba(images)


class Mortal(Stub):
    """Dies of a picture that is all ink."""

    def predict_proba(self, images):
        if images.min() == 255:
            os._exit(3)
        if images.max() == 1:
            raise RuntimeError("no such\nthing")
        return super().predict_proba(images)


def threaded():
    """Says by its name how many threads it was given."""
    stub = Stub()
    stub.name = os.environ["OMP_NUM_THREADS"]
    return stub


def refuse():
    raise ArtifactError("truncated", "x.keras ends in the middle.")


def stumble():
    raise ImportError("No module named 'keras'")


def sleep():
    time.sleep(60)


def die():
    os._exit(4)


def stubborn():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    return Stub()
