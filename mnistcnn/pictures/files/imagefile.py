"""Image files: measured by their header, then decoded to an array."""

import io
import os
from pathlib import Path
from typing import BinaryIO

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.errors import DataError, warn
from mnistcnn.files import open_regular
from mnistcnn.pictures.files.damage import find_damage, is_followed
from mnistcnn.pictures.files.decoding import decode
from mnistcnn.pictures.files.imageheaders import measure
from mnistcnn.pictures.files.otherformats import name_other
from mnistcnn.pictures.files.tiffpages import count_pages
from mnistcnn.pictures.files.tiffs import (
    TIFF,
    name_unread,
)

# Of the kinds that are read; in a folder other files are skipped.
SUFFIXES = {
    ".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff",
    ".pgm", ".pbm", ".ppm", ".pnm",
}  # fmt: skip
# A 50-megapixel photo is 25 MB as JPEG; its pixels are 150 MB. OpenCV has
# the same limit, by `mnistcnn/__init__.py`.
MAX_FILE_BYTES = 64 << 20
MAX_PIXELS = 100_000_000
# A blank page of 1 bit a pixel, which is what PNG makes smallest, has 8,000.
MAX_PIXELS_A_BYTE = 10_000
MAX_NAME = 160  # characters shown of a path
OVEREXPOSED = 0.001  # of the pixels


def read_image(path: str | os.PathLike[str]) -> npt.NDArray[np.uint8]:
    """Reads an image file.

    The size that it claims is read from its header before anything is decoded
    (untrusted input). A photo is turned upright by its EXIF orientation; 16
    bits a channel become 8, with the picture's own white as 255; of several
    frames the first is read, and of several pages, with a `DataWarning`.

    Args:
        path: PNG, JPEG, TIFF, BMP, WebP, GIF or PNM; no other kind.

    Returns:
        `(h, w)`, `(h, w, 3)` or `(h, w, 4)` uint8; colours as red, green,
        blue and, where the file has it, alpha.

    Raises:
        DataError: the file is missing, not a regular file, too large, has more
            than 100 million pixels, is damaged, so that a decoder returns only
            a part, or is not an image of these kinds: PDF, HEIC, floating-point
            TIFF and others are named in the error.
    """
    path = Path(path)
    try:
        with open_regular(path) as stream:
            data = _read_measured(stream, path)
    except OSError as error:
        raise _call_missing(path, error.strerror) from error
    return _convert(data, path)


def decode_image(stream: BinaryIO, name: str) -> npt.NDArray[np.uint8]:
    """Reads an image from a stream, such as a pipe.

    Args:
        stream: of bytes.
        name: for an error's line.

    Returns:
        As `read_image`.

    Raises:
        DataError: as `read_image`.
    """
    try:
        data = stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise DataError(
            f"{name} cannot be read ({error.strerror}). Expected an image."
        ) from error
    _check(io.BytesIO(data), len(data), name)
    return _convert(data, name)


def _convert(data: bytes, path: Path | str) -> npt.NDArray[np.uint8]:
    """Decodes to 8 bits a channel; red, green and blue."""
    damage = find_damage(data)
    if damage:
        raise _call_damaged(path, damage)
    if data.startswith(TIFF) and name_unread(data):
        raise _refuse(path, data)
    image, damage = decode(data)
    if damage:
        raise _call_damaged(path, damage)
    if image is None:
        raise _refuse(path, data)
    if (pages := count_pages(data)) > 1:
        warn(
            f"{path}: the first of {pages:,} pages is read. Expected one "
            "picture: save the others as files of their own."
        )
    if is_followed(data):
        warn(
            f"{path}: only the first image is read. Expected one picture: "
            "give each a file of its own."
        )
    if image.ndim == 2:
        return _to_uint8(image)
    if image.shape[2] == 4:
        colours = cv2.cvtColor(_to_uint8(image[..., :3]), cv2.COLOR_BGR2RGB)
        both = np.dstack([colours, _to_uint8(image[..., 3])])
        return np.asarray(both, np.uint8)
    colours = cv2.cvtColor(_to_uint8(image), cv2.COLOR_BGR2RGB)
    return np.asarray(colours, np.uint8)


def _read_measured(stream: BinaryIO, path: Path) -> bytes:
    """Reads a file whose header claims a size within the limits."""
    _check(stream, os.fstat(stream.fileno()).st_size, path)
    stream.seek(0)
    return stream.read(MAX_FILE_BYTES)


def _check(stream: BinaryIO, size: int, path: Path | str) -> None:
    """Refuses an image that is too large to be decoded, by its header."""
    if size > MAX_FILE_BYTES:
        raise DataError(
            f"{path} has {size:,} bytes. Expected an image of at most "
            f"{MAX_FILE_BYTES:,}: make it smaller."
        )
    try:
        width, height = measure(stream)
    except ValueError as error:
        stream.seek(0)
        raise _refuse(path, stream.read(1024)) from error
    if width * height > min(MAX_PIXELS, MAX_PIXELS_A_BYTE * size):
        raise DataError(
            f"{path} says that it has {width}x{height} pixels, in {size:,} "
            f"bytes. Expected at most {MAX_PIXELS:,}, and "
            f"{MAX_PIXELS_A_BYTE:,} a byte: make it smaller, or save it anew."
        )


def _call_missing(path: Path, reason: str | None) -> DataError:
    name = str(path)
    # The reason is to be seen, even behind a text that is no name.
    if len(name) > MAX_NAME:
        name = f"{name[: MAX_NAME // 2]}…{name[-MAX_NAME // 2 :]}"
    # A path has lost one of the slashes. A drive is one letter.
    scheme, colon, rest = name.partition(":")
    if colon and scheme.isalpha() and len(scheme) > 1 and rest[:1] in "/\\":
        slashes = "//" + rest.lstrip("/\\")
        return DataError(
            f"{scheme}:{slashes} is a URL. Expected an image file: download "
            "it first."
        )
    return DataError(
        f"{name} cannot be opened ({reason or 'no such file'}). Expected an "
        "image file: check the path."
    )


def _call_damaged(path: Path | str, damage: str) -> DataError:
    return DataError(
        f"{path} is damaged: {damage}. Expected a whole image: copy or "
        "export it again."
    )


def _refuse(path: Path | str, data: bytes) -> DataError:
    name = name_unread if data.startswith(TIFF) else name_other
    other = name(data)
    if other:
        return DataError(
            f"{path} is {other[0]}. Expected PNG, JPEG, TIFF, BMP, WebP, GIF "
            f"or PNM: {other[1]}."
        )
    return DataError(
        f"{path} is no image that can be read: it begins with "
        f"{data[:8].hex() or 'nothing'}. Expected PNG, JPEG, TIFF, BMP, "
        "WebP, GIF or PNM: convert or export it again."
    )


def _to_uint8(image: np.ndarray) -> npt.NDArray[np.uint8]:
    if image.dtype == np.uint8:
        return image
    # Cameras and scanners store 10, 12 or 14 bits in 16: white is the level of
    # the picture's brightest pixels, but for one in a thousand.
    counts = np.cumsum(np.bincount(image.ravel(), minlength=1))
    white = int(np.searchsorted(counts, counts[-1] * (1 - OVEREXPOSED)))
    scaled = cv2.convertScaleAbs(image, alpha=255 / max(white, 1))
    return np.asarray(scaled, np.uint8)
