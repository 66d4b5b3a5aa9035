"""Pictures of numbers on papers of every kind, made, with what they say.

`PAPERS` has a function for each kind of paper: ruled, boxed, squared, on a
desk, in shadow, grainy, blank. `make_paper` draws one; the same seed draws the
same picture. Amounts (pens, colours, slopes, bends, sizes) are drawn wide.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import cv2
import numpy as np

from mnistcnn.errors import DataError
from mnistcnn.ink import draw_digit
from mnistcnn.pictures import rasterize

# A hand: what writes a digit, strokes within a unit box, y down.
Hand = Callable[[int, np.random.Generator], Sequence[np.ndarray]]
PAPERS: dict[str, Callable[["Page"], "str | list[list[str]]"]] = {}
RULED_SLOPE = 0.05  # pixels down a pixel: three degrees
BEND = 0.008  # of a line's length


class Paper(NamedTuple):
    """A made picture, and what it says.

    Args:
        picture: `(h, w, 3)` uint8, or grey `(h, w)`.
        right: the number, "" for none; of a squared paper the rows of cells.
    """

    picture: np.ndarray
    right: "str | list[list[str]]"


def make_paper(kind: str, seed: int, hand: Hand | None = None) -> Paper:
    """Makes a picture.

    Args:
        kind: a key of `PAPERS`.
        seed: the same one makes the same picture.
        hand: writes the digits; `mnistcnn.ink.draw_digit` by default.

    Raises:
        DataError: no such kind.

    Example:
        >>> make_paper("rules_dark", 0).picture.dtype
        dtype('uint8')
    """
    if kind not in PAPERS:
        raise DataError(
            f'The paper is "{kind[:40]}". Expected one of {", ".join(PAPERS)}.'
        )
    rng = np.random.default_rng([seed, list(PAPERS).index(kind)])
    page = Page(rng, hand or draw_digit)
    right = PAPERS[kind](page)
    return Paper(page.photograph(), right)


class Page:
    """A page that is written, ruled, lit and photographed.

    Args:
        rng: where every choice comes from.
        hand: writes the digits.
    """

    def __init__(self, rng: np.random.Generator, hand: Hand):
        self.rng, self.hand = rng, hand
        self.tall = rng.uniform(26, 90)  # a digit's height, pixels
        self.pen = max(1.8, self.tall * rng.uniform(0.055, 0.13))
        tint = rng.uniform(-12, 12, 3)
        self.paper = np.clip(rng.uniform(205, 250) + tint, 0, 255)
        pens = ((35, 35, 40), (60, 30, 30), (150, 60, 30), (40, 40, 170))
        self.ink = np.array(pens[rng.integers(4)], float)
        self.ink = np.clip(self.ink + rng.uniform(-20, 30, 3), 0, 255)
        self.noise = rng.choice([0, 1, 2.5, 4])
        self.quality = int(rng.choice([0, 60, 80, 92]))  # 0: no JPEG
        self.painted: np.ndarray | None = None
        self.height = self.width = 0

    def open(self, height: float, width: float) -> None:
        """Takes a blank sheet of so many pixels."""
        self.height, self.width = int(height), int(width)
        self.painted = np.ones((self.height, self.width, 3)) * self.paper

    def open_row(self, count: int, room: float = 1.0) -> tuple[float, float]:
        """Takes a sheet for a row of digits; returns where it begins."""
        tall, rng = self.tall, self.rng
        left, top = tall * room * rng.uniform(0.9, 2.2, 2)
        right, below = tall * room * rng.uniform(0.9, 2.2, 2)
        self.open(top + tall * 1.1 + below, left + count * tall * 1.15 + right)
        return left, top

    def draw_strokes(self, strokes: Sequence, pen: float, colour) -> None:
        """Draws strokes in a colour."""
        size = (self.height, self.width)
        cover = rasterize([np.array(s, float) for s in strokes], size, pen)
        self.cover(cover[..., None] / 255.0, colour)

    def cover(self, share: np.ndarray, colour) -> None:
        """Lays a colour over what is there."""
        self.painted = self.painted * (1 - share) + share * np.array(colour)

    def far_from_borders(self, slope: float) -> list[np.ndarray]:
        """How far each pixel is from left, top, right and bottom, aslant."""
        y, x = np.mgrid[: self.height, : self.width]
        right, bottom = self.width - x, self.height - y
        return [
            x + slope * y,
            y + slope * x,
            right + slope * y,
            bottom + slope * x,
        ]

    def shade(self, outside: np.ndarray, soft: float, colour) -> None:
        """Lays a colour where a distance is below 0."""
        share = 1 / (1 + np.exp(np.clip(outside / soft, -50, 50)))
        self.cover(share[..., None], colour)

    def write(self, number: str, left: float, top: float) -> list:
        """Writes digits side by side; returns their boxes."""
        boxes, strokes = [], []
        for label in number:
            digit, size = self.fit(int(label), self.tall)
            at = np.array([left, top + self.rng.normal(0, 0.03) * self.tall])
            strokes += [stroke + at for stroke in digit]
            boxes.append((*at, *(at + size)))
            gap = max(self.pen * 2.2, self.tall * self.rng.uniform(0.22, 0.45))
            left += size[0] + gap
        self.draw_strokes(strokes, self.pen, self.ink)
        return boxes

    def fit(self, label: int, tall: float) -> tuple[list, np.ndarray]:
        """A digit's strokes from (0, 0) on, and its width and height."""
        strokes = [np.array(s, float) for s in self.hand(label, self.rng)]
        points = np.concatenate(strokes)
        low, size = points.min(axis=0), np.ptp(points, axis=0)
        scale = min(tall / max(size[1], 1e-6), 1.1 * tall / max(size[0], 1e-6))
        return [(s - low) * scale for s in strokes], size * scale

    def number(self, least: int = 2, most: int = 6) -> str:
        """Draws a number of so many digits."""
        digits = self.rng.integers(0, 10, self.rng.integers(least, most + 1))
        return "".join(map(str, digits))

    def line(self, start, end, slope: float = 0.0, bend: float = 0.0):
        """A line's points: turned by a slope, and bent as paper is."""
        start, end = np.array(start, float), np.array(end, float)
        t = np.linspace(0, 1, 40)[:, None]
        along = end - start
        across = np.array([-along[1], along[0]])
        points = start + along * t + across * bend * 4 * t * (1 - t)
        return points + across * slope * (t - 0.5)

    def line_colour(self, low: float = 0.25, high: float = 1.0) -> np.ndarray:
        """Between the paper's colour and a pen's: pale at `low`."""
        share = self.rng.uniform(low, high)
        pens = (self.ink, np.array([190, 150, 120]), np.array([120, 120, 220]))
        dark = pens[0] if share > 0.8 else pens[self.rng.integers(3)]
        return self.paper * (1 - share) + dark * share

    def line_width(self) -> float:
        """From a hairline to nearly the pen."""
        return max(1.0, self.pen * self.rng.uniform(0.25, 0.9))

    def photograph(self) -> np.ndarray:
        """What a camera or a scanner makes of the page."""
        picture = self.painted + self.rng.normal(
            0, max(self.noise, 1e-9), self.painted.shape
        )
        picture = np.clip(np.rint(picture), 0, 255).astype(np.uint8)
        if self.quality:
            option = [cv2.IMWRITE_JPEG_QUALITY, self.quality]
            code = cv2.imencode(".jpg", picture, option)[1]
            picture = cv2.imdecode(code, cv2.IMREAD_COLOR)
        return np.ascontiguousarray(picture[..., ::-1])


def _paper(make: Callable) -> Callable:
    """Puts a kind of paper on the list."""
    PAPERS[make.__name__] = make
    return make


def _row(page: Page, room: float = 1.0) -> tuple[str, list]:
    number = page.number()
    left, top = page.open_row(len(number), room)
    return number, [left, top]


@_paper
def clean(page: Page) -> str:
    """A number, and nothing else."""
    number, place = _row(page)
    page.write(number, *place)
    return number


@_paper
def chalk(page: Page) -> str:
    """Bright on dark."""
    page.paper, page.ink = page.paper * 0.22, 255 - page.ink * 0.4
    return clean(page)


def _rule(page: Page, place: list, where: str, colour, lines: str = "h"):
    """Draws rules over the sheet; digits stand on them, between or across."""
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
    if where == "between":  # clear of the digits, at a slope too
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


@_paper
def rules_pale(page: Page) -> str:
    """Notebook rules paler than the ink."""
    number, place = _row(page)
    where = page.rng.choice(["between", "on", "across"])
    _rule(page, place, where, page.line_colour(0.2, 0.6))
    page.write(number, *place)
    return number


@_paper
def rules_dark(page: Page) -> str:
    """Rules as dark as the ink, clear of the digits."""
    number, place = _row(page)
    _rule(page, place, "between", page.line_colour(0.8, 1.0))
    page.write(number, *place)
    return number


@_paper
def rules_touching(page: Page) -> str:
    """Rules as dark as the ink, on which digits stand, or through them."""
    number, place = _row(page)
    where = page.rng.choice(["on", "across"])
    _rule(page, place, where, page.line_colour(0.8, 1.0))
    page.write(number, *place)
    return number


@_paper
def squared(page: Page) -> str:
    """Squared paper, narrower than the digits or wider, pale or dark."""
    number, place = _row(page)
    tall, page.tall = page.tall, page.tall * page.rng.uniform(0.25, 1.0)
    width, page.pen = page.pen, page.pen * 0.5
    dark = page.tall > 0.7 * tall
    _rule(
        page,
        place,
        "across",
        page.line_colour(0.2, 0.85 if dark else 0.5),
        "hv",
    )
    page.tall, page.pen = tall, width
    page.write(number, *place)
    return number


@_paper
def margin(page: Page) -> str:
    """A line down the sheet, beside the digits, with rules or without."""
    number, place = _row(page)
    rng = page.rng
    if rng.random() < 0.4:
        _rule(page, place, "between", page.line_colour(0.2, 0.9))
    x = place[0] - page.tall * rng.uniform(0.12, 0.6)
    slope = rng.uniform(-RULED_SLOPE, RULED_SLOPE) * rng.integers(0, 2)
    lines = [page.line((x, 0), (x, page.height), slope * 0.3)]
    page.draw_strokes(lines, page.line_width(), page.line_colour(0.3, 1))
    page.write(number, *place)
    return number


def _rectangle(page: Page, box, slope: float = 0.0) -> list:
    left, top, right, bottom = box
    turn = np.array([[1, -slope], [slope, 1]])
    corners = np.array(
        [[left, top], [right, top], [right, bottom], [left, bottom]], float
    )
    middle = corners.mean(axis=0)
    corners = (corners - middle) @ turn.T + middle
    return [page.line(corners[i], corners[(i + 1) % 4], 0, 0) for i in range(4)]


def _around(boxes: list) -> np.ndarray:
    edges = np.array(boxes)
    return np.array([*edges[:, :2].min(axis=0), *edges[:, 2:].max(axis=0)])


@_paper
def frame(page: Page) -> str:
    """A frame round the picture, near its border or on it."""
    number, place = _row(page)
    page.write(number, *place)
    rng = page.rng
    width = page.line_width() * rng.uniform(1, 2)
    inset = width / 2 + rng.choice([0.0, rng.uniform(0.02, 0.5) * page.tall])
    box = (inset, inset, page.width - inset, page.height - inset)
    slope = rng.uniform(-0.01, 0.01) * (inset > width)
    page.draw_strokes(
        _rectangle(page, box, slope), width, page.line_colour(0.4, 1.0)
    )
    return number


@_paper
def box_around(page: Page) -> str:
    """A box drawn round the number."""
    number, place = _row(page)
    rng = page.rng
    around = _around(page.write(number, *place))
    room = page.tall * rng.uniform(0.25, 0.7, 4) + page.pen
    box = around + room * (-1, -1, 1, 1)
    page.draw_strokes(
        _rectangle(page, box, rng.uniform(-0.04, 0.04)),
        page.line_width(),
        page.line_colour(0.4, 1.0),
    )
    return number


@_paper
def underline(page: Page) -> str:
    """A line below the number: half of it, all of it, beyond; or two."""
    number, place = _row(page)
    rng = page.rng
    left, _, right, bottom = _around(page.write(number, *place))
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


@_paper
def boxes(page: Page) -> str:
    """A box for each digit, side by side or apart, as on forms."""
    rng = page.rng
    number = page.number(3, 8)
    side = page.tall * rng.uniform(1.35, 1.8)
    high = max(side * rng.uniform(0.95, 1.3), page.tall * 1.35)
    gap = rng.choice([0.0, side * rng.uniform(0.1, 0.4)])
    edge = page.tall * rng.uniform(0.15, 1, 2)
    page.open(high + 2 * edge[1], len(number) * (side + gap) + 2 * edge[0])
    lines = []
    width = page.line_width()
    for place, label in enumerate(number):
        left = edge[0] + place * (side + gap)
        lines += _rectangle(page, (left, edge[1], left + side, edge[1] + high))
        digit, size = page.fit(int(label), page.tall)
        room = np.array([side, high]) - size - page.pen - width
        at = np.array([left, edge[1]]) + room * rng.uniform(0.3, 0.7, 2)
        at += (page.pen + width) / 2
        page.draw_strokes([s + at for s in digit], page.pen, page.ink)
    page.draw_strokes(lines, width, page.line_colour(0.35, 1.0))
    return number


def _squares(page: Page, count: int, filled: float) -> list[list[str]]:
    """A square of squares, some of them with a digit."""
    rng = page.rng
    side = page.tall * rng.uniform(1.4, 1.9)
    edge = page.tall * rng.uniform(0.12, 0.8, 2)
    page.open(count * side + 2 * edge[1], count * side + 2 * edge[0])
    thin = max(1.0, min(page.line_width(), 0.06 * side))
    thick = thin * rng.choice([1.0, 2.0])
    colour = page.line_colour(0.5, 1.0)
    for width, chosen in ((thin, range(count + 1)), (thick, (0, count))):
        lines = []
        for i in chosen:
            if count == 9 and len(chosen) > 2 and i % 3 == 0:
                continue
            at = i * side
            lines.append(
                page.line(
                    (edge[0], edge[1] + at),
                    (edge[0] + count * side, edge[1] + at),
                )
            )
            lines.append(
                page.line(
                    (edge[0] + at, edge[1]),
                    (edge[0] + at, edge[1] + count * side),
                )
            )
        page.draw_strokes(lines, width, colour)
    if count == 9:
        lines = []
        for at in (3 * side, 6 * side):
            far = count * side
            lines.append(
                page.line(
                    (edge[0], edge[1] + at), (edge[0] + far, edge[1] + at)
                )
            )
            lines.append(
                page.line(
                    (edge[0] + at, edge[1]), (edge[0] + at, edge[1] + far)
                )
            )
        page.draw_strokes(lines, thick, colour)
    cells, strokes = [], []
    for row in range(count):
        cells.append([])
        for column in range(count):
            label = str(rng.integers(1, 10)) if rng.random() < filled else ""
            cells[-1].append(label)
            if label:
                digit, size = page.fit(int(label), page.tall)
                room = side - size - page.pen - thick
                at = (page.pen + thick) / 2 + room * rng.uniform(0.3, 0.7, 2)
                at += edge + np.array([column, row]) * side
                strokes += [s + at for s in digit]
    if strokes:
        page.draw_strokes(strokes, page.pen, page.ink)
    return cells


@_paper
def grid(page: Page) -> list[list[str]]:
    """A square of 2 to 5 squares a side."""
    return _squares(page, int(page.rng.integers(2, 6)), 0.7)


@_paper
def sudoku(page: Page) -> list[list[str]]:
    """A squared puzzle, as a scan has it."""
    page.tall = page.rng.uniform(24, 48)
    page.pen = max(1.8, page.tall * page.rng.uniform(0.06, 0.12))
    return _squares(page, 9, 0.4)


@_paper
def sudoku_photo(page: Page) -> list[list[str]]:
    """A squared puzzle, photographed aslant."""
    cells = sudoku(page)
    _photograph_aslant(page, page.paper * page.rng.uniform(0.9, 1.0))
    return cells


def _photograph_aslant(page: Page, desk: np.ndarray, least: float = 0.0):
    """Lays the page on a desk and looks at it from a side."""
    rng = page.rng
    height, width = page.height, page.width
    room = max(height, width) * rng.uniform(0.06, 0.15)
    size = np.array([width, height]) + 2 * room
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]])
    turn = rng.uniform(-0.12, 0.12)
    spin = np.array(
        [[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]
    )
    moved = (corners - corners.mean(axis=0)) @ spin.T
    moved *= 1 + rng.uniform(-0.07, 0.07, (4, 2))
    moved = moved - moved.min(axis=0) + room * rng.uniform(0.6, 1.0, 2)
    size = np.ceil(moved.max(axis=0) + room * rng.uniform(0.6, 1.0, 2))
    matrix = cv2.getPerspectiveTransform(
        corners.astype(np.float32), moved.astype(np.float32)
    )
    page.painted = cv2.warpPerspective(
        page.painted,
        matrix,
        (int(size[0]), int(size[1])),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=tuple(map(float, desk)),
    )
    page.height, page.width = page.painted.shape[:2]


def _desk(page: Page) -> np.ndarray:
    rng = page.rng
    woods = ((40, 70, 110), (60, 60, 60), (90, 120, 150), (30, 40, 60))
    return np.array(woods[rng.integers(4)]) + rng.uniform(-15, 15, 3)


@_paper
def sheet_on_desk(page: Page) -> str:
    """The whole sheet lies on a darker desk."""
    number, place = _row(page)
    page.write(number, *place)
    _photograph_aslant(page, _desk(page))
    return number


@_paper
def sheet_on_light(page: Page) -> str:
    """A grey or brown sheet on a lighter desk."""
    rng = page.rng
    page.paper = page.paper * rng.uniform(0.55, 0.75)
    page.ink = page.ink * 0.4
    number, place = _row(page)
    page.write(number, *place)
    _photograph_aslant(page, np.full(3, rng.uniform(225, 250)))
    return number


@_paper
def sheet_edge(page: Page) -> str:
    """One to three edges of the sheet are in the picture, not all four."""
    number, place = _row(page)
    page.write(number, *place)
    rng = page.rng
    desk = _desk(page)
    width = page.tall * rng.uniform(0.2, 0.8, 4)
    sides = rng.permutation(4)[: rng.integers(1, 4)]
    far = page.far_from_borders(rng.uniform(-0.05, 0.05))
    for side in sides:
        page.shade(far[side] - width[side], rng.uniform(0.3, 2), desk)
    return number


@_paper
def hard_shadow(page: Page) -> str:
    """A shadow with a hard edge."""
    number, place = _row(page)
    page.write(number, *place)
    rng = page.rng
    y, x = np.mgrid[: page.height, : page.width]
    turn = rng.uniform(0, 2 * np.pi)
    at = np.array([page.width, page.height]) * rng.uniform(0.3, 0.7, 2)
    along = (x - at[0]) * np.cos(turn) + (y - at[1]) * np.sin(turn)
    dark = rng.uniform(0.4, 0.75)
    light = dark + (1 - dark) / (
        1 + np.exp(np.clip(-along / rng.uniform(0.5, 4), -50, 50))
    )
    page.painted = page.painted * light[..., None]
    return number


def _grain(page: Page, amount: float) -> None:
    """Grain of a size from a pixel to a few."""
    rng = page.rng
    grain = rng.normal(0, 1, (page.height, page.width))
    wide = rng.choice([0, 0.7, 1.5])
    if wide:
        grain = cv2.GaussianBlur(grain, (0, 0), wide)
    page.painted += (grain / grain.std() * amount)[..., None]
    page.noise = 0


@_paper
def grain(page: Page) -> str:
    """A number on grainy paper."""
    number, place = _row(page)
    page.write(number, *place)
    _grain(page, page.rng.uniform(4, 14))
    return number


@_paper
def blank_grain(page: Page) -> str:
    """Grainy paper without a number."""
    page.open(page.tall * 6, page.tall * 8)
    _grain(page, page.rng.uniform(3, 14))
    return ""


@_paper
def blank_ruled(page: Page) -> str:
    """Ruled or squared paper without a number."""
    _, place = _row(page)
    kind = page.rng.choice(["h", "hv"])
    _rule(page, place, "between", page.line_colour(0.2, 1.0), kind)
    return ""


@_paper
def empty_cell(page: Page) -> str:
    """A cell with a rest of a line at one border or two."""
    rng = page.rng
    side = int(rng.uniform(28, 100))
    page.open(side, side)
    if rng.random() < 0.4:
        page.paper, page.ink = 255 - page.paper, 255 - page.ink
        page.open(side, side)
    wide = side * rng.uniform(0.02, 0.12)
    slope = rng.uniform(-0.02, 0.02)
    far = page.far_from_borders(slope)
    for place in rng.permutation(4)[: rng.integers(1, 3)]:
        page.shade(far[place] - wide, rng.uniform(0.3, 1.2), page.ink)
    page.noise = rng.uniform(0, 5)
    return ""


@_paper
def tight(page: Page) -> str:
    """One digit, cut out along its box, dark or bright."""
    rng = page.rng
    label = str(rng.integers(0, 10))
    digit, size = page.fit(int(label), page.tall)
    page.pen = max(2.5, page.tall * rng.uniform(0.08, 0.16))
    if rng.random() < 0.5:
        page.paper, page.ink = 255 - page.paper, 255 - page.ink
    edge = page.pen / 2 + rng.choice([0.0, 0.0, 1.0])
    page.open(*np.ceil(size[::-1] + 2 * edge))
    page.draw_strokes([s + edge for s in digit], page.pen, page.ink)
    return label
