"""HTML pages that stand alone: no network, no script, light and dark.

Markup is made by `tag` only, and `tag` escapes every child that is not markup
itself: nothing that comes from a file reaches a page unescaped.
"""

import base64
import html
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from mnistcnn.errors import DataError
from mnistcnn.figures import DPI
from mnistcnn.files import write_atomically

_VOID = {"img", "meta"}
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


class Markup(str):
    """Text that is HTML already."""


def tag(name: str, *children: object, **attributes: object) -> Markup:
    """Makes an element.

    Args:
        name: the element's name.
        *children: elements, or anything else, which is escaped.
        **attributes: attributes; a trailing underscore is dropped (`class_`).

    Returns:
        The element.

    Example:
        >>> str(tag("b", "1 < 2", class_="claim"))
        '<b class="claim">1 &lt; 2</b>'
    """
    opened = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html.escape(str(value))}"'
        for key, value in attributes.items()
    )
    if name in _VOID:
        return Markup(f"<{name}{opened}>")
    return Markup(f"<{name}{opened}>{join(*children)}</{name}>")


def join(*children: object) -> Markup:
    """Puts children one after another, escaping what is not markup.

    Args:
        *children: elements, or anything else, which is escaped.

    Returns:
        The markup.
    """
    return Markup(
        "".join(
            child if isinstance(child, Markup) else html.escape(str(child))
            for child in children
        )
    )


def section(title: str, *children: object) -> Markup:
    """Makes a part of a page with its heading.

    Args:
        title: the heading.
        *children: what stands below it.

    Returns:
        The section.
    """
    return tag("section", tag("h2", title), *children)


def bind(text: str) -> str:
    """Keeps numbers with their units, and "n 5", on one line.

    Args:
        text: a sentence.

    Returns:
        The sentence, with spaces that do not break.
    """
    units = r"(?<=\d) (?=(?:%|s|ms|µs|min|GiB|MiB|images/s)(?!\w))"
    return re.sub(rf"{units}|(?<=\bn) (?=\d)", "\u00a0", text)


def warn(warnings: Sequence[object]) -> Markup:
    """Makes the part of a page that says why it may mislead, if it may.

    Args:
        warnings: one sentence per reason.

    Returns:
        The section, or nothing.
    """
    if not warnings:
        return Markup()
    items = tag("ul", *[tag("li", warning) for warning in warnings])
    return tag("section", tag("h2", "Warnings"), items, class_="warnings")


def table(
    rows: Iterable[Sequence[object]],
    *,
    head: Sequence[object] = (),
    foot: Sequence[object] = (),
    words: int | None = None,
) -> Markup:
    """Makes a table whose first cell of each row is that row's heading.

    Args:
        rows: the cells; text is escaped.
        head: the headings of the columns, or nothing.
        foot: a last row set apart, or nothing.
        words: how many columns from the left hold words, the others being
            numbers; None where all do.

    Returns:
        The table, in a box that scrolls sideways where the page is narrow.
    """
    parts = []
    if head:
        parts.append(tag("thead", _row(head, words, scope="col")))
    parts.append(tag("tbody", *[_row(row, words) for row in rows]))
    if foot:
        parts.append(tag("tfoot", _row(foot, words)))
    kind = "facts" if words is None else "scores"
    return tag("div", tag("table", *parts, class_=kind), class_="scroll")


def image(path: Path, alt: str, *, caption: object = "") -> Markup:
    """Embeds a PNG in the page itself.

    Args:
        path: the PNG.
        alt: what it shows, for who cannot see it.
        caption: what stands below it, or nothing.

    Returns:
        The figure.

    Raises:
        DataError: the file cannot be read or is no PNG.
    """
    try:
        data = path.read_bytes()
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
        round(int.from_bytes(data[start : start + 4], "big") * 110 / DPI)
        for start in (16, 20)
    )
    source = "data:image/png;base64," + base64.b64encode(data).decode()
    shown = tag("img", src=source, alt=alt, width=width, height=height)
    below = [tag("figcaption", caption)] if caption else []
    return tag("figure", shown, *below)


def write_page(
    path: str | Path, *, title: str, body: object, banner: str = ""
) -> Path:
    """Writes a page, in one step.

    Args:
        path: where the page goes; parent folders are made.
        title: the name of the page in the browser.
        body: the markup of the page.
        banner: a warning that stays in sight, or nothing.

    Returns:
        `path`.
    """
    warning = (
        tag("div", banner, class_="banner", role="alert") if banner else ""
    )
    # The policy holds what the page promises: nothing is loaded, nothing runs.
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    style = Path(__file__).parent / "templates" / "style.css"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name_="viewport", content="width=device-width"),
        tag("meta", name_="color-scheme", content="light dark"),
        tag("title", title),
        tag("style", Markup(style.read_text(encoding="utf-8"))),
    )
    page = tag("html", head, tag("body", warning, tag("main", body)), lang="en")
    write_atomically(path, f"<!doctype html>\n{page}\n".encode())
    return Path(path)


def _row(
    cells: Sequence[object], words: int | None, *, scope: str = "row"
) -> Markup:
    """A row; all cells of a heading row are headings, else the first one."""
    parts = []
    for index, cell in enumerate(cells):
        options = {"class_": "number"} if index >= (words or len(cells)) else {}
        if index == 0 or scope == "col":
            parts.append(tag("th", cell, scope=scope, **options))
        else:
            parts.append(tag("td", cell, **options))
    return tag("tr", *parts)
