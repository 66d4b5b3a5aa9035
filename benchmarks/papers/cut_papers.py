"""Papers that are cut or torn, and digits in tiles, thin boxes and rings."""

import cv2
import numpy as np

from mnistcnn.pictures import strokes_to_image
from papers.boxed_papers import draw_rectangle
from papers.made_page import Page, lay_side_by_side, take_row


def cropped(page: Page) -> str:
    """One or a few digits with little paper around them, dark or bright."""
    rng = page.rng
    number = page.number(1, int(rng.choice([1, 3])))
    page.pen = max(2.5, page.tall * rng.uniform(0.08, 0.25))
    if rng.random() < 0.5:
        page.paper, page.ink = 255 - page.paper, 255 - page.ink
    strokes = lay_side_by_side(page, number)
    points = np.concatenate(strokes)
    low, size = points.min(axis=0), np.ptp(points, axis=0)
    edge = page.pen / 2 + size[1] * rng.uniform(0, 0.2)
    page.open(*np.ceil(size[::-1] + 2 * edge))
    page.draw_strokes([s - low + edge for s in strokes], page.pen, page.ink)
    return number


def enlarged(page: Page) -> str:
    """A digit cropped as above, at low resolution, enlarged: soft edges."""
    rng, (number,) = page.rng, page.number(1, 1)
    page.pen = page.tall * rng.uniform(0.06, 0.18)
    if rng.random() < 0.5:
        page.paper, page.ink = 255 - page.paper, 255 - page.ink
    digit, (wide, tall) = page.fit(int(number), page.tall)
    edge = page.pen / 2 + tall * rng.uniform(0, 0.2)
    high = tall + 2 * edge
    across = max(wide + 2 * edge, high * rng.choice([0, 1]))
    page.open(np.ceil(high), np.ceil(across))
    place = np.array([(across - wide) / 2, edge])
    page.draw_strokes([s + place for s in digit], page.pen, page.ink)
    few = np.ceil(np.array([across, high]) / high * rng.uniform(12, 24))
    small = cv2.resize(
        page.painted, few.astype(int), interpolation=cv2.INTER_AREA
    )
    way = [cv2.INTER_LINEAR, cv2.INTER_CUBIC][rng.integers(2)]
    times = rng.uniform(4, 16)
    page.painted = cv2.resize(
        small, None, fx=times, fy=times, interpolation=way
    )
    return number


def mosaic(page: Page) -> str:
    """Images of 28x28 pixels in rows and columns, as from a data set."""
    rng = page.rng
    size = rng.integers((2, 4), (5, 11))
    labels = rng.integers(0, 10, size)
    pen = rng.uniform(1.8, 3.4)
    tiles = [
        [strokes_to_image(page.hand(int(k), rng), pen) for k in row]
        for row in labels
    ]
    edge = int(rng.integers(0, 4))
    times = int(rng.integers(1, 4))
    share = np.block([[np.pad(tile, edge) for tile in row] for row in tiles])
    share = cv2.resize(share, None, fx=times, fy=times) / 255.0
    page.paper, page.ink = np.zeros(3), np.full(3, 255.0)
    if rng.random() < 0.5:
        page.paper, page.ink = page.ink, page.paper
    page.open(*share.shape)
    page.cover(share[..., None], page.ink)
    return "".join(map(str, labels.ravel()))


def torn(page: Page) -> str:
    """A desk beyond a torn edge, above or below."""
    number, place = take_row(page)
    page.write(number, *place)
    rng = page.rng
    rough = page.tall * rng.uniform(0.01, 0.03)
    edge = np.cumsum(rng.normal(0, rough, page.width))
    edge += page.tall * rng.uniform(0.3, 0.6) - edge.mean()
    edge = edge.clip(2, 0.8 * min(place[1], page.tall))
    beyond = np.arange(page.height)[:, None] < edge
    if rng.random() < 0.5:
        beyond = beyond[::-1]
    page.cover(beyond[..., None].astype(float), rng.uniform(20, 190, 3))
    page.painted = cv2.GaussianBlur(page.painted, (0, 0), rng.uniform(0.4, 1))
    return number


def box_dashed(page: Page) -> str:
    """A dashed box around the number."""
    number, place = take_row(page)
    rng = page.rng
    around = page.around(page.write(number, *place))
    room = page.tall * rng.uniform(0.25, 0.7) + page.pen
    box = around + room * np.array([-1, -1, 1, 1])
    dash = page.tall * rng.uniform(0.1, 0.2)
    dashes = []
    for side in draw_rectangle(page, box):
        start, end = side[0], side[-1]
        long = float(np.linalg.norm(end - start))
        for at in np.arange(0, long, 2 * dash):
            to = min(at + dash, long)
            dashes.append(start + (end - start) * np.array([[at], [to]]) / long)
    width = max(1.0, page.tall * rng.uniform(0.025, 0.05))
    page.draw_strokes(dashes, width, page.line_colour(0.5, 1))
    return number


def ringed_each(page: Page) -> str:
    """A ring around each digit, printed or drawn, one or a few pixels wide."""
    number = page.number()
    rng, tall = page.rng, page.tall
    step, edge = 2.3 * tall, tall * rng.uniform(0.2, 0.8)
    page.open(2.3 * tall + 2 * edge, len(number) * step + 2 * edge)
    turns = np.linspace(0, 2 * np.pi, 90)
    rings = []
    for place, label in enumerate(number):
        middle = edge + np.array([place * step + step / 2, 1.15 * tall])
        digit, size = page.fit(int(label), tall)
        shifted = [s + middle - size / 2 for s in digit]
        page.draw_strokes(shifted, page.pen, page.ink)
        wide, high = tall * rng.uniform(0.85, 1.05, 2)
        ring = np.stack([wide * np.cos(turns), high * np.sin(turns)], axis=1)
        rings.append(middle + ring)
    width = max(0.7, tall * rng.uniform(0.01, 0.06))
    page.draw_strokes(rings, width, page.line_colour(0.5, 1))
    return number
