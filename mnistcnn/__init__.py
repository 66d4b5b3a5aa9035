"""One Keras 3 CNN for handwritten digits on TensorFlow, JAX and PyTorch.

To have data, and to train:

- `load_data`: MNIST, files of its form, drawings or strokes, as a `Dataset`
- `recipe`, `TrainConfig`: how to train; `train`: trains, gives a `TrainResult`
- `build_model`: the Keras model alone, untrained
- `evaluate`: scores a model on a test set, gives an `Evaluation`

To keep networks, and to read with them:

- `save_artifact`, `load_artifact`: the `.keras` file, on any backend
- `inspect_artifact`: whether a file is safe and whole; loads no framework
- `DigitClassifier`: reads images, photos and pen strokes
- `DataError`, `ArtifactError`: what a user can mend, in one line

    >>> from mnistcnn import DigitClassifier, load_data
    >>> data = load_data("strokes", limit=3)
    >>> DigitClassifier.from_pretrained().predict(data.x_test).shape
    (3,)

`KERAS_BACKEND` (jax, torch or tensorflow) chooses the framework, before Keras
is imported. Importing this package loads neither Keras nor a framework: each
name is imported from its module when it is first used.
"""

import os
from typing import TYPE_CHECKING

from mnistcnn.lazy import attach

# OpenCV's own limit on pixels, which it reads when it is imported. Unless it is
# set, OpenCV trusts a header that claims up to a thousand million pixels.
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", "100000000")

__all__ = [
    "ArtifactError",
    "DataError",
    "Dataset",
    "DigitClassifier",
    "Evaluation",
    "TrainConfig",
    "TrainResult",
    "__version__",
    "build_model",
    "evaluate",
    "inspect_artifact",
    "load_artifact",
    "load_data",
    "recipe",
    "save_artifact",
    "train",
]

if TYPE_CHECKING:
    from mnistcnn.artifact import (
        inspect_artifact,
        load_artifact,
        save_artifact,
    )
    from mnistcnn.data import Dataset, load_data
    from mnistcnn.errors import ArtifactError, DataError
    from mnistcnn.evaluation import Evaluation, evaluate
    from mnistcnn.network import build_model
    from mnistcnn.reading import DigitClassifier
    from mnistcnn.training import TrainConfig, TrainResult, recipe, train
    from mnistcnn.version import __version__
else:
    __getattr__, __dir__ = attach(
        __name__,
        artifact="inspect_artifact load_artifact save_artifact",
        data="Dataset load_data",
        errors="ArtifactError DataError",
        evaluation="Evaluation evaluate",
        network="build_model",
        reading="DigitClassifier",
        training="TrainConfig TrainResult recipe train",
        version="__version__",
    )
