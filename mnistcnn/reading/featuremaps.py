"""Feature maps of a layer, as pictures: what `activations` finds.

By itself, because a window that shows them has no framework to load them with.
"""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True, eq=False)
class LayerMaps:
    """Feature maps of one layer.

    Args:
        layer: the layer's name.
        total: how many maps it has.
        indices: which of them these are.
        maps: `(n, height, width)` uint8; 0 is no answer, 255 the layer's
            strongest to this image.
        kernels: `(n, height, width)` float32, the filters themselves, where
            the layer looks at a single channel, else None.
    """

    layer: str
    total: int
    indices: tuple[int, ...]
    maps: np.ndarray
    kernels: np.ndarray | None
