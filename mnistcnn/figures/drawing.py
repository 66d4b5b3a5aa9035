"""The house style of all pictures, and how they are written to files.

A picture is a PNG of one width, dark ink on white: narrow enough to be read on
a phone, and a page may invert it for a dark theme. It is drawn by Matplotlib's
objects, never by pyplot, so that no global state is left behind.
"""

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path

import matplotlib.style
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.patches import Rectangle

from mnistcnn.figures.marks import MARK
from mnistcnn.files import write_atomically

WIDTH = 4.8  # inches; on a phone's 360 pixels a 10 points' text is legible
DPI = 200
BAND = 0.3  # inches that a note adds to a picture's height
INK, MUTED, RULE, ACCENT = "#1d2433", "#667085", "#d5d9e0", "#4b3fa8"
STYLE = {
    "figure.dpi": DPI,
    "savefig.dpi": DPI,
    "font.family": "DejaVu Sans",  # ships with Matplotlib: alike everywhere
    "font.size": 10.5,
    "text.color": INK,
    "text.parse_math": False,  # a class named "$x" is no formula
    "axes.edgecolor": MUTED,
    "axes.labelcolor": MUTED,
    "axes.titlelocation": "left",
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": RULE,
    "grid.linewidth": 0.7,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
}
SLIM = {  # a legend in one line between title and axes
    "ncols": 4,
    "fontsize": 8.5,
    "handlelength": 1,
    "handletextpad": 0.4,
    "columnspacing": 1,
    "borderpad": 0,
}
# Okabe and Ito's palette, which colour-blind readers can distinguish. Each
# backend keeps its colour and its marker in every picture.
BACKEND_COLORS = {"jax": "#0072b2", "torch": "#d55e00", "tensorflow": "#009e73"}
BACKEND_MARKERS = {"jax": "o", "torch": "s", "tensorflow": "^"}
OTHER_COLOR, OTHER_MARKER = "#cc79a7", "D"


def choose_color(backend: str) -> str:
    """Returns the backend's colour; all other names share one."""
    return BACKEND_COLORS.get(backend, OTHER_COLOR)


def choose_marker(backend: str) -> str:
    """Returns the backend's marker; all other names share one."""
    return BACKEND_MARKERS.get(backend, OTHER_MARKER)


@contextlib.contextmanager
def picture(
    path: str | Path, size: tuple[float, float], *, note: str | None = None
) -> Iterator[Figure]:
    """Provides an empty figure in the house style, and writes it at the end.

    Args:
        path: where the PNG goes; parent folders are made.
        size: width and height in inches, the height without the note.
        note: printed across the top of the picture, or None.

    Yields:
        The figure to draw on.
    """
    with matplotlib.style.context(["default", STYLE]):
        width, height = size
        if note:
            height += BAND
        # With a note, the rest of the picture stays below its band.
        rect = (0, 0, 1, 1 - BAND / height if note else 1)
        layout = ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.06, rect=rect)
        figure = Figure(figsize=(width, height), layout=layout)
        yield figure
        if note:
            _stamp(figure, note)
        file = io.BytesIO()
        # Drawn only once: savefig() would draw it another time for the layout.
        FigureCanvasAgg(figure).print_png(
            file,
            metadata=MARK,
            # As small as with Pillow's default of 6, in two thirds of the time.
            pil_kwargs={"compress_level": 4},
        )
    write_atomically(path, file.getvalue())


def _stamp(figure: Figure, note: str) -> None:
    """Prints the note on a bar across the top, above everything else."""
    height = BAND / figure.get_size_inches()[1]
    bar = Rectangle(
        (0, 1 - height),
        1,
        height,
        transform=figure.transFigure,
        facecolor="#ffd166",
        edgecolor="none",
    )
    figure.add_artist(bar)
    figure.text(
        0.5,
        1 - height / 2,
        note,
        ha="center",
        va="center",
        color=INK,
        fontweight="bold",
    )
