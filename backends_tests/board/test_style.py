import numpy as np
import pytest

from mnistcnn.board import style
from mnistcnn.board.scene import write_lines
from mnistcnn.board.style import Painter

pytestmark = pytest.mark.core
RED = style.NETWORKS[0]
# Words and the grounds that they are written on.
PAIRS = (
    (style.TEXT, style.BACKGROUND),
    (style.MUTED, style.BACKGROUND),
    (style.TEXT, style.WARNING),
    (style.TEXT, style.BUTTON),
    (style.MUTED, style.BUTTON),
    (style.WHITE, style.NETWORKS[0]),
    (style.WHITE, style.NETWORKS[1]),
    (style.WHITE, style.GIVEN),
    (style.WHITE, style.AGREED),
    (style.WHITE, style.REJECTED),
    (style.NETWORKS[0], style.BACKGROUND),
    (style.NETWORKS[1], style.BACKGROUND),
    (style.TEXT, style.WHITE),
    (style.MUTED, style.WHITE),
)


def luminance(color):
    """Of WCAG 2.2."""
    shares = np.array(color) / 255
    low, high = shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4
    return np.where(shares <= 0.04045, low, high) @ [0.2126, 0.7152, 0.0722]


def test_words_stand_out_from_their_ground():
    for one, two in PAIRS:
        dark, light = sorted((luminance(one), luminance(two)))
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (one, two)


def test_numbers_are_written_as_they_stand():
    row = [(20 * i, 0, 20 * i + 12, 30) for i in range(4)]
    assert write_lines(row, "2026", [0] * 4) == ("2026",)
    far = (200, 0, 212, 30)
    below = (100, 60, 112, 90)
    words = write_lines([*row, far, below], "202678", [0] * 5 + [1])
    assert words == ("2026 7", "8")
    # A line may begin to the right of where the last one ended.
    assert write_lines([row[0], below], "12", (0, 1)) == ("1", "2")
    assert write_lines([], "", ()) == ()
    # A point at the foot, and a digit after it on tilted paper, are no line.
    point = (14, 31, 15, 32)
    assert write_lines([row[0], point, row[1]], "3?4", [0] * 3) == ("3?4",)


def test_long_lines_are_wrapped_and_cut_to_the_room_there_is(pg):
    pg.font.init()
    letters = Painter(pg)
    short = "Saved 2 digits."
    assert letters.wrap(short, 400) == [short]
    long = "Expected one thing, received another. " * 8
    lines = letters.wrap(long, 400)
    assert len(lines) == 2
    assert lines[0].startswith("Expected one thing, received")
    assert lines[1].endswith("…")
    for line in [*lines, *letters.wrap("x" * 300, 400)]:
        assert letters.render(line, RED).get_width() <= 400
    for room in (0, 3, 60, 400):
        assert letters.fit(long, RED, room).get_width() <= max(room, 12)
    assert letters.fit("2026", RED, 400, 52).get_height() > 30
    pg.quit()
