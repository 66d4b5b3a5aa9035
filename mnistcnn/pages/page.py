"""Pages that stand alone: templates, filled in with plain data.

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
# Figures are drawn with 200 dots an inch, and shown with 110.
_SCALE = 110 / 200
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class Table:
    """A table, whose first cell of each row is that row's heading.

    Args:
        rows: the cells; where they are not text, the page's template says
            how one is written.
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
    """A picture, held in the page itself.

    Args:
        title: the heading above it.
        source: the picture as a `data:` address.
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
        DataError: the file cannot be read or is no PNG.
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
            f"Expected a PNG. Received: {path}, which is none. Draw the run's "
            "figures anew."
        )
    # The header holds the pixels' count: the page keeps the room free.
    width, height = (
        round(int.from_bytes(data[start : start + 4], "big") * _SCALE)
        for start in (16, 20)
    )
    return Figure(title, embed(data), width, height, alt or title, caption)


def draw_figure(draw: Callable[[Path], object], title: str) -> Figure:
    """Draws a picture that no file is wanted of.

    Args:
        draw: draws it into a PNG.
        title: the heading above it, and what it shows.

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
    """Fills in a template; whatever is not the template's own is escaped.

    Filters write numbers as `units` does (`count`, `decimal`, `duration`,
    `percent`) and keep them with their units (`bind_units`).

    Args:
        template: the name of a file in `mnistcnn/pages/templates`, or in
            the folder.
        folder: one with templates of the caller's own, which may extend
            `base.html` and import `macros.html`.
        **values: what the template names. One that it names and that is not
            there is an error, never an empty place.

    Returns:
        The text.

    Raises:
        jinja2.UndefinedError: the template names a value that is not there.
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
    """Writes a page, in one step.

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
        # Of every template, whatever its name: values come out of files.
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= FILTERS
    return environment
