"""Draws the packages of mnistcnn and their imports: `docs/house.svg`.

`python docs/house.py` reads the imports from the source and the floors from
the list in CONTRIBUTING.md. It needs nothing but Python.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from house_drawing import draw_house

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs" / "house.svg"


def read_house(text: str) -> dict[str, tuple[int, str]]:
    """Reads the list of packages.

    Args:
        text: of CONTRIBUTING.md.

    Returns:
        By package, its floor, from 1 up, and its description.
    """
    block = text.split("<!-- house -->")[1]
    found = re.findall(r"^(\d)  (\w+) +(.+)$", block, re.MULTILINE)
    return {name: (int(floor), about) for floor, name, about in found}


def read_imports(package: Path) -> dict[str, set[str]]:
    """Reads which packages each package imports, from the modules' source.

    Args:
        package: the folder of `mnistcnn`.
    """
    imports: dict[str, set[str]] = {}
    for path in sorted(package.rglob("*.py")):
        name = path.relative_to(package).with_suffix("").parts[0]
        for target in _list_imports(path):
            parts = target.split(".")
            if parts[0] == package.name and parts[1:] and parts[1] != name:
                imports.setdefault(name, set()).add(parts[1])
    return imports


def _list_imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{a.name}" for a in node.names)


def reduce_imports(imports: Mapping[str, set[str]]) -> list[tuple[str, str]]:
    """Drops each import that follows from others (transitive reduction).

    Args:
        imports: without a cycle.

    Returns:
        Pairs of a package and one that it imports, in order.
    """

    def reach(name: str) -> set[str]:
        direct = imports.get(name, set())
        return direct.union(*(reach(other) for other in direct))

    return sorted(
        (name, target)
        for name, direct in imports.items()
        for target in direct
        if not any(target in reach(other) for other in direct - {target})
    )


def draw(text: str, package: Path) -> str:
    """Draws the house.

    Args:
        text: of CONTRIBUTING.md, whose list has the floors.
        package: the folder of `mnistcnn`.

    Returns:
        An SVG picture. There are no arrows to the ground floor, which all
        packages may import.
    """
    house = read_house(text)
    ground = min(floor for floor, _ in house.values())
    above = {name for name, (floor, _) in house.items() if floor > ground}
    imports = {
        name: targets & above
        for name, targets in read_imports(package).items()
        if name in above
    }
    return draw_house(house, reduce_imports(imports))


def main() -> None:
    """Writes the picture."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    PICTURE.write_text(draw(text, ROOT / "mnistcnn"), encoding="utf-8")


if __name__ == "__main__":
    main()
