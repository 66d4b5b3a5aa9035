"""Papers with lines: rules, squares, margins, underlines; and clean ones."""

import numpy as np

from papers.made_page import Page, take_row

RULED_SLOPE = 0.05  # pixels down per pixel across: three degrees
BEND = 0.008  # relative to a line's length


def clean(page: Page) -> str:
    """A number, and nothing else."""
    number, place = take_row(page)
    page.write(number, *place)
    return number


def chalk(page: Page) -> str:
    """Bright on dark."""
    page.paper, page.ink = page.paper * 0.22, 255 - page.ink * 0.4
    return clean(page)


def draw_rules(page: Page, place: list, where: str, colour, lines: str = "h"):
    """Draws rules over the sheet; digits are on, between or across them."""
    rng, tall = page.rng, page.tall
    step = tall * rng.uniform(1.35, 2.2)
    slope = rng.uniform(-RULED_SLOPE, RULED_SLOPE) * rng.integers(0, 2)
    bend = rng.uniform(-BEND, BEND) * rng.integers(0, 2)
    width = page.line_width()
    middle = {"between": (tall - step) / 2, "on": tall - step, "across": 0}
    first = (
        place[1]
        + middle[where]
        + (where == "across") * rng.uniform(0.2, 0.8) * tall
    )
    if where == "between":  # clear of the digits, even with a slope
        slope = slope * 0.3 if step < 1.7 * tall else slope
    rows = np.arange(first - 20 * step, page.height, step)
    rules = [
        page.line((0, y), (page.width, y), slope, bend)
        for y in rows
        if -step < y < page.height + step
    ]
    if lines == "hv":
        shift = rng.uniform(0, step)
        rules += [
            page.line((x, 0), (x, page.height), slope, bend)
            for x in np.arange(shift, page.width, step)
        ]
    page.draw_strokes(rules, width, colour)


def rules_pale(page: Page) -> str:
    """Notebook rules paler than the ink."""
    number, place = take_row(page)
    where = page.rng.choice(["between", "on", "across"])
    draw_rules(page, place, where, page.line_colour(0.2, 0.6))
    page.write(number, *place)
    return number


def rules_dark(page: Page) -> str:
    """Rules as dark as the ink that do not touch the digits."""
    number, place = take_row(page)
    draw_rules(page, place, "between", page.line_colour(0.8, 1.0))
    page.write(number, *place)
    return number


def rules_touching(page: Page) -> str:
    """Rules as dark as the ink that touch or cross the digits."""
    number, place = take_row(page)
    where = page.rng.choice(["on", "across"])
    draw_rules(page, place, where, page.line_colour(0.8, 1.0))
    page.write(number, *place)
    return number


def squared(page: Page) -> str:
    """Squared paper, narrower or wider than the digits, pale or dark."""
    number, place = take_row(page)
    tall, page.tall = page.tall, page.tall * page.rng.uniform(0.25, 1.0)
    width, page.pen = page.pen, page.pen * 0.5
    dark = page.tall > 0.7 * tall
    draw_rules(
        page,
        place,
        "across",
        page.line_colour(0.2, 0.85 if dark else 0.5),
        "hv",
    )
    page.tall, page.pen = tall, width
    page.write(number, *place)
    return number


def margin(page: Page) -> str:
    """A vertical line beside the digits, with or without rules."""
    number, place = take_row(page)
    rng = page.rng
    if rng.random() < 0.4:
        draw_rules(page, place, "between", page.line_colour(0.2, 0.9))
    x = place[0] - page.tall * rng.uniform(0.12, 0.6)
    slope = rng.uniform(-RULED_SLOPE, RULED_SLOPE) * rng.integers(0, 2)
    lines = [page.line((x, 0), (x, page.height), slope * 0.3)]
    page.draw_strokes(lines, page.line_width(), page.line_colour(0.3, 1))
    page.write(number, *place)
    return number


def underline(page: Page) -> str:
    """One or two lines below the number: half as long, as long, or longer."""
    number, place = take_row(page)
    rng = page.rng
    left, _, right, bottom = page.around(page.write(number, *place))
    wide = max(right - left, page.tall * 1.2)
    start = left - rng.uniform(-0.2, 0.3) * page.tall
    end = start + max(wide * rng.uniform(0.5, 1.2), page.tall * 1.3)
    y = bottom + page.pen + page.tall * rng.uniform(0.08, 0.4)
    slope = rng.uniform(-0.04, 0.04) * (y > bottom + 0.2 * page.tall)
    lines = [page.line((start, y), (end, y), slope, rng.uniform(-BEND, BEND))]
    if rng.random() < 0.25:
        below = np.array([0, page.pen * 2.5])
        lines.append(lines[0] + below)
    page.draw_strokes(lines, page.line_width() * 1.3, page.line_colour(0.5, 1))
    return number


def blank_ruled(page: Page) -> str:
    """Ruled or squared paper without a number."""
    _, place = take_row(page)
    kind = page.rng.choice(["h", "hv"])
    draw_rules(page, place, "between", page.line_colour(0.2, 1.0), kind)
    return ""
