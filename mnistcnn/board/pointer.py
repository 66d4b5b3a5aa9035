"""The pointer: pygame's mouse and finger events become strokes."""

from types import ModuleType

from mnistcnn.board.controls import change_brush, eraser_radius
from mnistcnn.board.layout import Layout
from mnistcnn.board.window import Event
from mnistcnn.ink import PEN, Canvas

Point = tuple[float, float]
LEFT, RIGHT = 1, 3


class Pointer:
    """A pen or an eraser, moved by a mouse or a finger.

    The left button or a finger draws, the right button erases. A stroke ends
    when the button is released, when the pointer leaves the paper, and when the
    window loses it. If it returns to the paper with the button still down, a
    new stroke begins.

    `brush` is the pen's width; `eraser` makes the left button and a finger
    erase, for devices without a right button; `spot` is the pointer's place on
    the drawing, None if it is not on the paper.
    """

    def __init__(self, pygame: ModuleType, canvas: Canvas):
        self.brush: float = PEN
        self.eraser: bool = False
        self.spot: Point | None = None
        self._pygame = pygame
        self._canvas = canvas
        # The kind and number of the button or finger that draws.
        self._hand: tuple[str, int] | None = None
        self._leaving = {
            pygame.WINDOWLEAVE,
            pygame.WINDOWFOCUSLOST,
            pygame.WINDOWMINIMIZED,
            pygame.WINDOWHIDDEN,
        }
        self._fingers = {
            pygame.FINGERDOWN: self._down,
            pygame.FINGERMOTION: self._move,
            pygame.FINGERUP: self._up,
        }

    @property
    def erases(self) -> bool:
        """Whether the pointer erases, or would if it were pressed now."""
        return self.eraser or self._hand == ("mouse", RIGHT)

    @property
    def mark(self) -> tuple[Point, float, bool] | None:
        """The spot, the width of brush or eraser, and whether it erases."""
        if self.spot is None:
            return None
        eraser = 2 * eraser_radius(self.brush)
        return self.spot, eraser if self.erases else self.brush, self.erases

    def find_press(self, event: Event, size: tuple[int, int]) -> Point | None:
        """Returns where in the window a button or a finger was put down."""
        pygame = self._pygame
        if getattr(event, "touch", False):
            return None
        if event.type == pygame.MOUSEBUTTONDOWN and event.button == LEFT:
            return event.pos
        if event.type == pygame.FINGERDOWN:
            return event.x * size[0], event.y * size[1]
        return None

    def handle(
        self, event: Event, layout: Layout, size: tuple[int, int]
    ) -> None:
        """Handles one event; events of other devices are ignored."""
        pygame = self._pygame
        if event.type in self._leaving:
            self._canvas.pen_up()
            self.spot = None
        # SDL also reports fingers as a mouse: these events are skipped.
        elif getattr(event, "touch", False):
            return
        elif event.type in self._fingers:
            spot = layout.to_drawing(event.x * size[0], event.y * size[1])
            self._fingers[event.type](("finger", event.finger_id), spot)
        elif event.type in (pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP):
            if event.button in (LEFT, RIGHT):
                spot = layout.to_drawing(*event.pos)
                down = event.type == pygame.MOUSEBUTTONDOWN
                act = self._down if down else self._up
                act(("mouse", event.button), spot)
        elif event.type == pygame.MOUSEMOTION:
            self.spot = layout.to_drawing(*event.pos)
            for button in (LEFT, RIGHT):
                # The button may have been released outside of the window.
                act = self._move if event.buttons[button - 1] else self._up
                act(("mouse", button), self.spot)
        elif event.type == pygame.MOUSEWHEEL:
            self.brush = change_brush(self.brush, event.y)

    def _down(self, hand: tuple[str, int], spot: Point | None):
        if self._hand not in (None, hand) or spot is None:
            return
        self._hand = hand
        self._put_down(spot)

    def _move(self, hand: tuple[str, int], spot: Point | None):
        if self._hand != hand:
            return
        if spot is None:
            self._canvas.pen_up()
        elif self._canvas.drawing:
            self._canvas.pen_move(*spot)
        elif self._canvas.erasing:
            self._canvas.eraser_move(*spot)
        else:
            self._put_down(spot)

    def _up(self, hand: tuple[str, int], spot: Point | None = None):
        if self._hand == hand:
            self._hand = None
            self._canvas.pen_up()

    def _put_down(self, spot: Point):
        if self.erases:
            self._canvas.eraser_down(*spot, eraser_radius(self.brush))
        else:
            self._canvas.pen_down(*spot, self.brush)
