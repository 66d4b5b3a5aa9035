"""Reading `.npz` archives and IDX files that nobody vouches for.

Every size is read from a header and checked before the body is read, so that
a file of one kilobyte cannot ask for a terabyte; nothing is unpickled. What
comes out is four arrays whose shapes, types and values are right, and
whatever is wrong is one `DataError`.
"""

import gzip
import hashlib
import math
import os
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np

from mnistcnn.errors import DataError
from mnistcnn.preprocessing import IMAGE_SIZE

KEYS = ("x_train", "y_train", "x_test", "y_test")
IDX_NAMES = {
    "x_train": "train-images-idx3-ubyte",
    "y_train": "train-labels-idx1-ubyte",
    "x_test": "t10k-images-idx3-ubyte",
    "y_test": "t10k-labels-idx1-ubyte",
}
# The largest array that is read: EMNIST's 814,255 images are 638 MB.
MAX_ARRAY_BYTES = 1 << 30

_IDX_UINT8 = 0x08

Arrays = dict[str, np.ndarray]


def read_arrays(path: Path, *, num_classes: int = 10) -> Arrays:
    """Reads an `.npz` archive or a folder with the four IDX files.

    Args:
        path: an `.npz` with the keys `x_train`, `y_train`, `x_test` and
            `y_test`, or a folder with MNIST's four IDX files under their
            usual names, gzipped or not.
        num_classes: labels have to lie in `0..num_classes - 1`.

    Returns:
        The four arrays: images `(n, 28, 28)` uint8, labels `(n,)` uint8.

    Raises:
        DataError: the path does not exist, or what it holds is something
            else.
    """
    path = Path(path)
    # os.path: pathlib's methods raise on a name that is too long.
    if not os.path.exists(path):
        raise DataError(
            f"{path} does not exist. Expected an .npz with the keys "
            f"{', '.join(KEYS)}, or a folder with the four IDX files."
        )
    if path.is_dir():
        arrays = _read_folder(path)
    elif path.is_file():
        arrays = _read_npz(path)
    else:
        # Opening a pipe would wait for its writer.
        raise DataError(
            f"{path} is a pipe or a device. Expected an .npz or a folder: "
            "give the path of one."
        )
    for split in ("train", "test"):
        x_key, y_key = f"x_{split}", f"y_{split}"
        check_images(arrays[x_key], f"{path}: {x_key}")
        arrays[y_key] = check_labels(
            arrays[y_key], f"{path}: {y_key}", num_classes
        )
        if len(arrays[x_key]) != len(arrays[y_key]):
            raise DataError(
                f"{path}: {len(arrays[x_key])} images in {x_key} but "
                f"{len(arrays[y_key])} labels in {y_key}. Expected as many "
                "labels as images: make the file anew."
            )
    return arrays


def check_images(images: np.ndarray, what: str) -> None:
    """Raises a `DataError` unless `images` is `(n, 28, 28)` uint8, n > 0."""
    expected = (IMAGE_SIZE, IMAGE_SIZE)
    if (
        images.ndim != 3
        or images.shape[1:] != expected
        or images.dtype != np.uint8
        or not len(images)
    ):
        raise DataError(
            f"{what} has shape {images.shape} and dtype {images.dtype}. "
            f"Expected (n, {IMAGE_SIZE}, {IMAGE_SIZE}) uint8, n > 0: convert "
            "the images to 28x28 grey, 0..255."
        )


def check_labels(labels: np.ndarray, what: str, num_classes: int) -> np.ndarray:
    """Returns `labels` as `(n,)` uint8, or raises a `DataError`.

    Checked here because a label out of range is an error on PyTorch and
    TensorFlow but trains on silently, with loss 0, on JAX.
    """
    if labels.ndim != 1 or not len(labels):
        raise DataError(
            f"{what} has shape {labels.shape}. Expected (n,), one whole "
            "number an image, n > 0 (not one-hot)."
        )
    if labels.dtype.kind not in "iu":
        raise DataError(
            f"{what} has dtype {labels.dtype} (first value {labels[0]}). "
            f"Expected whole numbers 0..{num_classes - 1}: store the labels "
            "as integers."
        )
    wrong = np.flatnonzero((labels < 0) | (labels >= num_classes))
    if len(wrong):
        raise DataError(
            f"{what}[{wrong[0]}] is {labels[wrong[0]]} ({len(wrong)} such "
            f"labels). Expected 0..{num_classes - 1}: correct or drop them, "
            "or name the classes if they are more."
        )
    return labels.astype(np.uint8)


def digest(array: np.ndarray) -> str:
    """The sha256 of an array written as an uncompressed IDX file.

    Archives of the same arrays differ byte by byte with the tool that wrote
    them; the IDX bytes are MNIST's own format and have known digests.

    Args:
        array: uint8, any shape.

    Returns:
        64 hexadecimal digits.

    Example:
        >>> digest(np.zeros((2, 28, 28), np.uint8))[:12]
        '12878cea1d17'
    """
    header = struct.pack(">HBB", 0, _IDX_UINT8, array.ndim)
    header += struct.pack(f">{array.ndim}I", *array.shape)
    sha = hashlib.sha256(header)
    sha.update(np.ascontiguousarray(array, dtype=np.uint8).data)
    return sha.hexdigest()


# === npz ===


def _read_npz(path: Path) -> Arrays:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            for key in KEYS:
                found = names.count(f"{key}.npy")
                if found != 1:
                    raise DataError(
                        f"{path} has {found} members named {key}.npy (it "
                        f"holds {str(names[:6])[:100]}). Expected one each "
                        f"of {', '.join(KEYS)}: save it with numpy.savez."
                    )
            return {key: _read_member(archive, path, key) for key in KEYS}
    except DataError:
        raise
    # zipfile, its decompressors, NumPy and ast raise a dozen classes, and
    # which one is an accident.
    except Exception as error:
        raise DataError(
            f"{path} cannot be read as an .npz archive: it "
            f"{_looks_like(path)} ({type(error).__name__}). Expected an "
            "archive saved by numpy.savez: download or copy it again."
        ) from error


def _read_member(archive: zipfile.ZipFile, path: Path, key: str) -> np.ndarray:
    with archive.open(f"{key}.npy") as stream:
        # Versions above are for fields with names, and their header may
        # claim, and decompress to, four gigabytes.
        if np.lib.format.read_magic(stream) != (1, 0):
            raise ValueError("not npy version 1.0")
        header = np.lib.format.read_array_header_1_0(stream)
        shape, fortran_order, dtype = header
        if dtype.hasobject or dtype.kind not in "iufb":
            raise DataError(
                f"{path}: {key} has dtype {dtype}. Expected numbers "
                "(uint8 images, integer labels): save plain arrays."
            )
        # An absurd header must not reserve memory: check what it asks for.
        size = math.prod(shape) * dtype.itemsize
        if size > MAX_ARRAY_BYTES or any(length < 0 for length in shape):
            raise DataError(
                f"{path}: {key} says it has shape {str(shape)[:60]} and "
                f"dtype {dtype}. Expected at most {MAX_ARRAY_BYTES:,} bytes: "
                "the header is wrong or the data set too large."
            )
        body = stream.read(size)
        if len(body) != size or stream.read(1):
            raise DataError(
                f"{path}: {key} says it has shape {shape} but its data is "
                "shorter or longer. Expected exactly that many values: "
                "save or download the file again."
            )
    order = "F" if fortran_order else "C"
    return np.frombuffer(body, dtype).reshape(shape, order=order)


# === IDX ===


def _read_folder(folder: Path) -> Arrays:
    arrays = {}
    for key, name in IDX_NAMES.items():
        candidates = [folder / name, folder / f"{name}.gz"]
        path = next((p for p in candidates if p.is_file()), None)
        if path is None:
            raise DataError(
                f"{folder} has no {name} (nor {name}.gz). Expected MNIST's "
                f"four IDX files: {', '.join(IDX_NAMES.values())}."
            )
        arrays[key] = _read_idx(path, num_dims=3 if key[0] == "x" else 1)
    return arrays


def _read_idx(path: Path, *, num_dims: int) -> np.ndarray:
    try:
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rb") as stream:
            header = stream.read(4 + 4 * num_dims)
            magic = header[:4]
            expected = bytes([0, 0, _IDX_UINT8, num_dims])
            if magic != expected or len(header) != 4 + 4 * num_dims:
                raise DataError(
                    f"{path} begins with {magic.hex() or 'nothing'}. Expected "
                    f"{expected.hex()}, an IDX file of uint8 with {num_dims} "
                    "dimensions: download it again."
                )
            shape = struct.unpack(f">{num_dims}I", header[4:])
            size = math.prod(shape)
            # NumPy refuses some shapes of no bytes at all.
            if not 0 < size <= MAX_ARRAY_BYTES:
                raise DataError(
                    f"{path} says it has shape {shape}. Expected 1 to "
                    f"{MAX_ARRAY_BYTES:,} bytes: the header is wrong."
                )
            body = stream.read(size + 1)
    except DataError:
        raise
    except (EOFError, OSError, zlib.error) as error:
        raise DataError(
            f"{path} cannot be read: it {_looks_like(path)} "
            f"({type(error).__name__}). Expected an IDX file, gzipped where "
            "its name ends in .gz: download it again."
        ) from error
    if len(body) != size:
        more = "more" if len(body) > size else f"{len(body):,}"
        raise DataError(
            f"{path} says it has shape {shape}, {size:,} bytes, but holds "
            f"{more}. Expected exactly as many: download it again."
        )
    return np.frombuffer(body, np.uint8).reshape(shape)


def _looks_like(path: Path) -> str:
    """Says what a file's first bytes are, for an error's text."""
    try:
        with path.open("rb") as stream:
            start = stream.read(64)
    except OSError:
        return "cannot be opened"
    if not start:
        return "is empty"
    if start.lstrip()[:1] == b"<":
        return "looks like an HTML page"
    if start[:4] == b"PK\x03\x04":
        return "is a zip archive that is cut short or damaged"
    if start[:6] == b"\x93NUMPY":
        return "is a single .npy array"
    if start[:2] == b"\x1f\x8b":
        return "is gzip data"
    return f"begins with the bytes {start[:8].hex()}"
