"""One Keras 3 CNN for handwritten digits on TensorFlow, JAX and PyTorch.

Importing this package loads neither Keras nor a framework: each name is
imported from its module when it is first used.
"""

from typing import TYPE_CHECKING

from mnistcnn.lazy import attach

__version__ = "0.1.0"

_MODULES = {
    "ArtifactError": "errors",
    "DataError": "errors",
    "Dataset": "data",
    "DigitClassifier": "reading",
    "Evaluation": "evaluation",
    "TrainConfig": "training",
    "TrainResult": "training",
    "build_model": "network",
    "evaluate": "evaluation",
    "inspect_artifact": "artifact",
    "load_artifact": "artifact",
    "load_data": "data",
    "recipe": "training",
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
    from mnistcnn.data import Dataset, load_data
    from mnistcnn.errors import ArtifactError, DataError
    from mnistcnn.evaluation import Evaluation, evaluate
    from mnistcnn.network import build_model
    from mnistcnn.reading import DigitClassifier
    from mnistcnn.training import TrainConfig, TrainResult, recipe, train
else:
    __getattr__, __dir__ = attach(__name__, _MODULES)
