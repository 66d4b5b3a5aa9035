"""The layout: the places of all parts, for a window of any size."""

from dataclasses import dataclass

from mnistcnn.board.paper import SIZE

# In units: pixels of a window of the size `find_size` gives for scale 1.
MARGIN = 16
HEADER = 76
FOOTER = 92
PANEL = 232
MAPS = 312
HEIGHT = SIZE[1] + HEADER + FOOTER
LEAST_UNIT, GREATEST_UNIT = 0.6, 8.0
NARROW = 3  # panel widths: a narrower window has room for the paper only
# Largest shares of the screen for a new window.
SCREEN_WIDTH, SCREEN_HEIGHT = 0.9, 0.75

Box = tuple[int, int, int, int]  # left, top, width, height, as in pygame


def find_size(networks: int = 1, scale: float = 1.0) -> tuple[int, int]:
    """Returns the size of a window that shows the paper `scale` times.

    Args:
        networks: how many networks it shows.
        scale: pixels for a unit.

    Example:
        >>> find_size(), find_size(2, 2.0)
        ((1160, 768), (2816, 1536))
    """
    width = SIZE[0] + MARGIN + networks * (PANEL + MARGIN) + MARGIN
    return round(width * scale), round(HEIGHT * scale)


def fit_scale(networks: int, screen: tuple[int, int]) -> float:
    """Returns the scale at which a new window suits a screen.

    Args:
        networks: how many networks it shows.
        screen: width and height in pixels.

    Returns:
        A multiple of 1/8: 1 on a screen of 1920x1080, 2 on 3840x2160.
    """
    width, height = find_size(networks)
    room = min(
        SCREEN_WIDTH * screen[0] / width, SCREEN_HEIGHT * screen[1] / height
    )
    return min(max(int(room * 8) / 8, LEAST_UNIT), GREATEST_UNIT)


@dataclass(frozen=True)
class Layout:
    """The parts of the window, each `(left, top, width, height)` in pixels.

    Args:
        unit: pixels per unit, which sets the size of words.
        paper: the area to draw on, in the proportions of the drawing.
        panels: one for each network; none in a narrow window.
        maps: feature maps, None if they are not shown.
        header: the numbers.
        footer: messages and keys.
    """

    unit: float
    paper: Box
    panels: tuple[Box, ...]
    maps: Box | None
    header: Box
    footer: Box

    @classmethod
    def of(
        cls, size: tuple[int, int], networks: int = 1, *, maps: bool = False
    ) -> "Layout":
        """Divides a window.

        Args:
            size: the window's width and height in pixels, 0 and more.
            networks: how many panels there are.
            maps: whether feature maps are shown.

        Returns:
            The layout. Everything in it is at least one pixel large.

        Example:
            >>> Layout.of(find_size()).paper
            (16, 76, 880, 600)
        """
        width, height = max(size[0], 1), max(size[1], 1)
        whole = find_size(networks)
        unit = min(width / whole[0], height / whole[1])
        unit = min(max(unit, LEAST_UNIT), GREATEST_UNIT)
        margin, header, footer, panel, extra = (
            round(side * unit) for side in (MARGIN, HEADER, FOOTER, PANEL, MAPS)
        )
        if width < (NARROW + networks - 1) * panel:
            networks, maps = 0, False
        side = networks * (panel + margin) + maps * (extra + margin)
        room = (
            max(width - 2 * margin - side, 1),
            max(height - header - footer, 1),
        )
        scale = min(room[0] / SIZE[0], room[1] / SIZE[1])
        across = max(int(SIZE[0] * scale), 1)
        down = max(int(SIZE[1] * scale), 1)
        step = panel + margin
        lefts = [
            margin + across + margin + step * n for n in range(networks + 1)
        ]
        inner = max(width - 2 * margin, 1)
        return cls(
            unit=unit,
            paper=(margin, header, across, down),
            panels=tuple((x, header, panel, room[1]) for x in lefts[:networks]),
            maps=(lefts[networks], header, extra, room[1]) if maps else None,
            header=(margin, 0, inner, header),
            footer=(margin, max(height - footer, 0), inner, footer),
        )

    @property
    def scale(self) -> float:
        """Pixels for one unit of the drawing."""
        return self.paper[2] / SIZE[0]

    def to_drawing(self, x: float, y: float) -> tuple[float, float] | None:
        """Returns a point of the window in the drawing's units.

        None outside the paper.
        """
        left, top, across, down = self.paper
        if not (left <= x < left + across and top <= y < top + down):
            return None
        return (x - left) / self.scale, (y - top) / self.scale

    def to_window(self, x: float, y: float) -> tuple[int, int]:
        """Maps a point of the drawing to the window."""
        left, top, _, _ = self.paper
        return round(left + x * self.scale), round(top + y * self.scale)
