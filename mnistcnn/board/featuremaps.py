"""Feature maps on the board's window: a tile for each."""

from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mnistcnn.board.style import BODY, MUTED, NETWORKS, Color, Lettering
from mnistcnn.reading import LayerMaps

if TYPE_CHECKING:
    import pygame

Area = tuple[int, int, int, int]  # left, top, width and height, in pixels

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


class FeatureMaps:
    """Paints feature maps, and the filters that made them.

    Args:
        pygame: the pygame module.
        letters: renders words.
    """

    def __init__(self, pygame: ModuleType, letters: Lettering):
        self._pygame = pygame
        self._letters = letters

    def paint(
        self,
        window: "pygame.Surface",
        area: Area,
        networks: Sequence[tuple[str, Sequence[LayerMaps] | None]],
    ) -> None:
        """Paints the maps of the networks, one below the other.

        Args:
            window: the surface to paint on.
            area: where.
            networks: of each its name and its layers, None before any came.
        """
        left, top, across, down = area
        share = down // len(networks)
        for network, (name, layers) in enumerate(networks):
            color = NETWORKS[network] if len(networks) > 1 else MUTED
            place = (left, top + network * share, across, share)
            self._paint_network(window, place, name, layers, color)

    def _paint_network(
        self,
        window: "pygame.Surface",
        area: Area,
        name: str,
        layers: Sequence[LayerMaps] | None,
        color: Color,
    ):
        left, top, across, down = area
        write = self._letters.write
        line = round(LINE * self._letters.unit)
        title = f"Feature maps of {name}"
        write(window, title, color, room=across, topleft=(left, top))
        top += line
        if not layers:
            why = "Draw a digit." if layers is None else "It has no filters."
            write(window, why, MUTED, topleft=(left, top))
            return
        gap = self._letters.pixels(GAP)
        room = down - (line + line // 2) * len(layers) - line
        side, columns = max(
            (_fit_side(layers, count, across, room) - gap, count)
            for count in COLUMNS
        )
        if side < 1:
            return
        for place, layer in enumerate(layers):
            count = f"{layer.total} filters"
            if len(layer.maps) < layer.total:
                count += f", the {len(layer.maps)} strongest"
            title = f"{'Last' if place else 'First'} layer: {count}"
            spot = (left, top)
            write(
                window, title, MUTED, room=across, size=BODY - 2, topleft=spot
            )
            top += line
            for number, tile in enumerate(layer.maps):
                row, column = divmod(number, columns)
                spot = left + column * (side + gap), top + row * (side + gap)
                self._paint_tile(window, spot, side, _MAP_COLORS[tile])
                if layer.kernels is not None:
                    kernel = _color_kernel(layer.kernels[number])
                    inner = max(side // KERNEL, 1)
                    self._paint_tile(window, spot, inner, kernel)
            top += -(-len(layer.maps) // columns) * (side + gap) + line // 2

    def _paint_tile(
        self,
        window: "pygame.Surface",
        spot: tuple[int, int],
        side: int,
        pixels: npt.NDArray[np.uint8],
    ):
        down, across = pixels.shape[:2]
        small = self._pygame.image.frombuffer(
            pixels.tobytes(), (across, down), "RGB"
        )
        large = self._pygame.transform.scale(small, (side, side))
        window.blit(large, spot)


def _fit_side(
    layers: Sequence[LayerMaps], columns: int, across: int, down: int
) -> int:
    """Returns how large tiles in so many columns can be, their gap included."""
    rows = sum(-(-len(layer.maps) // columns) for layer in layers)
    return min(across // columns, max(down, 0) // rows)


def _color_kernel(kernel: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    share = kernel / max(float(np.abs(kernel).max()), 1e-12)
    ends = np.where(share[..., None] < 0, NEGATIVE, POSITIVE)
    strength = np.abs(share)[..., None]
    mixed = np.array(NOUGHT) * (1 - strength) + ends * strength
    return np.rint(mixed).astype(np.uint8)
