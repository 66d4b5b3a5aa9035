"""Pictures of something other than paper: a landscape, a face."""

import cv2
import numpy as np

from papers.made_page import Page


def landscape(page: Page) -> str:
    """A landscape: sky, hills, a sun and trees; no digits."""
    rng = page.rng
    high, wide = int(rng.uniform(150, 480)), int(rng.uniform(200, 640))
    y = np.linspace(0, 1, high)[:, None, None]
    sky = (1 - y) * (90, 140, 220) + y * (190, 210, 235)
    view = np.tile(sky, (1, wide, 1))
    sun = (int(wide * rng.uniform(0.2, 0.8)), int(high * 0.2))
    cv2.circle(view, sun, int(high * 0.07), (255, 245, 200), -1)
    x = np.arange(wide) / wide * 6
    for hill in range(3):
        waves = sum(
            np.sin(x * rng.uniform(1, 4) * n + rng.uniform(0, 6)) / n
            for n in range(1, 5)
        )
        line = high * (0.4 + 0.18 * hill + 0.07 * waves)
        colour = np.array([80, 110, 80]) * (1 - 0.25 * hill)
        below = np.arange(high)[:, None] > line
        view[below] = colour + rng.uniform(-20, 20, 3)
    for _ in range(rng.integers(5, 25)):
        foot = (int(rng.uniform(0, wide)), int(rng.uniform(0.6, 1) * high))
        size = int(rng.uniform(6, high * 0.12))
        top = (foot[0], foot[1] - size)
        cv2.line(view, foot, top, (60, 40, 30), max(1, size // 8))
        cv2.circle(view, top, size // 2, (30, rng.uniform(60, 110), 40), -1)
    view += cv2.GaussianBlur(rng.normal(0, 1, view.shape), (0, 0), 1) * (
        rng.uniform(5, 25)
    )
    page.painted, (page.height, page.width) = view.clip(0, 255), (high, wide)
    return ""


def face(page: Page) -> str:
    """A face: hair, eyes, brows, nose and mouth; no digits."""
    rng = page.rng
    high = int(rng.uniform(120, 420))
    wide = int(high * rng.uniform(0.8, 1.3))
    view = np.ones((high, wide, 3)) * rng.uniform(60, 220, 3)
    skin = np.array([225, 180, 150]) * rng.uniform(0.5, 1.05)
    eye, brow = rng.uniform(10, 90, 3), rng.uniform(20, 60, 3)
    # Middle and axes, relative to the face's middle and half its height.
    parts = [
        (0, -0.35, 0.95, 1.15, rng.uniform(10, 90, 3)),
        (0, 1.77, 1.6, 0.7, rng.uniform(30, 200, 3)),
        (0, 0, 0.75, 1, skin),
        (0, 0.1, 0.07, 0.15, skin * 0.85),
        (0, 0.5, 0.25, 0.08, np.array([170, 70, 80])),
    ]
    for side in (-0.3, 0.3):
        parts += [
            (side, -0.15, 0.14, 0.07, np.full(3, 240)),
            (side, -0.15, 0.06, 0.06, eye),
            (side, -0.33, 0.17, 0.04, brow),
        ]
    for x, y, across, down, colour in parts:
        middle = (wide / 2 + x * high * 0.3, high * (0.52 + y * 0.3))
        axes = (max(1, across * high * 0.3), max(1, down * high * 0.3))
        box = (middle, (2 * axes[0], 2 * axes[1]), 0.0)
        cv2.ellipse(view, box, tuple(map(float, colour)), -1, cv2.LINE_AA)
    view = cv2.GaussianBlur(view, (0, 0), high / 200)
    x = (np.arange(wide) / wide - 0.5) * rng.uniform(1, 3)
    view *= (0.75 + 0.25 * np.cos(x))[:, None]
    view += rng.normal(0, rng.uniform(1, 6), view.shape)
    page.painted, (page.height, page.width) = view.clip(0, 255), (high, wide)
    return ""
