"""MNIST itself: its places, its download and its digests."""

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from mnistcnn.backends import cache_folder, keras_folder
from mnistcnn.data.datafiles import read_data
from mnistcnn.data.dataset import KEYS, Dataset
from mnistcnn.data.digests import digest
from mnistcnn.data.download import download_file
from mnistcnn.data.names import find_named
from mnistcnn.errors import DataError

MNIST = "MNIST"
# The address of Keras' own loader. The digests below verify the arrays, so a
# mirror (MNISTCNN_URL) need not be trusted.
MNIST_URL = (
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
)
# sha256 of the arrays as uncompressed IDX files, which are the four unzipped
# files of LeCun, Cortes and Burges' page.
MNIST_DIGESTS = {
    "x_train": (
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"
    ),
    "y_train": (
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"
    ),
    "x_test": (
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"
    ),
    "y_test": (
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"
    ),
}
MNIST_SHAPES = {
    "x_train": (60_000, 28, 28),
    "y_train": (60_000,),
    "x_test": (10_000, 28, 28),
    "y_test": (10_000,),
}
# MNIST's archive is 11 MB; the largest form in circulation is 55 MB.
MAX_DOWNLOAD_BYTES = 64_000_000


def load_mnist() -> Dataset:
    """Reads MNIST from `MNISTCNN_DATA` or the cache, or downloads it.

    The path in `MNISTCNN_DATA` is used if it holds MNIST, in any form.

    Returns:
        The 60,000 training and 10,000 test images.

    Raises:
        DataError: it cannot be obtained, or the cached file is not MNIST.
    """
    named, cached = find_named(), find_cached()
    # Other contents, or a missing file, are ignored here.
    with contextlib.suppress(DataError):
        found = read_data(named).arrays if named is not None else {}
        if is_mnist(found):
            return Dataset(*(found[key] for key in KEYS), name=MNIST)
    try:
        path = cached or download_file(
            os.environ.get("MNISTCNN_URL") or MNIST_URL,
            cache_path(),
            verify=_verify_mnist,
            max_bytes=MAX_DOWNLOAD_BYTES,
        )
        return _verify_mnist(path)
    except DataError as error:
        # An existing file is kept: it may be the only copy of something.
        kept = f" {cached} was left as it is: move it away." if cached else ""
        raise DataError(
            f"{error}{kept} Three ways out: set MNISTCNN_DATA to an mnist.npz "
            f"or to a folder with the four IDX files; put mnist.npz at "
            f"{cache_path()}; or train on generated digits with --data "
            "strokes."
        ) from error


def is_mnist(arrays: Mapping[str, np.ndarray]) -> bool:
    """Returns whether these are the arrays of MNIST."""
    shapes = {key: array.shape for key, array in arrays.items()}
    if shapes != MNIST_SHAPES:
        return False
    # The small arrays first, which exclude most other data at once.
    keys = sorted(KEYS, key=lambda key: arrays[key].size)
    return all(digest(arrays[key]) == MNIST_DIGESTS[key] for key in keys)


def cache_path() -> Path:
    """Returns where the downloaded MNIST is kept.

    In Keras' own place if `KERAS_HOME` is set, or if the platform has no cache
    folder; otherwise in that folder.
    """
    folder = None if os.environ.get("KERAS_HOME") else cache_folder()
    return (folder or keras_folder() / "datasets") / "mnist.npz"


def find_cached() -> Path | None:
    """Returns the path of a cached MNIST: ours, or Keras' own."""
    keras_own = keras_folder() / "datasets" / "mnist.npz"
    candidates = [cache_path(), keras_own]
    return next((path for path in candidates if path.is_file()), None)


def _verify_mnist(path: Path) -> Dataset:
    arrays = read_data(path, shapes=MNIST_SHAPES).arrays
    for key, expected in MNIST_DIGESTS.items():
        found = digest(arrays[key])
        if found != expected:
            raise DataError(
                f"{path} is not MNIST: {key} has sha256 {found}, expected "
                f"{expected}."
            )
    return Dataset(*(arrays[key] for key in KEYS), name=MNIST)
