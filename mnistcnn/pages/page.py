"""Self-contained pages: templates, filled in with plain data.

A page is one file that loads nothing and runs nothing. The templates (Jinja2)
hold all markup and escape every value; `templates/base.html` is the frame of
each page, `templates/macros.html` has its tables, figures and warnings.
"""

import functools
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2

from mnistcnn.errors import DataError
from mnistcnn.files import read_regular, write_atomically
from mnistcnn.pages.filters import FILTERS, embed

_MAX_BYTES = 64 << 20
# Figures are drawn at 200 dots per inch, and shown at 110.
_SCALE = 110 / 200
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class Table:
    """A table, whose first cell of each row is that row's heading.

    Args:
        rows: the cells; the page's template formats those that are not text.
        head: the headings of the columns, or nothing.
        foot: a last row set apart, or nothing.
        words: how many columns from the left hold words, the others being
            numbers; None where all do.
    """

    rows: Sequence[Sequence[object]]
    head: Sequence[str] = ()
    foot: Sequence[str] = ()
    words: int | None = None


@dataclass(frozen=True)
class Figure:
    """A picture, embedded in the page itself.

    Args:
        title: the heading above it.
        source: the picture as a `data:` URL.
        width: of the picture on the page, in pixels.
        height: the same.
        alt: what it shows, for who cannot see it.
        caption: what stands below it, or nothing.
    """

    title: str
    source: str
    width: int
    height: int
    alt: str
    caption: str = ""


def read_figure(
    path: Path, title: str, *, alt: str = "", caption: str = ""
) -> Figure:
    """Reads a PNG into a figure.

    Args:
        path: the PNG.
        title: the heading above it.
        alt: what it shows, for who cannot see it; by default its title.
        caption: what stands below it, or nothing.

    Returns:
        The figure.

    Raises:
        DataError: the file cannot be read or is not a PNG.
    """
    try:
        data = read_regular(path, max_bytes=_MAX_BYTES)
    except OSError as error:
        raise DataError(
            f"Expected a picture. Received: {path} ({error.strerror}). Draw "
            "the run's figures anew."
        ) from error
    if not data.startswith(_SIGNATURE) or len(data) < 24:
        raise DataError(
            f"Expected a PNG. Received: {path}, which is not a PNG. Draw the "
            "run's figures anew."
        )
    # The size from the header, so that the page can reserve the room.
    width, height = (
        round(int.from_bytes(data[start : start + 4], "big") * _SCALE)
        for start in (16, 20)
    )
    return Figure(title, embed(data), width, height, alt or title, caption)


def draw_figure(draw: Callable[[Path], object], title: str) -> Figure:
    """Draws a picture that is not kept as a file.

    Args:
        draw: draws it into a PNG.
        title: the heading above it, and its alternative text.

    Returns:
        The figure.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "figure.png"
        draw(path)
        return read_figure(path, title)


def render(
    template: str, *, folder: str | Path | None = None, **values: object
) -> str:
    """Fills in a template; all values are escaped.

    Filters format numbers as `units` does (`count`, `decimal`, `duration`,
    `percent`) and keep them with their units (`bind_units`).

    Args:
        template: the name of a file in `mnistcnn/pages/templates`, or in
            the folder.
        folder: one with templates of the caller's own, which may extend
            `base.html` and import `macros.html`.
        **values: the values that the template names. A missing one is an error,
            never left empty.

    Returns:
        The text.

    Raises:
        jinja2.UndefinedError: a value that the template names is missing.
    """
    return _environment(folder).get_template(template).render(values)


def write_page(
    path: str | Path,
    template: str,
    *,
    title: str,
    banner: str = "",
    folder: str | Path | None = None,
    **values: object,
) -> Path:
    """Writes a page atomically.

    Args:
        path: where the page goes; parent folders are made.
        template: a template that extends `base.html`, as of `render`.
        title: the name of the page in the browser.
        banner: a warning that stays in sight, or nothing.
        folder: as of `render`.
        **values: as of `render`.

    Returns:
        `path`.
    """
    page = render(template, folder=folder, title=title, banner=banner, **values)
    write_atomically(path, page.encode())
    return Path(path)


@functools.cache
def _environment(folder: str | Path | None) -> jinja2.Environment:
    own: Iterable[jinja2.BaseLoader] = (
        [jinja2.FileSystemLoader(folder)] if folder else []
    )
    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader(
            [*own, jinja2.PackageLoader("mnistcnn.pages")]
        ),
        # For every template, whatever its name, since values come from files.
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= FILTERS
    return environment
