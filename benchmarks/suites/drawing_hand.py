"""A simulated hand that draws on the board at a mouse's pace, with timing."""

import contextlib
import subprocess
import sys
import threading
import time

MOTION_SECONDS = 1 / 125  # seconds between two motions of a common mouse
LOADING_SECONDS = 180  # at most
MOTIONS = 20  # in each scribbled stroke


@contextlib.contextmanager
def busy_core():
    """Keeps one core busy with another process, like a user's other work."""
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as work:
        try:
            yield
        finally:
            work.kill()


class Opened:
    """A board that records the times of its frames."""

    def __init__(self, scale, flips):
        import pygame

        from mnistcnn.board.app import Board

        self._board = Board(scale=float(scale))
        self._pygame, self._flip = pygame, pygame.display.flip
        self._flips = flips

    def __enter__(self):
        def flip():
            self._flip()
            self._flips.append(time.perf_counter())

        self._pygame.display.flip = flip
        return self._board

    def __exit__(self, *_):
        self._pygame.display.flip = self._flip
        self._board.close()


class Hand:
    """A thread that posts mouse events, at a mouse's pace.

    Either it draws endlessly, or it draws one seven and records when it
    lifted the pen.
    """

    def __init__(self, board, *, draws, place=0):
        self.lifted = None
        self.pause = 0.0
        self._board, self._draws, self._place = board, draws, place
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        self._thread.join()

    def _run(self):
        place = self._place
        while not self._end.is_set():
            self._draw(place)
            place = (place + 1) % 6
            if not self._draws:
                return

    def _draw(self, place):
        import pygame

        layout, make = self._board.layout, pygame.event.Event
        x, y = 60 + 140 * place, 200
        points = [(x + 8 * i, y) for i in range(10)]
        points += [(x + 80 - 5 * i, y + 13 * i) for i in range(15)]
        spots = [layout.to_window(*point) for point in points]
        down = make(pygame.MOUSEBUTTONDOWN, pos=spots[0], button=1)
        pygame.event.post(down)
        for spot in spots[1:-1]:
            if self._end.wait(MOTION_SECONDS):
                break
            self._move(spot)
        time.sleep(self.pause)
        # New ink, so that there can be no answer to it yet.
        self._move(spots[-1])
        self.lifted = time.perf_counter()
        up = make(pygame.MOUSEBUTTONUP, pos=spots[-1], button=1)
        pygame.event.post(up)
        if self._draws and place == 5:
            pygame.event.post(make(pygame.KEYDOWN, key=pygame.K_n))

    def _move(self, spot):
        import pygame

        pygame.event.post(
            pygame.event.Event(
                pygame.MOUSEMOTION, pos=spot, buttons=(1, 0, 0), rel=(1, 1)
            )
        )


def is_named(board, hand):
    """Whether the whole digit is read, and its label is in the window."""
    if hand.lifted is None or board.canvas.drawing:
        return False
    shown = board._painted[-1].shown
    return (
        board.readings.complete
        and shown is not None
        and shown.key == board.readings.latest.key
        and shown.is_read(0)
    )


def wait_until_loaded(board):
    """Shows frames until the network is loaded."""
    end = time.perf_counter() + LOADING_SECONDS
    while board.readers[0].state != "ready":
        turn(board, end)


def turn(board, end):
    """Shows a frame; raises `ValueError` after `end` or without a network."""
    board.step()
    board.wait()
    if time.perf_counter() > end:
        raise ValueError(
            "the network was not loaded, or did not answer, in time"
        )
    if board.readers[0].state in ("refused", "off"):
        raise ValueError(board.readers[0].message)


def rest(board, seconds):
    """Shows frames for some seconds."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        board.step()
        board.wait()


def scribble(board, strokes):
    """Draws many strokes at once, faster than a mouse."""
    import pygame

    make = pygame.event.Event
    for number in range(strokes):
        x, y = 40 + number % 800, 100 + number % 500
        at = {"pos": (x, y), "button": 1}
        board.handle(make(pygame.MOUSEBUTTONDOWN, **at))
        for step in range(1, MOTIONS + 1):
            spot = x + step % 7, y + step
            motion = make(
                pygame.MOUSEMOTION, pos=spot, buttons=(1, 0, 0), rel=(0, 1)
            )
            board.handle(motion)
        board.handle(make(pygame.MOUSEBUTTONUP, **at))
        if number % 100 == 99:
            board.step()
