"""Pictures and data sets that claim to be huge: refused by their headers."""

import functools
import io
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from image_headers import HEADERS, png
from refusals import is_quick, measure_refusals, summarize

SIDE = 32_000
CLAIM = 16_383  # pixels a side: the maximum of WebP


def prove(*, seed: int, quick: bool) -> dict:
    """Opens a picture of each kind, and two data sets: 50 ms, 64 MiB."""
    del seed, quick  # The files do not depend on them, and are few.
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = _open("image", PICTURES, folder) + _open("data", SETS, folder)
    found = summarize(rows)
    wrong = [row for row in rows if row["code"] != "DataError"]
    return {
        "passed": not wrong and is_quick(found),
        "faults": [f"{row['name']}: {row['code']}" for row in wrong][:5],
        "refused": len(rows) - len(wrong),
        **found,
    }


def _open(door: str, makers: dict[str, Callable], folder: Path) -> list[dict]:
    paths = []
    for name, make in makers.items():
        paths.append(folder / name)
        paths[-1].write_bytes(make())
    return measure_refusals(door, paths)


# === Pictures ===


def _full_png() -> bytes:
    """A PNG with all of its pixels: 124 KB for 128 MB."""
    packer, row = zlib.compressobj(9), bytes(1 + SIDE // 8)
    body = b"".join(packer.compress(row) for _ in range(SIDE))
    return png(SIDE, SIDE, body + packer.flush())


PICTURES: dict[str, Callable[[], bytes]] = {
    kind: functools.partial(make, CLAIM, CLAIM)
    for kind, make in HEADERS.items()
} | {"full png": _full_png}

# === Data sets ===


def _npz(size: int, *, full: bool) -> bytes:
    """Arrays that claim `size` bytes; all or none are present, compressed."""
    buffer = io.BytesIO()
    head = f"{{'descr':'|u1','fortran_order':False,'shape':({size},),}}"
    text = head.ljust(117).encode() + b"\n"
    array = b"\x93NUMPY\1\0" + len(text).to_bytes(2, "little") + text
    names = ("x_train", "y_train", "x_test", "y_test")
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, 1) as archive:
        for name in names:
            with archive.open(f"{name}.npy", "w", force_zip64=True) as stream:
                stream.write(array)
                for _ in range(size >> 24 if full else 0):
                    stream.write(bytes(1 << 24))
    return buffer.getvalue()


SETS: dict[str, Callable[[], bytes]] = {
    "full.npz": lambda: _npz(1 << 28, full=True),
    "claims.npz": lambda: _npz(1 << 40, full=False),
}
