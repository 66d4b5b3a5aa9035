"""A hand at the board: posts the events of mouse and keys, and looks."""

import os
import time


def event(pg, kind, content):
    return pg.event.Event(kind, **content)


def send(board, pg, *events):
    for kind, content in events:
        pg.event.post(event(pg, kind, content))
    board.step()


def down(pg, x, y, button=1, **more):
    return pg.MOUSEBUTTONDOWN, {"pos": (x, y), "button": button, **more}


def up(pg, x, y, button=1, **more):
    return pg.MOUSEBUTTONUP, {"pos": (x, y), "button": button, **more}


def move(pg, x, y, buttons=(1, 0, 0), **more):
    return pg.MOUSEMOTION, {"pos": (x, y), "buttons": buttons, **more}


def press(board, pg, letter):
    key = pg.key.key_code(letter)
    send(board, pg, (pg.KEYDOWN, {"key": key}))
    settle(board)


def settle(board):
    """Wait until what is being saved is saved, and said."""
    while board.workspace.saver.busy:
        board.step()


def sheet(board):
    left, top, across, down_ = board.layout.paper
    pixels = board._pygame.surfarray.array3d(board.surface)
    return pixels[left : left + across, top : top + down_].swapaxes(0, 1)


def ink(board):
    """Ink's share of each pixel of the paper, 0 to 1."""
    board.pointer.spot = None  # the brush's ring is no ink
    board.step()
    pixels = sheet(board).astype(float)
    return (253 - pixels[..., 0]) / (253 - 27)


def until_ready(board):
    end = time.monotonic() + 20
    while board.readers[0].state == "loading":
        board.step()
        assert time.monotonic() < end
    board.step()


def seven(board, pg, x=200, y=200):
    send(
        board,
        pg,
        down(pg, x, y),
        move(pg, x + 60, y),
        move(pg, x + 20, y + 150),
        up(pg, x + 20, y + 150),
    )


def await_ends(*pids):
    """Wait until processes are gone, five seconds at most."""
    end = time.monotonic() + 5
    for pid in pids:
        while is_alive(pid):
            assert time.monotonic() < end, pid
            time.sleep(0.01)


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
