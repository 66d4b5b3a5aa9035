"""The CNN: architectures as data, its layers, its initial weights.

In: an architecture's name and options. Out: a Keras model from raw pixels to
probabilities. Imports `backends` and `pictures`.
"""

from typing import TYPE_CHECKING

from mnistcnn.lazy import attach

if TYPE_CHECKING:
    from mnistcnn.network.architectures import ARCHITECTURES as ARCHITECTURES
    from mnistcnn.network.architectures import POOL as POOL
    from mnistcnn.network.architectures import layer_plan as layer_plan
    from mnistcnn.network.model import build_model as build_model
    from mnistcnn.network.model import describe_layers as describe_layers
    from mnistcnn.network.model import initialize as initialize
    from mnistcnn.network.model import (
        restore_initializers as restore_initializers,
    )
    from mnistcnn.network.model import seed_dropout as seed_dropout
else:
    __getattr__, __dir__ = attach(
        __name__,
        architectures="ARCHITECTURES POOL layer_plan",
        model="build_model describe_layers initialize restore_initializers "
        "seed_dropout",
    )
