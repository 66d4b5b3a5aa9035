"""Decoding: an image file's pixels, upright, by OpenCV."""

import cv2
import numpy as np

from mnistcnn.pictures.files.damage import catching_stderr, hear_damage
from mnistcnn.pictures.files.tiffs import (
    TIFF,
    clear_orientation,
    read_orientation,
    turn,
)


def decode(data: bytes) -> tuple[np.ndarray | None, str]:
    """Decodes an image, and reports damage that the decoder noticed.

    Args:
        data: the file.

    Returns:
        The image as OpenCV has it, upright, or `None`; and what is wrong, "" if
        the decoder reported nothing.
    """
    level = cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
    try:
        with catching_stderr() as lines:
            image = _decode_upright(data)
    finally:
        cv2.utils.logging.setLogLevel(level)
    return image, hear_damage(lines)


def _decode_upright(data: bytes) -> np.ndarray | None:
    """Decodes an image, and turns it as its EXIF orientation says."""
    tiff = data.startswith(TIFF)
    array = np.frombuffer(clear_orientation(data) if tiff else data, np.uint8)
    try:
        # JPEG has no alpha: OpenCV turns such images itself.
        if data.startswith(b"\xff\xd8"):
            mode = cv2.IMREAD_ANYDEPTH | cv2.IMREAD_ANYCOLOR
            return cv2.imdecode(array, mode)
        image, kinds, found = cv2.imdecodeWithMetadata(
            array, flags=cv2.IMREAD_UNCHANGED
        )
    # Damaged, or more pixels than OpenCV accepts.
    except cv2.error:
        return None
    if image is None:
        return None
    exif = [
        np.asarray(each).tobytes()
        for kind, each in zip(kinds, found, strict=True)
        if kind == cv2.IMAGE_METADATA_EXIF
    ]
    held = [data] if tiff else exif
    return turn(image, read_orientation(held[0])) if held else image
