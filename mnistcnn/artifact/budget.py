"""Limits on a network's cost, from its layers, before Keras is imported.

The limits leave room for every network that trains here, with up to four times
its filters: `deep` then has 4.8 million parameters, 160,000 activations and 105
million multiplications.
"""

import math

from mnistcnn.artifact.layers import LayerSpec
from mnistcnn.errors import ArtifactError

MAX_LAYERS = 32
MAX_PARAMETERS = 5_000_000
# Of all layers together, per image; times BATCH and 4 bytes it is 0.8 GB.
MAX_ACTIVATIONS = 400_000
MAX_MULTIPLICATIONS = 200_000_000
CLASSES = (2, 256)
# The most images that evaluation and reading compute at once. They import this
# package, so a test compares the numbers.
BATCH = 512


def check_count(layers: int) -> None:
    """Raises an `ArtifactError` if there are too many layers to check."""
    if layers > MAX_LAYERS:
        raise ArtifactError(
            "budget",
            f"The network has {layers} layers. Expected at most "
            f"{MAX_LAYERS}: it is not a network of this kind.",
        )


def check_budget(specs: list[LayerSpec]) -> None:
    """Raises an `ArtifactError` if a network costs too much.

    Args:
        specs: its layers so far. Their sizes are untrusted and may have any
            number of digits, so they are not printed.
    """
    costs = (
        ("parameters", MAX_PARAMETERS, [s.parameters for s in specs]),
        (
            "numbers between its layers",
            MAX_ACTIVATIONS,
            [math.prod(s.output_shape) for s in specs],
        ),
        (
            "multiplications an image",
            MAX_MULTIPLICATIONS,
            [s.multiplications for s in specs],
        ),
    )
    for what, most, numbers in costs:
        if sum(numbers) > most:
            raise ArtifactError(
                "budget",
                f"{specs[-1].kind} {specs[-1].name!r} takes the network over "
                f"{most:,} {what}. Expected fewer: it is not a network of "
                "this kind.",
            )


def check_classes(shape: tuple[int, ...]) -> None:
    """Raises an `ArtifactError` unless the output is a vector of classes."""
    least, most = CLASSES
    if len(shape) != 1:
        raise ArtifactError(
            "shape",
            f"The network's output has shape {shape}. Expected (classes,): one "
            "probability a class.",
        )
    if not least <= shape[0] <= most:
        raise ArtifactError(
            "budget",
            f"The network has {shape[0]:,} classes. Expected {least} to "
            f"{most}: it is not a network of this kind.",
        )
