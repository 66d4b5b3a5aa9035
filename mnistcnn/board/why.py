"""Feature maps on the board's window: a tile for each."""

from collections.abc import Sequence

import numpy as np

from mnistcnn.board.layout import Box
from mnistcnn.board.style import BODY, MUTED, NETWORKS, Painter
from mnistcnn.reading import LayerMaps

COLUMNS = (6, 8, 12)  # the one that gives the largest tiles is taken
GAP = 2  # between tiles, in units
LINE = 22
KERNEL = 3  # a filter's part of its tile: a third of the side
# Feature maps from nothing to the strongest, dark to bright; a filter from
# its most negative weight (blue) through 0 (grey) to its most positive (red).
_LEVELS = np.linspace(0, 1, 256)[:, None]
_MAP_COLORS = np.rint(
    np.array([14, 18, 30]) * (1 - _LEVELS) + np.array([255, 238, 190]) * _LEVELS
).astype(np.uint8)
NEGATIVE, NOUGHT, POSITIVE = (30, 90, 190), (120, 120, 120), (220, 50, 40)


def paint_feature_maps(
    painter: Painter,
    area: Box,
    networks: Sequence[tuple[str, Sequence[LayerMaps] | None]],
) -> None:
    """Paints the maps of the networks, and the filters that made them.

    Args:
        painter: paints on the window.
        area: where; the networks stand one below the other.
        networks: of each its name and its layers, None before any came.
    """
    left, top, across, down = area
    share = down // len(networks)
    for network, (name, layers) in enumerate(networks):
        color = NETWORKS[network] if len(networks) > 1 else MUTED
        place = (left, top + network * share)
        title = f"Feature maps of {name}"
        painter.write(title, color, room=across, topleft=place)
        _paint_layers(painter, (*place, across, share), layers)


def _paint_layers(painter, area, layers):
    left, top, across, down = area
    line = round(LINE * painter.unit)
    top += line
    if not layers:
        why = "Draw a digit." if layers is None else "It has no filters."
        painter.write(why, MUTED, topleft=(left, top))
        return
    gap = painter.pixels(GAP)
    room = down - (line + line // 2) * len(layers) - line
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
    """Returns how large tiles in so many columns can be, with their gap."""
    rows = sum(-(-len(layer.maps) // columns) for layer in layers)
    return min(across // columns, max(down, 0) // rows)


def _color_kernel(kernel):
    share = kernel / max(float(np.abs(kernel).max()), 1e-12)
    ends = np.where(share[..., None] < 0, NEGATIVE, POSITIVE)
    strength = np.abs(share)[..., None]
    mixed = np.array(NOUGHT) * (1 - strength) + ends * strength
    return np.rint(mixed).astype(np.uint8)
