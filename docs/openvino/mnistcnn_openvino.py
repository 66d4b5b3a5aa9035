"""OpenVINO, a `mnistcnn.backends.Backend` that only reads.

It adds what Keras' own OpenVINO backend lacks: float32 on processors that have
bfloat16, the current weights, a model that is compiled once.
"""

import contextlib
import hashlib
import tempfile
from pathlib import Path
from typing import NoReturn

import keras
import numpy as np
import openvino

from mnistcnn.backends import Group, count_devices
from mnistcnn.errors import PlanError

VERSION: str = openvino.get_version()
BFLOAT16_PAYS_ON_CPU: bool = False


def describe_device():
    """Describes the processor; OpenVINO's other devices are not used."""
    return {"kind": "cpu", "name": "cpu", "count": 1}


def peak_device_bytes():
    """Returns None: OpenVINO does not report it."""


def join(devices):
    """Uses the only device."""
    return Group(size=count_devices(devices, 1))


def own_settings():
    """Does nothing: OpenVINO has no settings of its own here."""
    return contextlib.nullcontext()


def own_generators():
    """Does nothing: OpenVINO draws no numbers."""
    return contextlib.nullcontext()


def seed_epoch(seed, epoch):
    """Does nothing: there is no training."""


def make_predictor(model):
    """Compiles the model for one image, again if its weights changed."""
    compiled = {}

    def predict(images):
        sha = hashlib.sha256()
        for weight in model.get_weights():
            sha.update(weight.tobytes())
        if sha.digest() not in compiled:
            compiled.clear()
            compiled[sha.digest()] = compile_model(model)
        run = compiled[sha.digest()]
        return np.concatenate([run(image[None])[0] for image in images])

    return predict


def compile_model(model: keras.Model):
    """Compiles a Keras model, in float32."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.xml")
        model.export(str(path), format="openvino", verbose=False)
        options = {"INFERENCE_PRECISION_HINT": "f32"}
        return openvino.Core().compile_model(str(path), "CPU", options)


def Trainer(model, plan, batch_size, group=None) -> NoReturn:  # noqa: N802
    """Raises a `PlanError`: Keras has no training on OpenVINO either."""
    raise PlanError("OpenVINO does not train")
