"""How well numbers are read on papers of every kind, made by `papers/`.

`python benchmarks/paper.py [KIND ...] [--count N] [--seed N] [--data FILE]
[--enlarged N] [--name NAME] [--out FILE]`, or with `--photos LIST` on photos of
puzzles that others took. README.md says what is measured, and on what.
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from mnistcnn import DigitClassifier
from mnistcnn.calibration import wilson_interval
from mnistcnn.data import read_strokes_file
from mnistcnn.figures import draw_boxes
from mnistcnn.files import write_json
from mnistcnn.ink import draw_digit
from papers import PAPERS, make_paper
from papers.made_page import Hand
from papers.puzzle_photos import list_photos, score_photos
from running.commands import errors_in_one_line, make_parser
from running.machine import say_today

VARIABLE = "MNISTCNN_PENDIGITS"
SHEET = 55  # the seed of the README's sheet


def main() -> None:
    """Reads the command line, and the papers."""
    parser = make_parser(__doc__)
    parser.add_argument("kinds", nargs="*", metavar="KIND")
    parser.add_argument("--count", type=int, default=200, help="of each kind")
    parser.add_argument("--seed", type=int, default=100_000, help="the first")
    parser.add_argument(
        "--data",
        type=Path,
        default=os.environ.get(VARIABLE) or None,
        help=f"the .npz of pen strokes, for every second number [{VARIABLE}]",
    )
    parser.add_argument(
        "--enlarged",
        type=float,
        default=1,
        metavar="N",
        help="make the pictures so many times as large, as of a camera [1]",
    )
    parser.add_argument(
        "--photos",
        type=Path,
        metavar="LIST",
        help="read photos of puzzles instead, of a .desc file's list",
    )
    parser.add_argument("--name", default="today", help="what was read by")
    parser.add_argument("--out", type=Path, help="a file that it is added to")
    parser.add_argument("--picture", type=Path, help="of a sheet that is read")
    options = parser.parse_args()
    if options.picture:
        draw_sheet(options.picture)
        return
    if options.photos:
        with errors_in_one_line():
            photos = list_photos(options.photos)
            scores = [score_photos(photos, DigitClassifier.from_pretrained())]
        print(json.dumps(scores[0]))
        if options.out:
            settings = {"name": options.name, "photos": options.photos.stem}
            add_run(options.out, settings, scores)
        return
    with errors_in_one_line():
        hands = open_hands(options.data)
    seeds = range(options.seed, options.seed + options.count)
    if options.enlarged < 1:
        parser.error(f"--enlarged is {options.enlarged}. Expected 1 or more.")
    scores = [
        score(kind, seeds, hands, options.enlarged)
        for kind in options.kinds or list(PAPERS)
    ]
    if options.out:
        real = " and real, in turn" if options.data else ""
        settings = {
            "name": options.name,
            "seeds": [seeds.start, seeds.stop],
            "hands": f"generated{real}",
        }
        if options.enlarged > 1:
            settings["enlarged"] = options.enlarged
        add_run(options.out, settings, scores)


def draw_sheet(path: Path) -> None:
    """Draws a ruled sheet on a desk, with boxes around the digits read."""
    picture = make_paper("ruled_sheet", SHEET).picture
    readings = DigitClassifier.from_pretrained().read(picture)
    boxes = [reading.box for reading in readings]
    draw_boxes(picture, boxes, [each.label for each in readings], path)


def open_hands(path: Path | None) -> list[Hand]:
    """The generator's digits, and those of a file of strokes, if named."""
    return [draw_digit] if path is None else [draw_digit, open_hand(path)]


def open_hand(path: Path) -> Hand:
    """Opens the digits of every second writer."""
    _, half = read_strokes_file(path).split_writers(2, 1)
    by_label: dict[str, list] = {}
    for place, label in enumerate(half.labels.tolist()):
        if label.isdigit():
            by_label.setdefault(label, []).append(half.strokes(place))

    def write(label: int, rng: np.random.Generator) -> Sequence[np.ndarray]:
        digits = by_label[str(label)]
        return digits[rng.integers(len(digits))]

    return write


def score(
    kind: str, seeds: range, hands: Sequence[Hand], enlarged: float
) -> dict:
    """Counts the papers that are read completely, with nothing added."""
    classifier = DigitClassifier.from_pretrained()
    right = cells = cells_right = 0
    for seed in seeds:
        paper = make_paper(kind, seed, hands[seed % len(hands)])
        size = [round(enlarged * s) for s in paper.picture.shape[1::-1]]
        picture = cv2.resize(paper.picture, size, interpolation=cv2.INTER_CUBIC)
        readings = classifier.read(picture)
        text = "".join(reading.label for reading in readings)
        if isinstance(paper.right, str):
            right += text == paper.right
            continue
        grid = [list(row) for row in getattr(readings, "grid", ())]
        right += grid == paper.right
        flat = [cell for row in paper.right for cell in row]
        got = [cell for row in grid for cell in row]
        cells += len(flat)
        if len(got) == len(flat):
            cells_right += sum(a == b for a, b in zip(got, flat, strict=True))
    result = {
        "kind": kind,
        "n": len(seeds),
        "right": int(right),
        "interval": [round(v, 4) for v in wilson_interval(right, len(seeds))],
    }
    if cells:
        result |= {"cells": cells, "cells_right": cells_right}
    print(json.dumps(result), flush=True)
    return result


def add_run(path: Path, settings: dict, scores: list[dict]) -> None:
    """Adds a run to a result file, replacing one of the same name."""
    runs = json.loads(path.read_text())["runs"] if path.exists() else []
    run = {**settings, "date": say_today(), "scores": scores}
    runs = [old for old in runs if old["name"] != run["name"]] + [run]
    write_json(path, {"format": 1, "runs": runs})


if __name__ == "__main__":
    main()
