"""Pictures of numbers on papers of every kind, made, with what they say.

`PAPERS` has a function for each kind of paper: ruled, boxed, squared, on a
desk, in shadow, grainy, blank. `make_paper` draws one; the same seed draws the
same picture. Amounts (pens, colours, slopes, bends, sizes) vary widely.
"""

from typing import NamedTuple

import numpy as np

from mnistcnn.errors import DataError
from mnistcnn.ink import draw_digit
from papers import (
    bare_papers,
    boxed_papers,
    camera_papers,
    coloured_papers,
    cut_papers,
    laid_papers,
    marked_papers,
    other_papers,
    placed_papers,
    ruled_papers,
    scenes,
    stationery,
)
from papers.made_page import Hand, Page

# A kind's index is part of its seed: new kinds are appended at the end.
ORDER = (
    "clean",
    "chalk",
    "rules_pale",
    "rules_dark",
    "rules_touching",
    "squared",
    "margin",
    "frame",
    "box_around",
    "underline",
    "boxes",
    "grid",
    "sudoku",
    "sudoku_photo",
    "sheet_on_desk",
    "sheet_on_light",
    "sheet_edge",
    "hard_shadow",
    "grain",
    "blank_grain",
    "blank_ruled",
    "empty_cell",
    "tight",
    "ruled_sheet",
    "rules_bent",
    "dotted",
    "dashed",
    "comb",
    "box_touched",
    "frame_double",
    "form",
    "shadow_corners",
    "sheet_in_shadow",
    "sudoku_in_shadow",
    "pencil",
    "small",
    "landscape",
    "face",
    "graph_paper",
    "notepad",
    "table",
    "boxes_askew",
    "comb_askew",
    "frame_askew",
    "grid_askew",
    "frame_cut",
    "lamp",
    "scanner",
    "finger",
    "spiral",
    "underline_near",
    "underline_touching",
    "between_lines",
    "ringed",
    "boxes_thick",
    "walls_thick",
    "column",
    "tilted_rules",
    "cropped",
    "torn",
    "box_dashed",
    "ringed_each",
    "crossword",
    "blank_fibres",
    "cell_walls",
    "halftone",
    "number_line",
    "enlarged",
    "mosaic",
    "table_shaded",
    "plate",
    "tiles",
    "buttons",
    "cloth",
    "note",
    "date",
    "tiles_close",
    "heading",
    "boxes_cut",
    "grid_open",
)
MODULES = (
    ruled_papers,
    boxed_papers,
    laid_papers,
    bare_papers,
    other_papers,
    scenes,
    stationery,
    camera_papers,
    marked_papers,
    cut_papers,
    coloured_papers,
    placed_papers,
)
PAPERS = {
    kind: next(getattr(m, kind) for m in MODULES if hasattr(m, kind))
    for kind in ORDER
}


class Paper(NamedTuple):
    """A synthetic picture, and its correct reading.

    Args:
        picture: `(h, w, 3)` uint8, or grey `(h, w)`.
        right: the number, "" for none; for a grid the rows of its cells.
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
