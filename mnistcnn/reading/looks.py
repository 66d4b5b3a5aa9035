"""A cache of a network's predictions for groups of strokes."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from mnistcnn.pictures import strokes_to_image

# The image of a group of strokes, and the network's probabilities for it.
Look = tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32]]


class StrokeLooks:
    """The predictions for groups of strokes in the last call.

    When a drawing grows by a stroke, only groups with that stroke are new.
    """

    def __init__(self):
        self._known: dict[tuple[bytes, ...], Look] = {}

    def look(
        self,
        strokes: Sequence[npt.NDArray[np.floating]],
        groups: Sequence[tuple[int, ...]],
        predict: Callable[[np.ndarray], npt.NDArray[np.float32]],
    ) -> list[Look]:
        """Classifies groups of strokes, the new ones in one batch.

        Args:
            strokes: `(n, 2)` arrays.
            groups: indices of strokes.
            predict: from `(n, 28, 28, 1)` to `(n, classes)`.

        Returns:
            For each group `(28, 28)` uint8 and `(classes,)` float32.
        """
        names = [stroke.tobytes() for stroke in strokes]
        keys = [tuple(names[i] for i in group) for group in groups]
        known = self._known
        new = {
            key: strokes_to_image([strokes[i] for i in group])
            for key, group in zip(keys, groups, strict=True)
            if key not in known
        }
        if new:
            rows = predict(np.stack(list(new.values()))[..., None])
            looks = zip(new.values(), rows, strict=True)
            known = {**known, **dict(zip(new, looks, strict=True))}
        self._known = {key: known[key] for key in keys}
        return [known[key] for key in keys]
