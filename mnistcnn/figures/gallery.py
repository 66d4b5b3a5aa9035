"""Pictures of pictures: digits with their captions, and filters.

Digits are drawn dark on white, like ink.
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
    """Draws misread images with their true and predicted labels.

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
    sheet = _mosaic(tiles, columns=8, gap=(1, 1))
    limit = max(np.abs(kernels).max(), 1e-12)
    height = WIDTH * sheet.shape[0] / sheet.shape[1] + 0.65
    with picture(path, (WIDTH, height), note=note) as figure:
        axes = figure.subplots()
        norm = TwoSlopeNorm(0, -limit, limit)
        shown = axes.imshow(sheet, cmap="PuOr_r", norm=norm)
        title = f"First layer: {len(tiles)} filters"
        axes.set(title=title, xticks=[], yticks=[])
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
    height, width = images.shape[1:]
    cell = width + 2
    # A caption's height in pixels of the images. All images form one picture,
    # which is drawn in a third of the time.
    line = round(0.19 * columns * cell / WIDTH)
    sheet = _mosaic(images, columns=columns, gap=(line + 2, 2))
    size = (WIDTH, WIDTH * len(sheet) / (columns * cell) + 0.35)
    with picture(path, size, note=note) as figure:
        axes = figure.subplots()
        axes.set(title=title, xticks=[], yticks=[])
        axes.axis("off")
        axes.imshow(sheet, cmap="gray_r", vmin=0, vmax=255, aspect="auto")
        for index, caption in enumerate(captions):
            row, column = divmod(index, columns)
            left, top = column * cell, row * (height + line + 2) + line
            text = axes.text(
                left + cell / 2, top, caption, ha="center", fontsize=8
            )
            # It is within the picture anyway, so the layout need not measure
            # it.
            text.set_in_layout(False)


def _mosaic(
    tiles: npt.NDArray[Any], *, columns: int, gap: tuple[int, int]
) -> npt.NDArray[np.floating]:
    """Joins `(n, h, w)` tiles to one masked picture.

    The gaps are above each tile, and half to each side of it.
    """
    above, beside = gap
    count, height, width = tiles.shape
    rows = max(1, -(-count // columns))
    step = (height + above, width + beside)
    sheet = np.full((rows * step[0], columns * step[1]), np.nan)
    for index, tile in enumerate(tiles):
        row, column = divmod(index, columns)
        top, left = row * step[0] + above, column * step[1] + beside // 2
        sheet[top : top + height, left : left + width] = tile
    return np.ma.masked_invalid(sheet)


def _plain(images: npt.ArrayLike) -> npt.NDArray[Any]:
    """Drops the channel of `(n, h, w, 1)`."""
    images = np.asarray(images)
    return images[..., 0] if images.ndim == 4 else images
