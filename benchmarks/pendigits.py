"""Real pen strokes: the file they are in, and how they are drawn.

README.md says where they are from.
"""

import hashlib
from pathlib import Path

import numpy as np

from mnistcnn.errors import DataError

VARIABLE = "MNISTCNN_PENDIGITS"
SIZE = 500  # the canvas, in pixels; the tablet's box was 500 x 500
# By number, so that nobody chose: even ones are for tuning, odd ones for
# reporting, and what was tuned on is never reported.
HALVES = {"tuning": 0, "report": 1}
KEYS = ("points", "stroke_start", "sample_start", "labels", "writers")


def read_strokes_file(
    path: Path | None,
) -> list[tuple[str, str, list[np.ndarray]]]:
    """Reads labels, writers and strokes.

    Args:
        path: an `.npz` with `points` `(n, 2)`, `stroke_start` and
            `sample_start` (offsets), `labels` and `writers`.

    Returns:
        For each digit its label, its writer and its strokes, each `(n, 2)`,
        in fractions of the box.

    Raises:
        DataError: there is no such file, or it is another.
    """
    if path is None:
        raise DataError(
            f"{VARIABLE} is not set. Expected the path of the .npz of pen "
            "strokes: set it, or give --data FILE."
        )
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {key: archive[key] for key in KEYS}
    except (OSError, ValueError, KeyError) as error:
        raise DataError(
            f"{path} cannot be read ({str(error)[:80]}). Expected an .npz "
            f"with {', '.join(KEYS)}: give the path of one."
        ) from error
    points, strokes, samples, labels, writers = arrays.values()
    pieces = np.split(points, strokes[1:-1])
    return [
        (str(label), str(writer), pieces[samples[i] : samples[i + 1]])
        for i, (label, writer) in enumerate(zip(labels, writers, strict=True))
    ]


def draw(strokes: list[np.ndarray]):
    """Draws strokes on a canvas, point by point, as a pen does."""
    from mnistcnn.ink import Canvas

    canvas = Canvas()
    for stroke in strokes:
        (x, y), *others = (stroke * SIZE).tolist()
        canvas.pen_down(x, y)
        for x, y in others:
            canvas.pen_move(x, y)
        canvas.pen_up()
    return canvas


def describe_data(path: Path | None, half: str) -> dict:
    """Describes what was read: name, digest, which half of the writers."""
    return {
        "name": "pen strokes of 30 writers (Alpaydin and Alimoglu)",
        "sha256": hashlib.sha256(Path(path or "").read_bytes()).hexdigest(),
        "writers": half,
    }
