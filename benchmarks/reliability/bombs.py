"""Pictures and data sets that say they are huge: refused from their headers."""

import io
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from refusals import is_quick, measure_refusals, summarize

SIDE = 32_000


def prove(*, seed: int, quick: bool) -> dict:
    """Opens a picture of each kind, and two data sets: 50 ms, 64 MiB."""
    del seed, quick  # The files are what they are, and few.
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


def _png(body: bytes, side: int = SIDE) -> bytes:
    """A PNG of one bit a pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return (
            struct.pack(">I", len(data))
            + kind
            + data
            + struct.pack(">I", check)
        )

    head = struct.pack(">2I5B", side, side, 1, 0, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", body), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def _full_png() -> bytes:
    """One whose pixels are all there: 124 KB for 128 MB."""
    packer, row = zlib.compressobj(9), bytes(1 + SIDE // 8)
    body = b"".join(packer.compress(row) for _ in range(SIDE))
    return _png(body + packer.flush())


def _gif() -> bytes:
    size = struct.pack("<2H", SIDE, SIDE)
    image = b",\0\0\0\0" + size + b"\0\x02\x02\x4c\x01\0;"
    return b"GIF89a" + size + b"\x80\0\0" + b"\0\0\0\xff\xff\xff" + image


def _bmp() -> bytes:
    head = struct.pack("<IiiHHIIiiII", 40, SIDE, SIDE, 1, 1, 0, 0, 0, 0, 2, 0)
    return b"BM" + struct.pack("<IHHI", 62, 0, 0, 62) + head + bytes(8)


def _jpeg() -> bytes:
    frame = struct.pack(">HBHHB", 11, 8, SIDE, SIDE, 1) + b"\x01\x11\0"
    return (
        b"\xff\xd8\xff\xc0"
        + frame
        + b"\xff\xda\0\x08\x01\x01\0\0\x3f\0\xff\xd9"
    )


def _webp() -> bytes:
    size = (16_383).to_bytes(2, "little")
    body = b"\x30\x01\0\x9d\x01\x2a" + size + size + bytes(20)
    chunk = b"VP8 " + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


def _tiff() -> bytes:
    tags = [(256, SIDE), (257, SIDE), (258, 1), (259, 1), (262, 1),
            (273, 8), (277, 1), (278, SIDE), (279, 8)]  # fmt: skip
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, v) for tag, v in tags)
    return (
        b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + entries + bytes(8)
    )


PICTURES: dict[str, Callable[[], bytes]] = {
    "claims.gif": _gif,
    "claims.png": lambda: _png(zlib.compress(bytes(9))),
    "full.png": _full_png,
    "claims.bmp": _bmp,
    "claims.jpg": _jpeg,
    "claims.webp": _webp,
    "claims.tif": _tiff,
    "claims.pgm": lambda: b"P5\n%d %d\n255\n" % (SIDE, SIDE),
}

# === Data sets ===


def _npz(size: int, *, full: bool) -> bytes:
    """Labels of so many bytes, of which all or none are there, compressed."""
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
