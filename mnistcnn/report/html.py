"""HTML pages that stand alone: no network, no script, light and dark.

Markup is made by `tag` only, and `tag` escapes every child that is not markup
itself: nothing that comes from a file reaches a page unescaped.
"""

import base64
import html
from collections.abc import Iterable, Sequence
from pathlib import Path

from mnistcnn.errors import DataError
from mnistcnn.figures.drawing import DPI
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
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name_="viewport", content="width=device-width"),
        tag("meta", name_="color-scheme", content="light dark"),
        tag("title", title),
        tag("style", Markup(STYLESHEET)),
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


# Pictures are dark ink on white. In the dark they are inverted and their hue is
# turned back: white becomes the page's black, and blue stays blue.
STYLESHEET = """
:root { color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --ink: #1d2433; --muted: #5d6678;
  --rule: #dfe3ea; --accent: #4b3fa8; --loss: #a8200d;
  --warn: #fff3cd; --edge: #d99a00; }
@media (prefers-color-scheme: dark) { :root {
  --page: #0a0a0b; --card: #141414; --ink: #e8e8ea; --muted: #a0a3ab;
  --rule: #2e2f34; --accent: #a99ff5; --loss: #ff9a85;
  --warn: #3a2d05; --edge: #d99a00; }
  figure img { filter: invert(0.92) hue-rotate(180deg); } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 70rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
header { margin: 0 0 2rem; }
.over { color: var(--accent); font-weight: 600; margin: 0 0 0.5rem; }
h1 { font-size: clamp(1.35rem, 1rem + 1.8vw, 2.1rem); line-height: 1.25;
  margin: 0; max-width: 58rem; text-wrap: pretty; }
h1.long { font-size: clamp(1.15rem, 1rem + 0.7vw, 1.5rem); line-height: 1.4; }
h1 .claim { color: var(--accent); }
h1 span { white-space: nowrap; }
h2 { font-size: 1.15rem; margin: 0 0 0.75rem; }
.columns { columns: 2 25rem; column-gap: 1rem; margin: 0 0 1rem; }
.columns section:last-child { margin-bottom: 0; }
section { background: var(--card); border: 1px solid var(--rule);
  border-radius: 10px; padding: 1rem 1.25rem; margin: 0 0 1rem;
  break-inside: avoid; }
figure { margin: 0; }
img { display: block; width: 100%; max-width: 36rem; height: auto;
  margin: 0 auto; }
figcaption, .note { color: var(--muted); font-size: 0.875rem;
  margin: 0.5rem 0 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 0.9375rem;
  font-variant-numeric: tabular-nums; }
th, td { padding: 0.3rem 0.75rem 0.3rem 0; text-align: left;
  vertical-align: top; border-bottom: 1px solid var(--rule); }
thead th { color: var(--muted); font-weight: 600; font-size: 0.8125rem; }
tbody th { font-weight: 500; }
tfoot th, tfoot td { font-weight: 700; }
tbody tr:last-child > *, tfoot tr > * { border-bottom: 0; }
tfoot tr > * { border-top: 2px solid var(--rule); }
.facts tbody th { color: var(--muted); white-space: nowrap; }
.facts td { overflow-wrap: anywhere; min-width: 6.5rem; }
.scores .number { text-align: right; }
.scores td { white-space: nowrap; }
td small { display: block; color: var(--muted); white-space: nowrap; }
td small.said { white-space: normal; min-width: 9rem; }
td .loss, td small.slower { color: var(--loss); font-weight: 700; }
.scores tr > :last-child { padding-right: 0; }
.banner { position: sticky; top: 0; z-index: 1; padding: 0.6rem 1rem;
  background: #ffd166; color: #1d2433; text-align: center; font-weight: 700;
  font-size: 1.125rem; border-bottom: 3px solid #d99a00; }
.warnings { background: var(--warn); border-color: var(--edge); }
.warnings ul { margin: 0; padding-left: 1.25rem; overflow-wrap: anywhere; }
@media (max-width: 30rem) { main { padding: 1.25rem 0.75rem 3rem; }
  section { padding: 0.75rem; } table { font-size: 0.8125rem; }
  thead th { font-size: 0.75rem; } th, td { padding-right: 0.4rem; }
  .banner { font-size: 1rem; } }
@media print { :root { --page: #fff; --card: #fff; --ink: #000;
  --muted: #444; --rule: #ccc; --accent: #4b3fa8; --warn: #fff3cd; }
  body { font-size: 10pt; } main { max-width: none; padding: 0; }
  .banner { position: static; }
  figure img { filter: none; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
"""
