"""Pictures of pictures: digits with their captions, and filters.

Digits are drawn dark on white, as ink is, whatever the data has.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.colors import TwoSlopeNorm

from mnistcnn import units
from mnistcnn.errors import DataError
from mnistcnn.figures.drawing import WIDTH, picture


def draw_mistakes(
    images: npt.ArrayLike,
    mistakes: Sequence[Mapping[str, Any]],
    path: str | Path,
    *,
    note: str | None = None,
) -> Path:
    """Draws wrongly read images, what they are and what they were read as.

    Args:
        images: `(n, 28, 28)` or `(n, 28, 28, 1)`, ink bright on dark, 0..255.
        mistakes: n mappings with `label`, `predicted` and `probability` (of
            what was predicted, 0 to 1), in the order of the images.
        path: where the PNG goes.
        note: printed across the picture, or None.

    Returns:
        `path`.

    Raises:
        DataError: there are not as many images as mistakes.
    """
    images = _plain(images)
    if len(images) != len(mistakes):
        raise DataError(
            f"Expected one image per mistake. Received: {len(images)} images "
            f"for {len(mistakes)} mistakes. Take images[index] of each mistake."
        )
    captions = [
        f"{row['label']} → {row['predicted']}  "
        f"{units.percent(row['probability'], digits=0)}"
        for row in mistakes
    ]
    title = "Worst mistakes: true → read as, how sure"
    if not captions:
        title = "No mistakes to show"
    _contact_sheet(images, captions, path, title=title, columns=5, note=note)
    return Path(path)


def draw_samples(
    images: npt.ArrayLike,
    labels: Sequence[Any] | npt.NDArray[np.integer],
    path: str | Path,
    *,
    classes: Sequence[str] | None = None,
    note: str | None = None,
) -> Path:
    """Draws images of the data with their labels, at most 100 of them.

    Args:
        images: `(n, 28, 28)` or `(n, 28, 28, 1)`, ink bright on dark, 0..255.
        labels: n labels; indices where `classes` is given.
        path: where the PNG goes.
        classes: names of the labels, or None to print the labels themselves.
        note: printed across the picture, or None.

    Returns:
        `path`.

    Raises:
        DataError: there are not as many images as labels.
    """
    images = _plain(images)
    if len(images) != len(labels):
        raise DataError(
            f"Expected one label per image. Received: {len(images)} images and "
            f"{len(labels)} labels. Give arrays of one length."
        )
    names = [
        str(label) if classes is None else classes[int(label)]
        for label in labels[:100]
    ]
    title = "Samples and their labels"
    _contact_sheet(
        images[:100], names, path, title=title, columns=10, note=note
    )
    return Path(path)


def draw_filters(
    kernels: npt.ArrayLike, path: str | Path, *, note: str | None = None
) -> Path:
    """Draws the kernels of the first layer, zero in white.

    Args:
        kernels: `(height, width, 1, n)` float.
        path: where the PNG goes.
        note: printed across the picture, or None.

    Returns:
        `path`.

    Raises:
        DataError: the shape is another one.
    """
    kernels = np.asarray(kernels, dtype=float)
    if kernels.ndim != 4 or kernels.shape[2] != 1 or not kernels.size:
        raise DataError(
            "Expected kernels of shape (height, width, 1, n). Received: shape "
            f"{kernels.shape}. Give the kernel of the first Conv2D."
        )
    tiles = kernels[:, :, 0].transpose(2, 0, 1)
    sheet = _mosaic(tiles, columns=8, gap=1)
    limit = max(np.abs(kernels).max(), 1e-12)
    height = WIDTH * sheet.shape[0] / sheet.shape[1] + 0.65
    with picture(path, (WIDTH, height), note=note) as figure:
        axes = figure.subplots()
        norm = TwoSlopeNorm(0, -limit, limit)
        shown = axes.imshow(sheet, cmap="PuOr_r", norm=norm)
        axes.set_title(f"First layer: {len(tiles)} filters")
        axes.axis("off")
        bar = figure.colorbar(
            shown, orientation="horizontal", shrink=0.5, aspect=40, pad=0.02
        )
        bar.outline.set_visible(False)
    return Path(path)


def _contact_sheet(
    images: npt.NDArray[np.generic],
    captions: Sequence[str],
    path: str | Path,
    *,
    title: str,
    columns: int,
    note: str | None,
) -> None:
    """Draws images in a grid, dark ink on white, each under its caption."""
    rows = -(-len(images) // columns)
    cell = WIDTH / columns
    line = 0.19  # inches for a caption
    size = (WIDTH, rows * (cell + line) + 0.35)
    with picture(path, size, note=note) as figure:
        axes = figure.subplots()
        axes.set_title(title)
        axes.axis("off")
        for index, (image, caption) in enumerate(
            zip(images, captions, strict=True)
        ):
            row, column = divmod(index, columns)
            top = row * (cell + line) / cell + line / cell
            left, right = column + 0.04, column + 0.96
            axes.imshow(
                image,
                cmap="gray_r",
                vmin=0,
                vmax=255,
                extent=(left, right, top + 0.92, top),
                aspect="auto",
            )
            axes.text(
                column + 0.5, top - 0.04, caption, ha="center", fontsize=8
            )
        # imshow() fits the limits to its last picture.
        axes.set_xlim(0, columns)
        axes.set_ylim(max(0.1, rows * (cell + line) / cell), 0)


def _mosaic(
    tiles: npt.NDArray[np.floating], *, columns: int, gap: int
) -> npt.NDArray[np.floating]:
    """Joins `(n, h, w)` tiles to one masked picture with gaps between."""
    count, height, width = tiles.shape
    rows = -(-count // columns)
    step = (height + gap, width + gap)
    sheet = np.full((rows * step[0] - gap, columns * step[1] - gap), np.nan)
    for index, tile in enumerate(tiles):
        row, column = divmod(index, columns)
        top, left = row * step[0], column * step[1]
        sheet[top : top + height, left : left + width] = tile
    return np.ma.masked_invalid(sheet)


def _plain(images: npt.ArrayLike) -> npt.NDArray[Any]:
    """Drops the channel of `(n, h, w, 1)`."""
    images = np.asarray(images)
    return images[..., 0] if images.ndim == 4 else images
