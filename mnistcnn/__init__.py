"""One Keras 3 CNN for handwritten digits on TensorFlow, JAX and PyTorch.

Importing this package loads neither Keras nor a framework: each name is
imported from its module when it is first used.
"""

import importlib
from typing import TYPE_CHECKING

__version__ = "0.1.0"

_MODULES = {
    "ArtifactError": "errors",
    "DataError": "errors",
    "Dataset": "data",
    "DigitClassifier": "classifier",
    "Evaluation": "evaluation",
    "TrainConfig": "trainconfig",
    "TrainResult": "trainresult",
    "build_model": "model",
    "evaluate": "evaluation",
    "inspect_artifact": "artifact",
    "load_artifact": "artifact",
    "load_data": "data",
    "recipe": "recipes",
    "save_artifact": "artifact",
    "train": "training",
}

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
    from mnistcnn.classifier import DigitClassifier
    from mnistcnn.data import Dataset, load_data
    from mnistcnn.errors import ArtifactError, DataError
    from mnistcnn.evaluation import Evaluation, evaluate
    from mnistcnn.model import build_model
    from mnistcnn.recipes import recipe
    from mnistcnn.trainconfig import TrainConfig
    from mnistcnn.training import train
    from mnistcnn.trainresult import TrainResult


def __getattr__(name: str):
    if name not in _MODULES:
        raise AttributeError(f"module 'mnistcnn' has no attribute {name!r}")
    module = importlib.import_module(f"mnistcnn.{_MODULES[name]}")
    value = getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
