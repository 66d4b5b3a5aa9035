"""Where things are on the board's window, for a window of any size."""

from dataclasses import dataclass

from mnistcnn.board.paper import SIZE

MARGIN = 16
HEADER = 76
FOOTER = 92
PANEL = 232
WINDOW = (
    SIZE[0] + PANEL + 3 * MARGIN,
    SIZE[1] + HEADER + FOOTER,
)

Box = tuple[int, int, int, int]  # left, top, width, height, as pygame has it


@dataclass(frozen=True)
class Layout:
    """The parts of the window, each `(left, top, width, height)` in pixels.

    Args:
        paper: where one draws; its proportions are those of the drawing.
        panel: what the net sees and says; without width in a narrow window.
        header: the number.
        footer: messages and keys.
    """

    paper: Box
    panel: Box
    header: Box
    footer: Box

    @classmethod
    def of(cls, size: tuple[int, int]) -> "Layout":
        """Divide a window.

        Args:
            size: the window's width and height in pixels, 0 and more.

        Returns:
            The layout. Everything is at least one pixel large, except that
            the panel has no width where there is no room for it.

        Example:
            >>> Layout.of(WINDOW).paper
            (16, 76, 880, 600)
        """
        width, height = max(size[0], 1), max(size[1], 1)
        panel = PANEL if width >= 3 * PANEL else 0
        sides = 3 * MARGIN + panel if panel else 2 * MARGIN
        room = max(width - sides, 1), max(height - HEADER - FOOTER, 1)
        scale = min(room[0] / SIZE[0], room[1] / SIZE[1])
        across = max(int(SIZE[0] * scale), 1)
        down = max(int(SIZE[1] * scale), 1)
        footer = max(height - FOOTER, 0)
        return cls(
            paper=(MARGIN, HEADER, across, down),
            panel=(across + 2 * MARGIN, HEADER, panel, room[1]),
            header=(MARGIN, 0, max(width - 2 * MARGIN, 1), HEADER),
            footer=(MARGIN, footer, max(width - 2 * MARGIN, 1), FOOTER),
        )

    @property
    def scale(self) -> float:
        """Pixels for one unit of the drawing."""
        return self.paper[2] / SIZE[0]

    def to_drawing(self, x: float, y: float) -> tuple[float, float] | None:
        """Return where on the drawing a point of the window is.

        Args:
            x: pixels from the window's left.
            y: pixels from the window's top.

        Returns:
            The point in units of the drawing, None outside the paper.
        """
        left, top, across, down = self.paper
        if not (left <= x < left + across and top <= y < top + down):
            return None
        return (x - left) / self.scale, (y - top) / self.scale

    def to_window(self, x: float, y: float) -> tuple[int, int]:
        """Return where on the window a point of the drawing is."""
        left, top, _, _ = self.paper
        return round(left + x * self.scale), round(top + y * self.scale)
