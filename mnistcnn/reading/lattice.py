"""The lattice: pieces of ink, and which of them may be one sign.

Strokes or connected ink are first cut into too many pieces rather than too few
(over-segmentation); every run of neighbouring pieces that could be one sign is
proposed, and the best path through them is chosen (`decoding.py`) by the
network's prediction for each. LeCun, Bottou, Bengio and Haffner, "Gradient-
based learning applied to document recognition", 1998, call it a heuristic
over-segmentation and a segmentation graph.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mnistcnn.pictures import measure_lines
from mnistcnn.reading.pairs import measure_pairs
from mnistcnn.reading.pieces import Pieces
from mnistcnn.reading.proposals import propose

# Lengths are in units of the height of the line that a piece stands in.
MAX_PIECES = 1000  # with more, comparing all pairs would take too long
CLOSE = 0.25  # ink this close is near
STACKED = 0.25  # of the less tall one's rows: stacked ink shares less
DOT = 0.25  # a sign whose longer side is at most this is a point
DOTS = 3  # points that may form one sign, such as a colon


@dataclass(frozen=True, eq=False)
class Lattice:
    """Proposed signs and their features.

    Args:
        order: `(n,)` int64, the pieces from left to right.
        proposals: the pieces of each sign, ascending.
        boxes: `(signs, 4)` float64.
        shapes: `(signs, len(SHAPES))` float64, the prior's features.
        dots: `(signs,)` bool, whether it is a point, or a few, as in a colon,
            which look like a 3 to a network that does not see their size.
    """

    order: npt.NDArray[np.int64]
    proposals: list[tuple[int, ...]]
    boxes: npt.NDArray[np.float64]
    shapes: npt.NDArray[np.float64]
    dots: npt.NDArray[np.bool_]


SHAPES = (
    "one",  # 1, the bias
    "joined",  # number of sources (before cutting) minus one
    "short",  # how much lower than the line, as a logarithm
    "low",  # its square, up to a larger limit
    "tall",  # how much taller than the line of others, as a logarithm
    "wide",  # how much wider than the line is tall, as a logarithm
    "apart",  # how far its pieces are from each other
    "beside",  # how far the boxes of its pieces lie beside each other
    "shared",  # how far they share columns
    "cuts",  # cuts that separate it from ink it was connected with
    "sliced",  # how much ink these cuts go through, in pens' widths
    "near",  # how near other ink is
    "stacked",  # how near other ink is right above or below
    "crossed",  # other ink that shares both columns and rows with it
    "covered",  # as "crossed", but only for ink that shares nearly all
    "encloses",  # whether there is other ink inside it
    "all",  # whether there is no other ink
    "corner",  # how its straight ink meets other ink: at the ends of both,
    "tee",  # at the end of one,
    "cross",  # or at the end of neither
    "corners",  # the same three for its pieces among themselves
    "tees",
    "crosses",
)


def build_lattice(pieces: Pieces) -> Lattice:
    """Proposes signs.

    Args:
        pieces: of ink.

    Returns:
        The lattice, which includes each piece alone. For more than
        `MAX_PIECES`, all of them together are the only proposal.
    """
    n = len(pieces.boxes)
    if n == 0 or n > MAX_PIECES:
        return _propose_all(pieces)
    lines = measure_lines(pieces.boxes)
    middle = pieces.boxes[:, 0] + pieces.boxes[:, 2]
    order = np.lexsort((pieces.boxes[:, 1], middle))
    pairs = measure_pairs(pieces, lines)
    rank = np.empty(n, np.int64)
    rank[order] = np.arange(n)
    proposals = propose(pieces, lines, pairs, rank)
    members = np.zeros((len(proposals), n), bool)
    for row, group in enumerate(proposals):
        members[row, list(group)] = True
    boxes = np.stack(
        [
            np.concatenate(
                [
                    pieces.boxes[list(group), :2].min(0),
                    pieces.boxes[list(group), 2:].max(0),
                ]
            )
            for group in proposals
        ]
    )
    shapes = _describe(pieces, lines, pairs, members, boxes)
    size = (pieces.boxes[:, 2:] - pieces.boxes[:, :2]).max(1)
    count = members.sum(1)
    dots = ~(members @ (size > DOT * lines)) & (count <= min(DOTS, n - 1))
    return Lattice(order, proposals, boxes, shapes, dots)


def _propose_all(pieces):
    """Proposes all pieces as one sign; nothing if there are no pieces."""
    boxes = pieces.boxes
    signs = int(len(boxes) > 0)
    around = [boxes[:, :2].min(0), boxes[:, 2:].max(0)] if signs else []
    return Lattice(
        np.arange(len(boxes)),
        [tuple(range(len(boxes)))] * signs,
        np.concatenate(around or [[]]).reshape(signs, 4),
        np.zeros((signs, len(SHAPES))),
        np.zeros(signs, bool),
    )


def _describe(pieces, lines, pairs, members, boxes):
    """Computes `SHAPES` of each proposal."""
    line = np.maximum((members * lines).max(1), 1e-12)
    wide, tall = ((boxes[:, 2:] - boxes[:, :2]) / line[:, None] + 1e-3).T
    one, two = members[:, pairs.one], members[:, pairs.two]
    within = (one & two).astype(np.float64)
    border = (one ^ two).astype(np.float64)
    apart_pair = pairs.cut == 0
    # Each piece need only be linked to one of its neighbours.
    links = within @ apart_pair.astype(np.float64)
    sources = np.array(
        [len(np.unique(pieces.sources[row])) for row in members], np.float64
    )
    weight = within * apart_pair / np.maximum(links, 1)[:, None]
    weight *= (sources - 1)[:, None]
    close = np.clip(1 - pairs.apart / CLOSE, 0, 1) * apart_pair
    common = pairs.shared * pairs.level
    holds = (one & ~two & (pairs.inside == -1)) | (
        two & ~one & (pairs.inside == 1)
    )
    short = np.maximum(-np.log(np.maximum(tall, 0.02) / 0.9), 0)
    whole = members.all(1).astype(np.float64)
    return np.stack(
        [
            np.ones(len(members)),
            sources - 1,
            np.minimum(short, 1),
            np.minimum(short, 3) ** 2,
            np.maximum(np.log(tall / 1.1), 0) * (1 - whole),
            np.maximum(np.log(wide / 0.8), 0),
            weight @ pairs.apart,
            weight @ np.clip(pairs.beside, 0, 1),
            weight @ pairs.shared,
            border @ (pairs.cut > 0),
            border @ pairs.cut,
            border @ close,
            border @ (close * pairs.shared * (pairs.level < STACKED)),
            border @ (common * apart_pair),
            border @ (common**4 * apart_pair),
            holds.any(1).astype(np.float64),
            whole,
            *(border @ pairs.meet).T,
            *(within @ pairs.meet).T,
        ],
        axis=1,
    )
