"""Image files: any format that OpenCV reads, to an array."""

import os
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.errors import DataError

# A 50-megapixel photo is 25 MB as JPEG; its pixels are 150 MB.
MAX_FILE_BYTES = 64 << 20
MAX_PIXELS = 100_000_000


def read_image(path: str | os.PathLike[str]) -> npt.NDArray[np.uint8]:
    """Reads an image file.

    A photo is turned upright as its EXIF orientation says; 16 bits a channel
    become 8.

    Args:
        path: PNG, JPEG, TIFF, BMP, WebP or what else OpenCV reads.

    Returns:
        `(h, w)`, `(h, w, 3)` or `(h, w, 4)` uint8; colours as red, green,
        blue and, where the file has it, alpha.

    Raises:
        DataError: the file is missing, too large or no image.
    """
    path = Path(path)
    try:
        if not path.is_file():
            raise FileNotFoundError
        size = path.stat().st_size
        data = path.read_bytes() if size <= MAX_FILE_BYTES else b""
    except OSError as error:
        reason = error.strerror or "no such file"
        raise DataError(
            f"{path} cannot be opened ({reason}). Expected an image file: "
            "check the path."
        ) from error
    if size > MAX_FILE_BYTES:
        raise DataError(
            f"{path} has {size:,} bytes. Expected an image of at most "
            f"{MAX_FILE_BYTES:,}: make it smaller."
        )
    image = _decode(data, cv2.IMREAD_UNCHANGED)
    # Only this mode looks at the EXIF orientation; it drops the alpha.
    if image is not None and image.ndim == 3 and image.shape[2] < 4:
        image = _decode(data, cv2.IMREAD_COLOR)
    if image is None:
        start = data[:8].hex() or "nothing"
        raise DataError(
            f"{path} is no image that can be read: it begins with {start}. "
            "Expected PNG, JPEG, TIFF, BMP or WebP: convert or export it "
            "again."
        )
    if image.ndim == 2:
        return _to_uint8(image)
    if image.shape[2] == 4:
        image = cv2.cvtColor(_to_uint8(image), cv2.COLOR_BGRA2RGBA)
        return _to_uint8(image)
    return _to_uint8(cv2.cvtColor(image, cv2.COLOR_BGR2RGB))


def _decode(data: bytes, mode: int) -> np.ndarray | None:
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), mode)
    # An empty file, or more pixels than OpenCV is ready to hold.
    except cv2.error:
        return None
    if image is not None and image.shape[0] * image.shape[1] > MAX_PIXELS:
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
