"""Files of pen strokes: many people's characters, as they wrote them.

An `.npz` of five arrays: `points` `(p, 2)`, all strokes one after the other;
`stroke_start` `(s + 1,)` and `sample_start` `(n + 1,)`, where each stroke
begins in the points, and each character in the strokes; `labels` `(n,)`,
digits as numbers, or texts of one character; `writers` `(n,)`, texts. It is
untrusted input.
"""

import dataclasses
import zipfile
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from mnistcnn.data.archives import (
    check_directory,
    describe_start,
    limit_bytes,
    read_array,
    read_header,
)
from mnistcnn.errors import DataError, make_printable
from mnistcnn.files import find_kind, open_regular
from mnistcnn.ink import StrokeSet, StrokeSource

KEYS = ("points", "stroke_start", "sample_start", "labels", "writers")
FAR = 1_000_000  # in any unit; the resolution of float32 there is a sixteenth
FORM = "an .npz with " + ", ".join(KEYS)
# Public collections by their digest: name, attribution, licence.
COLLECTIONS = {
    "c7b8120772af413bef59f8cba10e11656a886471f4cdc391170daa4f27338552": (
        "Pen-Based Recognition of Handwritten Digits",
        "E. Alpaydin and F. Alimoglu, UCI Machine Learning Repository, 1996",
        "CC BY 4.0",
    ),
    "9a1b15977acfc6c1e928ad03d99c0a91c6d5b32c3e0afb1e6b505c85b5ff4713": (
        "UNIPEN train_r01_v07, categories 1a to 1d",
        "I. Guyon, L. Schomaker, R. Plamondon, M. Liberman and S. Janet, "
        '"UNIPEN project of on-line data exchange and recognizer '
        'benchmarks", 1994',
        "CC BY 4.0",
    ),
}


def is_strokes(path: Path) -> bool:
    """Returns whether a path is an `.npz` of strokes, by its directory."""
    try:
        if find_kind(path) != "file":
            return False
        with open_regular(path) as stream:
            check_directory(stream)
            with zipfile.ZipFile(stream) as archive:
                names = archive.namelist()
    # zipfile and the system raise a dozen classes; the reader reports errors.
    except Exception:
        return False
    # Any of them: the reader reports missing ones.
    return not {f"{key}.npy" for key in KEYS[:3]}.isdisjoint(names)


def read_strokes_file(path: Path) -> StrokeSet:
    """Reads a file of pen strokes.

    Args:
        path: of the `.npz`.

    Returns:
        Its contents; points are float32.

    Raises:
        DataError: an array is missing, too large, or invalid.
    """
    try:
        with open_regular(path) as stream:
            arrays = _read(stream)
        return _check(arrays, make_printable(Path(path).resolve().name))
    except DataError as error:
        raise DataError(f"{path}: {error}") from error
    # zipfile, its decompressors, NumPy and ast raise a dozen classes,
    # unpredictably.
    except Exception as error:
        said = getattr(error, "strerror", None) or type(error).__name__
        if not isinstance(error, OSError):
            with open_regular(path) as stream:
                said = f"{describe_start(stream)} ({said})"
        raise DataError(
            f"{path} cannot be read: {said}. Expected {FORM}: copy it again."
        ) from error


def _read(stream: BinaryIO) -> dict[str, np.ndarray]:
    check_directory(stream)
    with zipfile.ZipFile(stream) as archive:
        names = archive.namelist()
        for key in KEYS:
            if names.count(f"{key}.npy") != 1:
                raise DataError(
                    f"it has {names.count(f'{key}.npy')} members named "
                    f"{key}.npy. Expected one each of {', '.join(KEYS)}: save "
                    "it with numpy.savez."
                )
        headers = {key: read_header(archive, key) for key in KEYS}
        size = sum(header.num_bytes for header in headers.values())
        if size > (limit := limit_bytes(stream)):
            raise DataError(
                f"its arrays say they have {size:,} bytes. Expected at most "
                f"{limit:,}: a header is wrong, or the file too large."
            )
        for key, kinds, form in (
            ("points", "iuf", "(p, 2) numbers, x and y"),
            ("stroke_start", "iu", "(s + 1,) whole numbers"),
            ("sample_start", "iu", "(n + 1,) whole numbers"),
            ("labels", "iuU", "(n,) whole numbers or texts"),
            ("writers", "iuU", "(n,) texts or whole numbers"),
        ):
            shape, dtype = headers[key].shape, headers[key].dtype
            behind = (2,) if key == "points" else ()
            if dtype.kind not in kinds or not shape or shape[1:] != behind:
                raise DataError(
                    f"{key} has shape {str(shape)[:60]} and dtype "
                    f"{str(dtype)[:20]}. Expected {form}, as docs/data.md "
                    "has it: save it so."
                )
        return {key: read_array(archive, key, headers[key]) for key in KEYS}


def _check(arrays: dict[str, np.ndarray], name: str) -> StrokeSet:
    if not arrays["points"].size:
        raise DataError("points is empty. Expected at least one character.")
    # In float16 the limit would be infinite.
    low, high = (float(f(arrays["points"])) for f in (np.min, np.max))
    if not (low >= -FAR and high <= FAR):  # also refuses NaN
        raise DataError(
            f"points has values from {low:g} to {high:g}. Expected finite ones "
            f"from {-FAR:,} to {FAR:,}: drop those, or take another unit."
        )
    points = arrays["points"].astype(np.float32)
    strokes = _check_offsets(arrays["stroke_start"], len(points), KEYS[1])
    samples = _check_offsets(arrays["sample_start"], len(strokes) - 1, KEYS[2])
    texts = {key: arrays[key].astype(np.str_) for key in KEYS[3:]}
    for key, array in texts.items():
        if len(array) != len(samples) - 1:
            raise DataError(
                f"{key} has {len(array)} entries for {len(samples) - 1} "
                "characters. Expected as many: pair them anew."
            )
        odd = [v for v in np.unique(array).tolist() if not v.isprintable()]
        if odd or "" in array:
            raise DataError(
                f"{key} has {odd[0][:20] if odd else ''!r}. Expected printable "
                "texts: correct it."
            )
    labels, writers = texts.values()
    odd = [v for v in np.unique(labels).tolist() if len(v) != 1]
    if odd:
        raise DataError(
            f"labels has {odd[0][:20]!r}. Expected digits as numbers, 0 to 9, "
            "or one character each: correct or drop those."
        )
    found = StrokeSet(points, strokes, samples, labels, writers)
    called, *credit = COLLECTIONS.get(found.digest, (name,))
    size = len(found), len(np.unique(writers))
    source = StrokeSource(called, found.digest, *size, *credit)
    return dataclasses.replace(found, sources=(source,))


def _check_offsets(
    array: np.ndarray, end: int, key: str
) -> npt.NDArray[np.int64]:
    offsets = array.astype(np.int64)
    whole = len(offsets) > 1 and offsets[0] == 0 and offsets[-1] == end
    if not whole or (np.diff(offsets) < 1).any():
        raise DataError(
            f"{key} does not rise from 0 to {end} in steps of 1 or more. "
            "Expected the index at which each begins, and the end: count anew."
        )
    return offsets
