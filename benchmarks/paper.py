"""How well numbers are read on papers of every kind, made by `papers/`.

`python benchmarks/paper.py [KIND ...] [--count N] [--seed N] [--data FILE]
[--name NAME] [--out FILE]`. README.md says what is measured, and on what.
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mnistcnn import DigitClassifier
from mnistcnn.calibration import wilson_interval
from mnistcnn.data import read_strokes_file
from mnistcnn.figures import draw_boxes
from mnistcnn.files import write_json
from mnistcnn.ink import draw_digit
from papers import PAPERS, make_paper
from papers.made_page import Hand
from running.commands import make_parser
from running.machine import say_today

VARIABLE = "MNISTCNN_PENDIGITS"
SHEET = 55  # the seed of the README's


def main() -> None:
    """Reads the command line, and the papers."""
    parser = make_parser(__doc__)
    parser.add_argument("kinds", nargs="*", metavar="KIND")
    parser.add_argument("--count", type=int, default=200, help="of each kind")
    parser.add_argument("--seed", type=int, default=100_000, help="the first")
    parser.add_argument(
        "--data",
        type=Path,
        default=os.environ.get(VARIABLE),
        help=f"the .npz of pen strokes, for every second number [{VARIABLE}]",
    )
    parser.add_argument("--name", default="today", help="what was read by")
    parser.add_argument("--out", type=Path, help="a file that it is added to")
    parser.add_argument("--picture", type=Path, help="of a sheet that is read")
    options = parser.parse_args()
    if options.picture:
        draw_sheet(options.picture)
        return
    hands: list[Hand] = [draw_digit]
    if options.data:
        hands.append(open_hand(options.data))
    seeds = range(options.seed, options.seed + options.count)
    scores = [
        score(kind, seeds, hands) for kind in options.kinds or list(PAPERS)
    ]
    if options.out:
        add_run(options.out, options.name, seeds, len(hands) > 1, scores)


def draw_sheet(path: Path) -> None:
    """Draws a ruled sheet on a desk, with what is read in boxes."""
    picture = make_paper("ruled_sheet", SHEET).picture
    readings = DigitClassifier.from_pretrained().read(picture)
    boxes = [reading.box for reading in readings]
    draw_boxes(picture, boxes, [each.label for each in readings], path)


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


def score(kind: str, seeds: range, hands: Sequence[Hand]) -> dict:
    """Counts the papers of which all is read, and nothing else."""
    classifier = DigitClassifier.from_pretrained()
    right = cells = cells_right = 0
    for seed in seeds:
        paper = make_paper(kind, seed, hands[seed % len(hands)])
        readings = classifier.read(paper.picture)
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


def add_run(
    path: Path, name: str, seeds: range, real: bool, scores: list[dict]
) -> None:
    """Adds a run to a file of results, in place of one of the same name."""
    runs = json.loads(path.read_text())["runs"] if path.exists() else []
    run = {
        "name": name,
        "date": say_today(),
        "seeds": [seeds.start, seeds.stop],
        "hands": "generated and real, in turn" if real else "generated",
        "scores": scores,
    }
    runs = [old for old in runs if old["name"] != name] + [run]
    write_json(path, {"format": 1, "runs": runs})


if __name__ == "__main__":
    main()
