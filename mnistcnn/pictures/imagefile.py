"""Image files: measured by their header, then decoded to an array."""

import os
from pathlib import Path
from typing import BinaryIO

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.errors import DataError
from mnistcnn.files import open_regular
from mnistcnn.pictures.imageheaders import measure

# A 50-megapixel photo is 25 MB as JPEG; its pixels are 150 MB. OpenCV has
# the same limit, by `mnistcnn/__init__.py`.
MAX_FILE_BYTES = 64 << 20
MAX_PIXELS = 100_000_000
# A blank page of 1 bit a pixel, which is what PNG makes smallest, has 8,000.
MAX_PIXELS_A_BYTE = 10_000


def read_image(path: str | os.PathLike[str]) -> npt.NDArray[np.uint8]:
    """Reads an image file.

    How large it says it is, is read from its header before anything is
    decoded. A photo is turned upright as its EXIF orientation says; 16 bits
    a channel become 8; of several frames or pages the first is taken.

    Args:
        path: PNG, JPEG, TIFF, BMP, WebP, GIF or PNM; no other kind.

    Returns:
        `(h, w)`, `(h, w, 3)` or `(h, w, 4)` uint8; colours as red, green,
        blue and, where the file has it, alpha.

    Raises:
        DataError: the file is missing, no regular file, too large, has more
            than 100 million pixels, or is no image of these kinds.
    """
    path = Path(path)
    try:
        with open_regular(path) as stream:
            data = _read_measured(stream, path)
    except OSError as error:
        reason = error.strerror or "no such file"
        raise DataError(
            f"{path} cannot be opened ({reason}). Expected an image file: "
            "check the path."
        ) from error
    image = _decode(data, cv2.IMREAD_UNCHANGED)
    # Only this mode looks at the EXIF orientation; it drops the alpha.
    if image is not None and image.ndim == 3 and image.shape[2] < 4:
        image = _decode(data, cv2.IMREAD_COLOR)
    if image is None:
        raise _refuse(path, data)
    if image.ndim == 2:
        return _to_uint8(image)
    if image.shape[2] == 4:
        image = cv2.cvtColor(_to_uint8(image), cv2.COLOR_BGRA2RGBA)
        return _to_uint8(image)
    return _to_uint8(cv2.cvtColor(image, cv2.COLOR_BGR2RGB))


def _read_measured(stream: BinaryIO, path: Path) -> bytes:
    """Reads a file whose header asks for no more than is decoded."""
    size = os.fstat(stream.fileno()).st_size
    if size > MAX_FILE_BYTES:
        raise DataError(
            f"{path} has {size:,} bytes. Expected an image of at most "
            f"{MAX_FILE_BYTES:,}: make it smaller."
        )
    try:
        width, height = measure(stream)
    except ValueError as error:
        stream.seek(0)
        raise _refuse(path, stream.read(8)) from error
    if width * height > min(MAX_PIXELS, MAX_PIXELS_A_BYTE * size):
        raise DataError(
            f"{path} says that it has {width}x{height} pixels, in {size:,} "
            f"bytes. Expected at most {MAX_PIXELS:,}, and "
            f"{MAX_PIXELS_A_BYTE:,} a byte: make it smaller, or save it anew."
        )
    stream.seek(0)
    return stream.read(MAX_FILE_BYTES)


def _refuse(path: Path, data: bytes) -> DataError:
    return DataError(
        f"{path} is no image that can be read: it begins with "
        f"{data[:8].hex() or 'nothing'}. Expected PNG, JPEG, TIFF, BMP, "
        "WebP, GIF or PNM: convert or export it again."
    )


def _decode(data: bytes, mode: int) -> np.ndarray | None:
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), mode)
    # Damaged, or more pixels than OpenCV is ready to hold.
    except cv2.error:
        return None
    return image


def _to_uint8(image: np.ndarray) -> npt.NDArray[np.uint8]:
    if image.dtype == np.uint16:
        image = image >> 8
    elif image.dtype != np.uint8:
        # Floating-point TIFF: its own range, brightest to 255.
        low, high = float(np.nanmin(image)), float(np.nanmax(image))
        scaled = (np.nan_to_num(image) - low) / max(high - low, 1e-9)
        image = np.clip(scaled, 0, 1) * 255
    return image.astype(np.uint8, copy=False)
