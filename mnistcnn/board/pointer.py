"""The pen in the hand: pygame's mouse and finger events become strokes."""

from mnistcnn.board.layout import Layout
from mnistcnn.canvas import Canvas

LEFT = 1


class Pointer:
    """Draws on a canvas with the left mouse button or with one finger.

    A stroke ends where the button goes up, wherever that is, where the
    pointer leaves the paper, and where the window loses it. Back on the paper
    with the button still down, a new stroke begins there.

    Args:
        pygame: the pygame module.
        canvas: what is drawn on.
    """

    def __init__(self, pygame, canvas: Canvas):
        self._pygame = pygame
        self._canvas = canvas
        self._hand = None  # what draws: "mouse", or a finger's number
        self._leaving = {
            pygame.WINDOWLEAVE,
            pygame.WINDOWFOCUSLOST,
            pygame.WINDOWMINIMIZED,
            pygame.WINDOWHIDDEN,
        }

    def handle(self, event, layout: Layout, size: tuple[int, int]) -> None:
        """Take in one event; those that are no pointer's do nothing.

        Args:
            event: a pygame event.
            layout: where the paper is.
            size: the window's size, which fingers' positions are parts of.
        """
        pygame = self._pygame
        if event.type in self._leaving:
            self._canvas.pen_up()
            return
        # SDL makes a mouse out of a finger as well: one of them is enough.
        if getattr(event, "touch", False):
            return
        if event.type == pygame.MOUSEBUTTONDOWN and event.button == LEFT:
            self._down("mouse", layout.to_drawing(*event.pos))
        elif event.type == pygame.MOUSEBUTTONUP and event.button == LEFT:
            self._up("mouse")
        elif event.type == pygame.MOUSEMOTION:
            if event.buttons[0]:
                self._move("mouse", layout.to_drawing(*event.pos))
            else:
                # The button went up where no window saw it.
                self._up("mouse")
        elif event.type in (
            pygame.FINGERDOWN,
            pygame.FINGERMOTION,
            pygame.FINGERUP,
        ):
            spot = layout.to_drawing(event.x * size[0], event.y * size[1])
            if event.type == pygame.FINGERDOWN:
                self._down(event.finger_id, spot)
            elif event.type == pygame.FINGERMOTION:
                self._move(event.finger_id, spot)
            else:
                self._up(event.finger_id)

    def _down(self, hand, spot):
        if self._hand not in (None, hand) or spot is None:
            return
        self._hand = hand
        self._canvas.pen_down(*spot)

    def _move(self, hand, spot):
        if self._hand != hand:
            return
        if spot is None:
            self._canvas.pen_up()
        elif self._canvas.drawing:
            self._canvas.pen_move(*spot)
        else:
            self._canvas.pen_down(*spot)

    def _up(self, hand):
        if self._hand == hand:
            self._hand = None
            self._canvas.pen_up()
