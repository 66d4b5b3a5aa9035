"""What a data set holds, in numbers and pictures; without a framework."""

from pathlib import Path
from typing import Any

import numpy as np

from mnistcnn import figures
from mnistcnn.data import Dataset

EXPLORED = ("samples.png", "class_histogram.png")
NUM_SAMPLES = 50


def explore(data: Dataset, out: Path) -> dict[str, Any]:
    """Describes a data set: shapes, counts, statistics, two pictures.

    Args:
        data: the data set.
        out: the folder for `samples.png` and `class_histogram.png`.

    Returns:
        `arrays` (for each of the four its shape, dtype and digest-free
        facts), `counts` (for each split the images of each class) and
        `pixels` (of the training images, or of the test's where there
        are none: `min`, `max`, `mean`, `std`,
        `ink`, the part of pixels above 0).

    Raises:
        ConfigError: the folder holds a file of one of these names that is no
            picture of ours.
    """
    figures.check_pictures(out, EXPLORED)
    num_classes = len(data.classes)
    counts = {
        "train": np.bincount(data.y_train, minlength=num_classes),
        "test": np.bincount(data.y_test, minlength=num_classes),
    }
    # Without a training set the test set is shown.
    x, y = data.x_train, data.y_train
    x, y = (x, y) if len(x) else (data.x_test, data.y_test)
    figures.draw_samples(
        x[:NUM_SAMPLES],
        y[:NUM_SAMPLES],
        out / "samples.png",
        classes=data.classes,
        note=data.note,
    )
    figures.draw_class_histogram(
        counts,
        out / "class_histogram.png",
        classes=data.classes,
        note=data.note,
    )
    arrays = {
        key: (getattr(data, key).shape, str(getattr(data, key).dtype))
        for key in ("x_train", "y_train", "x_test", "y_test")
    }
    return {
        "arrays": arrays,
        "counts": {name: row.tolist() for name, row in counts.items()},
        "pixels": {
            "min": int(x.min()),
            "max": int(x.max()),
            "mean": float(x.mean()),
            "std": float(x.std()),
            "ink": float((x > 0).mean()),
        },
    }
