"""Fuzz targets: readers of artifacts, data sets and pictures.

A target is a function of bytes that must not raise, and its seed inputs.
Checksums and digests are recomputed, so that inputs get past them.
"""

import io
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from fuzz_files import make_state, make_strokes

HELPERS = Path(__file__).parents[2] / "backends_tests" / "helpers"
sys.path.insert(0, str(HELPERS))


def _make_artifact(name: str):
    import artifact_fixtures as fixtures
    import numpy as np

    from mnistcnn.artifact import check_bytes
    from mnistcnn.errors import ArtifactError

    members = fixtures.good_members()
    member = {
        "config": fixtures.CONFIG,
        "weights": fixtures.WEIGHTS,
        "card": fixtures.CARD,
    }.get(name)

    def read(data: bytes) -> None:
        if member is not None:
            changed = members | {member: data}
            if name == "weights":
                changed = fixtures.sign(changed)
            data = fixtures.seal(changed)
        try:
            artifact = check_bytes(data)
        except ArtifactError as error:
            assert str(error).isprintable() and len(str(error)) <= 300
        else:
            for array in (a for arrays in artifact.weights for a in arrays):
                assert array.dtype == np.float32 and np.isfinite(array).all()

    if member is not None:
        return read, [members[member]]
    return read, [fixtures.good_bytes()]


def _make_arrays(name: str):
    import numpy as np

    from mnistcnn.data import KEYS, load_data
    from mnistcnn.data.idx import IDX_NAMES
    from mnistcnn.errors import DataError

    home = Path(tempfile.mkdtemp(prefix="mnistcnn-fuzz-"))
    arrays: dict[str, Any] = {
        key: np.zeros((2, 28, 28) if key[0] == "x" else 2, np.uint8)
        for key in KEYS
    }
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    idx = b"\0\0\x08\3\0\0\0\2\0\0\0\x1c\0\0\0\x1c" + bytes(2 * 784)
    labels = b"\0\0\x08\1\0\0\0\2\0\0"
    first = np.lib.format.magic(1, 0)
    header = buffer.getvalue()
    header = header[header.index(first) :][:128] + bytes(2 * 784)

    if name in ("npz", "npy"):
        target = path = home / "digits.npz"
        seeds = [buffer.getvalue() if name == "npz" else header]
    elif name == "csv":
        target = path = home / "digits.csv"
        seeds = [b"7" + b",0,255" * 392 + b"\n3" + b",9" * 784]
    else:
        path = home
        for key, file in IDX_NAMES.items():
            (home / file).write_bytes(idx if key[0] == "x" else labels)
        target, seeds = home / IDX_NAMES["x_train"], [idx]
        if name == "gzip":
            import gzip

            target.unlink()
            target = target.with_name(f"{target.name}.gz")
            seeds = [gzip.compress(idx)]

    def read(data: bytes) -> None:
        if name == "npy":
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w") as archive:
                archive.writestr("x_train.npy", data)
                for key in KEYS[1:]:
                    body = io.BytesIO()
                    np.lib.format.write_array(body, arrays[key])
                    archive.writestr(f"{key}.npy", body.getvalue())
            data = packed.getvalue()
        target.write_bytes(data)
        try:
            found = load_data(str(path))
        except DataError as error:
            assert str(error).isprintable()
        else:
            for key in KEYS:
                assert getattr(found, key).dtype == np.uint8

    return read, seeds


def _make_image(_: str):
    import cv2
    import numpy as np

    from mnistcnn.errors import DataError
    from mnistcnn.pictures import read_image

    path = Path(tempfile.mkdtemp(prefix="mnistcnn-fuzz-")) / "picture"
    picture = np.arange(300, dtype=np.uint8).reshape(10, 10, 3)
    kinds = ("png", "jpg", "tiff", "bmp", "webp")
    seeds = [cv2.imencode(f".{k}", picture)[1].tobytes() for k in kinds]

    def read(data: bytes) -> None:
        path.write_bytes(data)
        try:
            image = read_image(path)
        except DataError as error:
            assert str(error).isprintable()
        else:
            assert image.dtype == np.uint8 and image.ndim in (2, 3)

    return read, seeds


TARGETS = {
    "artifact": _make_artifact,
    "config": _make_artifact,
    "weights": _make_artifact,
    "card": _make_artifact,
    "npz": _make_arrays,
    "npy": _make_arrays,
    "idx": _make_arrays,
    "gzip": _make_arrays,
    "csv": _make_arrays,
    "image": _make_image,
    "state": make_state,
    "progress": make_state,
    "strokes": make_strokes,
}
