"""Hostile weights and archives: bombs, links, path traversal.

Each function takes the bait folder and returns a file's bytes; see
`mechanisms.py`.
"""

import functools
import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import artifact_fixtures as fixtures
import h5py
import numpy as np
from artifact_fixtures import (
    CONFIG,
    KERNEL,
    WEIGHTS,
    edit_weights,
)

# The claimed size of a bomb, below the 4 GiB from which Keras checks.
BOMB = 1 << 29
READ = "secret.txt"
LONG = "/".join(["d" * 200] * 20)


# === Weights ===


def shape_bomb(bait: Path) -> bytes:
    """An array without bytes that claims half a gigabyte."""
    side = int((BOMB / 4) ** 0.5)

    def change(file):
        del file[KERNEL]
        options = {"chunks": (1024, 1024), "compression": "gzip"}
        file.create_dataset(KERNEL, (side, side), "f4", **options)

    return edit_weights(change)


def external_data(bait: Path) -> bytes:
    """An array whose bytes are in another file."""
    size = 4 * 338 * 10
    (bait / READ).write_bytes(bytes(size))

    def change(file):
        del file[KERNEL]
        outside = [(str(bait / READ), 0, size)]
        file.create_dataset(KERNEL, (338, 10), "f4", external=outside)

    return edit_weights(change)


def linked(path: str, make_target: Callable[[Path], object]):
    """A link instead of an object."""

    def make(bait: Path) -> bytes:
        def change(file):
            if path in file:
                del file[path]
            file[path] = make_target(bait)

        return edit_weights(change)

    return make


def outside(bait: Path) -> h5py.ExternalLink:
    """A link to an array in another file."""
    with h5py.File(bait / "other.h5", "w") as other:
        other["x"] = np.zeros((338, 10), "f4")
    return h5py.ExternalLink(str(bait / "other.h5"), "/x")


def soft_group(bait: Path) -> bytes:
    """A group that was moved and replaced by a soft link."""

    def change(file):
        file.move("layers/dense", "elsewhere")
        file["layers/dense"] = h5py.SoftLink("/elsewhere")

    return edit_weights(change)


# === Archives ===


@functools.cache
def deflate(**bombs: int) -> bytes:
    """The valid file with members that are mostly blanks, compressed."""
    buffer = io.BytesIO()
    members = fixtures.good_members()
    names = {"config": CONFIG, "asset": "assets/a", "asset2": "assets/b"}
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, 1) as archive:
        for key, size in bombs.items():
            name = names[key]
            with archive.open(name, "w", force_zip64=True) as stream:
                for _ in range(size >> 24):
                    stream.write(b" " * (1 << 24))
                stream.write(members.pop(name, b""))
        for name, body in members.items():
            archive.writestr(name, body)
    return buffer.getvalue()


def npz_bomb(bait: Path) -> bytes:
    """Weights as a NumPy archive whose header claims half a gigabyte."""
    weights = io.BytesIO()
    head = f"{{'descr':'<f4','fortran_order':False,'shape':({BOMB // 4},),}}"
    text = head.ljust(117).encode() + b"\n"
    array = b"\x93NUMPY\1\0" + len(text).to_bytes(2, "little") + text
    with zipfile.ZipFile(weights, "w") as archive:
        archive.writestr("layers/dense/vars.npy", array)
    members = fixtures.good_members()
    del members[WEIGHTS]
    return fixtures.seal(members | {"model.weights.npz": weights.getvalue()})


def tar(*members: tuple[str, bytes, str]) -> Callable[[Path], bytes]:
    """A tar archive of members: name, type, and link target (`{bait}`)."""

    def make(bait: Path) -> bytes:
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
            for name, kind, target in members:
                info = tarfile.TarInfo(name.format(bait=bait))
                info.type = kind
                info.linkname = target.format(bait=bait)
                archive.addfile(info)
        return buffer.getvalue()

    return make
