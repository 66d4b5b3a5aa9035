"""Writes the table of the backends' features into CONTRIBUTING.md.

`python docs/backends.py` reads the backends' source, imports none of them,
and needs mnistcnn installed.
"""

import ast
from pathlib import Path

from mnistcnn.artifact.formats import FORMATS
from mnistcnn.backends import TITLES, contract

ROOT = Path(__file__).parent.parent
FOLDER = Path(contract.__file__).parent
MARKS = "<!-- backends -->\n", "<!-- /backends -->\n"


def list_operations(name: str) -> list[str]:
    """Lists the plan operations that a backend implements."""
    return [
        node.cls.attr
        for node in _walk(name)
        if isinstance(node, ast.MatchClass)
        and isinstance(node.cls, ast.Attribute)
    ]


def list_activations(name: str) -> list[str]:
    """Lists the activations that a backend's engine implements."""
    return next(
        [ast.literal_eval(key) for key in node.value.keys if key]
        for node in _walk(name)
        if isinstance(node, ast.Assign | ast.AnnAssign)
        and isinstance(node.value, ast.Dict)
        and "ACTIVATIONS" in ast.unparse(node).split("=")[0]
    )


def describe_members(name: str) -> dict[str, str]:
    """Describes a backend's member for each name of the contract."""
    (tree, *_) = _walk(name)
    found = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            text = ast.get_docstring(node) or ""
            found[node.name] = text.partition("\n")[0]
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
            target = ast.unparse(node).split("=")[0].split(":")[0].strip()
            found[target] = f"`{ast.unparse(node.value)}`"
    return {n: said for n, said in found.items() if not n.startswith("_")}


def make_table() -> str:
    """Makes the table, in Markdown."""
    members = {name: describe_members(name) for name in TITLES}
    rows = [["", *TITLES.values()], ["---"] * (1 + len(TITLES))]
    for member in next(iter(members.values())):
        rows.append([f"`{member}`", *(members[n][member] for n in TITLES)])
    for title, listed in (
        ("operations of a plan", list_operations),
        ("activations", list_activations),
        ("`export` writes", _list_formats),
    ):
        rows.append([title, *(", ".join(listed(name)) for name in TITLES)])
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def insert_table(text: str) -> str:
    """Inserts the table between its markers.

    Args:
        text: of CONTRIBUTING.md.
    """
    before, rest = text.split(MARKS[0])
    _, after = rest.split(MARKS[1])
    return "".join([before, MARKS[0], make_table(), MARKS[1], after])


def _list_formats(name: str) -> list[str]:
    return [form for form, found in FORMATS.items() if name in found.writers]


def _walk(name: str) -> list:
    """Lists the nodes of the source of a backend's modules."""
    names = (name, f"{name}_operations", f"{name}_products")
    files = [f"{each}.py" for each in names]
    paths = [FOLDER / file for file in files if (FOLDER / file).exists()]
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in paths]
    return [node for tree in trees for node in ast.walk(tree)]


def main() -> None:
    """Writes the table."""
    path = ROOT / "CONTRIBUTING.md"
    text = insert_table(path.read_text(encoding="utf-8"))
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
