"""The why view on the board's window: ink, evidence and feature maps."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mnistcnn.board.digits import Digit, spell
from mnistcnn.board.layout import Box
from mnistcnn.board.paper import INK, PAPER
from mnistcnn.board.rendering import draw
from mnistcnn.board.scene import Report
from mnistcnn.board.style import BODY, MUTED, NETWORKS, Painter
from mnistcnn.pictures import IMAGE_SIZE

COLUMNS = (6, 8, 12)  # the number that gives the largest tiles is used
GAP = 2  # between tiles, in units
LINE = 22
PICTURE, BESIDE = 94, 12  # of the three pictures above, in units
KERNEL = 3  # a filter takes a third of its tile's side
# Feature maps from 0 to the strongest activation, dark to bright; a filter from
# its most negative weight (blue) through 0 (grey) to its most positive (red).
_LEVELS = np.linspace(0, 1, 256)[:, None]
_MAP_COLORS = np.rint(
    np.array([14, 18, 30]) * (1 - _LEVELS) + np.array([255, 238, 190]) * _LEVELS
).astype(np.uint8)
NEGATIVE, NOUGHT, POSITIVE = (30, 90, 190), (120, 120, 120), (220, 50, 40)
FOR, AGAINST, SILENT = (255, 84, 56), (70, 156, 255), (112, 112, 112)
LEAST = 0.05  # nats: weaker evidence is not scaled up

Colors = npt.NDArray[np.uint8]


def paint_why(
    painter: Painter, area: Box, digit: Digit | None, reports: Sequence[Report]
) -> None:
    """Paints each network's explanation of a digit.

    Args:
        painter: paints on the window.
        area: the place; networks are shown one below the other.
        digit: the shown one, if any.
        reports: of each network.
    """
    left, top, across, down = area
    share = down // len(reports)
    for network, report in enumerate(reports):
        color = NETWORKS[network] if len(reports) > 1 else MUTED
        place = (left, top + network * share)
        said = digit and digit.predictions[network]
        name = dict(report.facts)["network"]
        title = f"Why {name} says: {spell(said.label)}" if said else "Why"
        painter.write(title, color, room=across, topleft=place)
        _paint_network(painter, (*place, across, share), digit, report)


def _paint_network(painter, area, digit, report):
    left, top, across, down = area
    line = round(LINE * painter.unit)
    top, down = top + line, down - line
    if digit is None or report.why is None:
        painter.write("Draw a digit.", MUTED, topleft=(left, top))
        return
    evidence = report.why.evidence
    side = min(painter.pixels(PICTURE), down // 4)
    gap = painter.pixels(BESIDE)
    step = side + gap
    pictures: list[tuple[str, Any]] = [
        ("Ink", _color_ink(digit, max(side, 1))),
        ("MNIST's form", np.repeat(digit.image[..., None], 3, axis=2)),
        ("For, against", color_evidence(digit.image, evidence)),
    ]
    for number, (title, pixels) in enumerate(pictures):
        place = (left + number * step, top)
        painter.write(title, MUTED, room=side, size=BODY - 2, topleft=place)
        painter.paint_pixels(pixels, (place[0], top + line), side)
    used = line + side + gap
    _paint_layers(
        painter, (left, top + used, across, down - used), report.why.maps
    )


def _color_ink(digit: Digit, side: int) -> Colors:
    """Draws the digit's original ink in a square."""
    left, top, right, bottom = digit.box
    size = max(right - left, bottom - top) + 4 * digit.reach
    corner = ((left + right - size) / 2, (top + bottom - size) / 2)
    ink = draw(digit.strokes, (side, side), side / size, corner)
    share = ink[..., None] / 255
    mixed = np.array(PAPER) * (1 - share) + np.array(INK) * share
    return np.rint(mixed).astype(np.uint8)


def color_evidence(
    image: npt.NDArray[np.uint8], evidence: npt.NDArray[np.float32] | None
) -> Colors:
    """Colours an image's ink by its evidence.

    Args:
        image: `(28, 28)`.
        evidence: `(28, 28)`, see `weigh_evidence`; None if there is none yet.

    Returns:
        `(28, 28, 3)`: `FOR` and `AGAINST` the class, `SILENT` between.
    """
    if evidence is None:
        evidence = np.zeros((IMAGE_SIZE, IMAGE_SIZE), np.float32)
    most = max(float(np.abs(evidence).max()), LEAST)
    share = np.sqrt(np.abs(evidence) / most)[..., None]
    ends = np.where(evidence[..., None] < 0, AGAINST, FOR)
    mixed = np.array(SILENT) * (1 - share) + ends * share
    return np.rint(mixed * (image[..., None] / 255)).astype(np.uint8)


def _paint_layers(painter, area, layers):
    left, top, across, down = area
    line = round(LINE * painter.unit)
    if not layers:
        painter.write("It has no filters.", MUTED, topleft=(left, top))
        return
    gap = painter.pixels(GAP)
    room = down - (line + line // 2) * len(layers)
    side, columns = max(
        (_fit_side(layers, count, across, room) - gap, count)
        for count in COLUMNS
    )
    if side < 1:
        return
    for place, layer in enumerate(layers):
        title = f"{'Last' if place else 'First'} layer: {layer.total} filters"
        if len(layer.maps) < layer.total:
            title += f", the {len(layer.maps)} strongest"
        spot = (left, top)
        painter.write(title, MUTED, room=across, size=BODY - 2, topleft=spot)
        top += line
        for number, tile in enumerate(layer.maps):
            row, column = divmod(number, columns)
            spot = left + column * (side + gap), top + row * (side + gap)
            painter.paint_pixels(_MAP_COLORS[tile], spot, side)
            if layer.kernels is not None:
                kernel = _color_kernel(layer.kernels[number])
                painter.paint_pixels(kernel, spot, max(side // KERNEL, 1))
        top += -(-len(layer.maps) // columns) * (side + gap) + line // 2


def _fit_side(layers, columns, across, down):
    """Returns the largest size of tiles in a number of columns, with gaps."""
    rows = sum(-(-len(layer.maps) // columns) for layer in layers)
    return min(across // columns, max(down, 0) // rows)


def _color_kernel(kernel):
    share = kernel / max(float(np.abs(kernel).max()), 1e-12)
    ends = np.where(share[..., None] < 0, NEGATIVE, POSITIVE)
    strength = np.abs(share)[..., None]
    mixed = np.array(NOUGHT) * (1 - strength) + ends * strength
    return np.rint(mixed).astype(np.uint8)
