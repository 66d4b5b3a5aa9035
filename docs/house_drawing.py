"""The picture of the house: boxes on floors, and arrows between them."""

import itertools
import textwrap
from collections.abc import Mapping
from xml.etree import ElementTree

WIDTH, MARGIN, LEFT = 1000, 16, 34
BOX, LINE, GAP = 172, 14, 46  # a box's width, a line of text, between floors
LANE = 26  # the width reserved for an arrow that passes a floor
LETTERS = 25  # in a line of a box
TINTS = (  # one per floor: their number limits the floors
    *("#e8e8e8", "#dcebf7", "#e0f2e3", "#fbf0d5", "#f8e1dc", "#ebe2f4"),
    *("#dff3f1", "#f3e9e0", "#f2f2da"),
)
INK, ARROW = "#222222", "#5b7083"

# A package, or an arrow on its way through a floor: (start, end, floor).
Item = str | tuple[str, str, int]
Box = tuple[int, int, int, int]  # left, top, width, height


def draw_house(
    house: Mapping[str, tuple[int, str]], arrows: list[tuple[str, str]]
) -> str:
    """Draws packages as boxes, the highest floor on top.

    Args:
        house: by package, its floor, from 1 up, and its description.
        arrows: from a package to one on a lower floor; none to the ground.

    Returns:
        An SVG picture.
    """
    ground = min(floor for floor, _ in house.values())
    floors = {n: floor for n, (floor, _) in house.items() if floor > ground}
    rows, ways = arrange(floors, arrows)
    rows.append([name for name in house if name not in floors])
    about = {
        name: textwrap.wrap(words, LETTERS)
        for name, (_, words) in house.items()
    }
    boxes, height = _place(rows, about)
    svg = ElementTree.Element(
        "svg",
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {WIDTH} {height}",
        role="img",
    )
    svg.set("font-family", "Helvetica, Arial, sans-serif")
    title = ElementTree.SubElement(svg, "title")
    title.text = "The packages of mnistcnn and what they import"
    _rectangle(svg, (0, 0, WIDTH, height), "#ffffff", "none")
    for way in ways:
        _draw_arrow(svg, [boxes[item] for item in way])
    for name, (floor, _) in house.items():
        _draw_box(svg, boxes[name], name, about[name], floor)
    for row in rows:
        floor, _ = next(house[name] for name in house if name in row)
        top = boxes[row[0]][1] + 22
        _write(svg, (MARGIN, top), str(floor), size=18, fill=ARROW)
    ElementTree.indent(svg)
    return ElementTree.tostring(svg, encoding="unicode") + "\n"


def arrange(
    floors: Mapping[str, int], arrows: list[tuple[str, str]]
) -> tuple[list[list[Item]], list[list[Item]]]:
    """Orders each floor so that few arrows cross.

    Args:
        floors: of each package.
        arrows: from a package to one on a lower floor.

    Returns:
        The items of each floor from left to right, the highest floor first;
        and each arrow's way, from item to item.
    """
    ways: list[list[Item]] = []
    for start, end in arrows:
        between = range(floors[start] - 1, floors[end], -1)
        lanes: list[Item] = [(start, end, floor) for floor in between]
        ways.append([start, *lanes, end])
    rows: list[list[Item]] = []
    for floor in sorted(set(floors.values()), reverse=True):
        row: list[Item] = [n for n in floors if floors[n] == floor]
        row += [i for way in ways for i in way[1:-1] if i[2] == floor]
        rows.append(row)
    joined = [pair for way in ways for pair in itertools.pairwise(way)]
    # By the mean place of the neighbours (barycenter), down and up in turn.
    best, fewest = rows, len(joined) ** 2
    for _ in range(20):
        for upper, lower in itertools.pairwise(rows):
            _sort(lower, upper, [(b, a) for a, b in joined])
        for upper, lower in reversed(list(itertools.pairwise(rows))):
            _sort(upper, lower, joined)
        crossings = _count_crossings(rows, joined)
        if crossings < fewest:
            best, fewest = [list(row) for row in rows], crossings
    return best, ways


def _sort(
    row: list[Item], other: list[Item], joined: list[tuple[Item, Item]]
) -> None:
    """Sorts a floor by the places of the items that its items connect to."""
    places = {item: i / len(other) for i, item in enumerate(other)}
    own = {item: i / len(row) for i, item in enumerate(row)}

    def mean(item: Item) -> float:
        found = [places[b] for a, b in joined if a == item and b in places]
        return sum(found) / len(found) if found else own[item]

    row.sort(key=mean)


def _count_crossings(
    rows: list[list[Item]], joined: list[tuple[Item, Item]]
) -> int:
    places = {item: i for row in rows for i, item in enumerate(row)}
    depth = {item: i for i, row in enumerate(rows) for item in row}
    return sum(
        depth[a] == depth[c]
        and (places[a] - places[c]) * (places[b] - places[d]) < 0
        for a, b in joined
        for c, d in joined
    )


def _place(
    rows: list[list[Item]], about: Mapping[str, list[str]]
) -> tuple[dict[Item, Box], int]:
    """Places each item's box; also returns the whole picture's height."""
    boxes: dict[Item, Box] = {}
    top = MARGIN
    for row in rows:
        texts = [about[item] for item in row if isinstance(item, str)]
        height = 34 + LINE * max(map(len, texts))
        widths = [BOX if item in about else LANE for item in row]
        space = (WIDTH - LEFT - MARGIN - sum(widths)) / len(row)
        left = LEFT + space / 2
        for item, width in zip(row, widths, strict=True):
            boxes[item] = (round(left), top, width, height)
            left += width + space
        top += height + GAP
    return boxes, top - GAP + MARGIN


def _draw_arrow(svg: ElementTree.Element, way: list[Box]) -> None:
    """Draws an arrow from the foot of the first box to the roof of the last."""
    points = []
    for left, top, width, height in way:
        middle = left + width // 2
        points += [(middle, top), (middle, top + height)]
    points = points[1:-1]
    x, y = points[0]
    path = f"M{x} {y}"
    for index, (to_x, to_y) in enumerate(points[1:]):
        if index % 2:  # straight through a floor
            path += f" L{to_x} {to_y}"
        else:
            half = (y + to_y) // 2
            path += f" C{x} {half} {to_x} {half} {to_x} {to_y}"
        x, y = to_x, to_y
    stroke = {"d": path, "fill": "none", "stroke": ARROW, "stroke-width": "1.6"}
    ElementTree.SubElement(svg, "path", stroke)
    head = {"d": f"M{x} {y} l-4 -8 h8 z", "fill": ARROW}
    ElementTree.SubElement(svg, "path", head)


def _draw_box(
    svg: ElementTree.Element, box: Box, name: str, lines: list[str], floor: int
) -> None:
    left, top, *_ = box
    _rectangle(svg, box, TINTS[floor - 1], ARROW)
    _write(svg, (left + 10, top + 20), name, size=15, weight="bold")
    for number, line in enumerate(lines):
        _write(svg, (left + 10, top + 37 + LINE * number), line, size=11)


def _rectangle(
    svg: ElementTree.Element, box: Box, fill: str, stroke: str
) -> None:
    keys = ("x", "y", "width", "height")
    place = {key: str(value) for key, value in zip(keys, box, strict=True)}
    colors = {"fill": fill, "stroke": stroke, "rx": "5"}
    ElementTree.SubElement(svg, "rect", place | colors)


def _write(
    svg: ElementTree.Element,
    place: tuple[int, int],
    text: str,
    *,
    size: int,
    weight: str = "",
    fill: str = INK,
) -> None:
    x, y = map(str, place)
    element = ElementTree.SubElement(svg, "text", x=x, y=y, fill=fill)
    element.set("font-size", str(size))
    if weight:
        element.set("font-weight", weight)
    element.text = text
