"""The ways to train that are measured beside each other do the same work."""

import numpy as np
import pytest

from mnistcnn import backends
from suites import paths

TUNED = {
    "tensorflow": {"steps_per_execution": "epoch", "input": "pipeline"},
    "jax": {"steps_per_execution": 2},
    "torch": {"data_format": "channels_first", "input": "pipeline"},
}


def test_a_keras_model_learns_as_the_native_one(digits):
    order = np.arange(64)
    losses = {}
    for name, path, settings in (
        ("plain", "plain", None),
        ("keras", "keras", None),
        ("tuned", "fit", TUNED[backends.name]),
    ):
        train = paths.make_path(path, digits, 16, settings=settings)
        losses[name] = [train(order)[0] for _ in range(2)]
    # The same weights and batches; the masks of dropout differ.
    assert losses["keras"] == pytest.approx(losses["plain"], rel=0.1)
    assert losses["tuned"] == pytest.approx(losses["plain"], rel=0.1)
    assert losses["plain"][1] < losses["plain"][0]
