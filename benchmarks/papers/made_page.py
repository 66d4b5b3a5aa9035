"""A synthetic page: written, ruled, lit and photographed."""

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from mnistcnn.pictures import rasterize

# A hand draws a digit: returns strokes within a unit box, y down.
Hand = Callable[[int, np.random.Generator], Sequence[np.ndarray]]


class Page:
    """A page that is written, ruled, lit and photographed.

    Args:
        rng: makes all choices.
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
        self.painted: np.ndarray = np.zeros((1, 1, 3))
        self.height = self.width = 0

    def open(self, height: float, width: float) -> None:
        """Starts a blank sheet of this size in pixels."""
        self.height, self.width = int(height), int(width)
        self.painted = np.ones((self.height, self.width, 3)) * self.paper

    def open_row(self, count: int, room: float = 1.0) -> tuple[float, float]:
        """Starts a sheet for a row of digits; returns where the row begins."""
        tall, rng = self.tall, self.rng
        left, top = tall * room * rng.uniform(0.9, 2.2, 2)
        right, below = tall * room * rng.uniform(0.9, 2.2, 2)
        self.open(top + tall * 1.1 + below, left + count * tall * 1.15 + right)
        return left, top

    def draw_strokes(self, strokes: Sequence, pen: float, colour) -> None:
        """Draws strokes in a colour."""
        size = np.array((self.width, self.height))
        points = [np.array(s, float).reshape(-1, 2) for s in strokes]
        low, high = np.zeros(2, int), size
        # Larger pages are drawn less finely, a part of one would not be.
        if points and size.max() <= 1000:
            # Where they lie, since a page may have hundreds of fibres.
            every, around = np.concatenate(points), pen + 2
            low, high = every.min(axis=0) - around, every.max(axis=0) + around
            low = np.clip(np.floor(low), 0, size).astype(int)
            high = np.clip(np.ceil(high), low, size).astype(int)
        if (high <= low).any():
            return
        shape = tuple(high - low)[::-1]
        cover = rasterize([p - low for p in points], shape, pen)
        part = np.s_[low[1] : high[1], low[0] : high[0]]
        share = cover[..., None] / 255.0
        colour = share * np.array(colour)
        self.painted[part] = self.painted[part] * (1 - share) + colour

    def cover(self, share: np.ndarray, colour) -> None:
        """Blends a colour over the page."""
        self.painted = self.painted * (1 - share) + share * np.array(colour)

    def far_from_borders(self, slope: float) -> list[np.ndarray]:
        """Distances of each pixel from the four sides, turned by a slope."""
        y, x = np.mgrid[: self.height, : self.width]
        right, bottom = self.width - x, self.height - y
        return [
            x + slope * y,
            y + slope * x,
            right + slope * y,
            bottom + slope * x,
        ]

    def shade(self, outside: np.ndarray, soft: float, colour) -> None:
        """Blends a colour over the area where a distance is below 0."""
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
        """A digit's strokes, starting at (0, 0), and its width and height."""
        strokes = [np.array(s, float) for s in self.hand(label, self.rng)]
        points = np.concatenate(strokes)
        low, size = points.min(axis=0), np.ptp(points, axis=0)
        scale = min(tall / max(size[1], 1e-6), 1.1 * tall / max(size[0], 1e-6))
        return [(s - low) * scale for s in strokes], size * scale

    def number(self, least: int = 2, most: int = 6) -> str:
        """Draws a random number with `least` to `most` digits."""
        digits = self.rng.integers(0, 10, self.rng.integers(least, most + 1))
        return "".join(map(str, digits))

    def line(self, start, end, slope: float = 0.0, bend: float = 0.0):
        """The points of a line, turned by a slope and bent like the paper."""
        start, end = np.array(start, float), np.array(end, float)
        t = np.linspace(0, 1, 40)[:, None]
        along = end - start
        across = np.array([-along[1], along[0]])
        points = start + along * t + across * bend * 4 * t * (1 - t)
        return points + across * slope * (t - 0.5)

    @staticmethod
    def around(boxes: list) -> np.ndarray:
        """The bounding box of boxes."""
        edges = np.array(boxes)
        return np.array([*edges[:, :2].min(axis=0), *edges[:, 2:].max(axis=0)])

    def line_colour(self, low: float = 0.25, high: float = 1.0) -> np.ndarray:
        """A colour between the paper's and a pen's, from `low` to `high`."""
        share = self.rng.uniform(low, high)
        pens = (self.ink, np.array([190, 150, 120]), np.array([120, 120, 220]))
        dark = pens[0] if share > 0.8 else pens[self.rng.integers(3)]
        return self.paper * (1 - share) + dark * share

    def line_width(self) -> float:
        """A line's width, from a hairline to almost that of the pen."""
        return max(1.0, self.pen * self.rng.uniform(0.25, 0.9))

    def photograph(self) -> np.ndarray:
        """The picture that a camera or a scanner takes of the page."""
        picture = self.painted + self.rng.normal(
            0, max(self.noise, 1e-9), self.painted.shape
        )
        picture = np.clip(np.rint(picture), 0, 255).astype(np.uint8)
        if self.quality:
            option = [cv2.IMWRITE_JPEG_QUALITY, self.quality]
            code = cv2.imencode(".jpg", picture, option)[1]
            picture = cv2.imdecode(code, cv2.IMREAD_COLOR)
        return np.ascontiguousarray(picture[..., ::-1])


def take_row(page: Page, room: float = 1.0) -> tuple[str, list]:
    """Chooses a number, and starts a sheet for it; returns where it begins."""
    number = page.number()
    left, top = page.open_row(len(number), room)
    return number, [left, top]


def lay_side_by_side(page: Page, number: str) -> list[np.ndarray]:
    """The strokes of a number whose digits do not touch, starting at (0, 0)."""
    strokes, left = [], 0.0
    for label in number:
        digit, size = page.fit(int(label), page.tall)
        down = page.tall - size[1]
        strokes += [np.add(s, (left, down / 2)) for s in digit]
        left += size[0] + page.pen + page.tall * page.rng.uniform(0.1, 0.3)
    return strokes
