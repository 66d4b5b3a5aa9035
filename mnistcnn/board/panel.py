"""The panel: a network's input for a digit, and its probabilities."""

import numpy as np

from mnistcnn.board.digits import Digit, percent, spell
from mnistcnn.board.layout import Box
from mnistcnn.board.scene import Report
from mnistcnn.board.style import BAR, MUTED, NETWORKS, RULE, TEXT, Painter
from mnistcnn.pictures import IMAGE_SIZE

LINE = 22  # the height of a line of text, in units
GAP = 14
KEY_WIDTH = 76  # of a fact's name
NAME_WIDTH, PERCENT_WIDTH = 20, 56  # beside a bar


def paint_panel(
    painter: Painter,
    area: Box,
    digit: Digit | None,
    network: int,
    report: Report,
) -> None:
    """Paints one digit, if any, as one of the networks sees it."""
    left, top, across, down = area
    line, gap = painter.pixels(LINE), painter.pixels(GAP)
    classes, facts = report.classes, report.facts
    lines = 2 + len(classes) + len(facts)
    room = down - lines * line - 2 * gap
    zoom = min(max(room // IMAGE_SIZE, 1), across // IMAGE_SIZE)
    painter.write("What the network sees", MUTED, topleft=(left, top))
    top += line
    image = digit.image if digit else np.zeros((1, 1), np.uint8)
    pixels = np.repeat(image[..., None], 3, axis=2)
    painter.paint_pixels(pixels, (left, top), zoom * IMAGE_SIZE)
    top += zoom * IMAGE_SIZE + gap
    prediction = digit.predictions[network] if digit else None
    heading, color, best = "Probabilities", MUTED, -1
    if prediction:
        heading = f"It says: {spell(prediction.label)}"
        color = NETWORKS[network]
        best = int(np.argmax(prediction.probabilities))
    painter.write(heading, color, room=across, topleft=(left, top))
    top += line
    for row, name in enumerate(classes):
        value = float(prediction.probabilities[row]) if prediction else None
        shade = color if row == best else BAR
        _paint_bar(painter, (left, top, across), name, value, shade)
        top += line
    top = max(top, area[1] + down - len(facts) * line)
    aside = painter.pixels(KEY_WIDTH)
    for name, value in facts:
        if top + line > area[1] + down:
            break
        painter.write(name, MUTED, topleft=(left, top))
        place = (left + aside, top)
        painter.write(value, TEXT, room=across - aside, topleft=place)
        top += line


def _paint_bar(painter, place, name, value, color):
    left, top, across = place
    shade = MUTED if color == BAR else TEXT
    room = painter.pixels(16)
    painter.write(name, shade, room=room, topleft=(left, top))
    start, radius = painter.pixels(NAME_WIDTH), painter.pixels(3)
    room = across - start - painter.pixels(PERCENT_WIDTH)
    height = painter.pixels(LINE - 9)
    track = painter.pygame.Rect(left + start, top + 1, room, height)
    painter.fill(RULE, track, radius=radius)
    if value is not None:
        painter.write(percent(value), shade, topright=(left + across, top))
        track.width = round(value * room) if value == value else 0
        if track.width:
            painter.fill(color, track, radius=radius)
