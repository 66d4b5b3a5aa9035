"""Holds the direction of the imports and who may name what."""

import ast
import importlib.metadata
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.core

ROOT = Path(__file__).parent.parent
PACKAGE = Path(importlib.util.find_spec("mnistcnn").origin).parent
FRAMEWORKS = {"jax", "jaxlib", "tensorflow", "torch"}


def modules():
    return {
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts): path
        for path in sorted(PACKAGE.rglob("*.py"))
    }


def imports(path, *, top_level=False):
    """The full names that a module imports."""
    tree = ast.parse(path.read_text())
    nodes = tree.body if top_level else ast.walk(tree)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{a.name}" for a in node.names)


def floors():
    """The floor of each package, as CONTRIBUTING.md has it."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    block = text.split("<!-- house -->")[1]
    found = re.findall(r"^(\d)  (\w+) ", block, re.MULTILINE)
    return {name: int(floor) for floor, name in found}


def crossings():
    """Each import of one package by another: module, head, target."""
    for name, path in modules().items():
        head = name.split(".")[0]
        for target in imports(path):
            parts = target.split(".")
            if parts[0] == "mnistcnn" and parts[1:] and parts[1] != head:
                yield name, head, parts[1:]


def test_contributing_names_every_package_and_no_other():
    heads = {name.split(".")[0] for name in modules()}
    assert set(floors()) == heads - {"__init__", "__main__"}


def test_the_root_holds_packages_and_little_else():
    assert len(list(PACKAGE.glob("*.py"))) <= 8
    assert max(floors().values()) <= 9


def test_imports_run_one_way():
    floor = floors()
    wrong = [
        f"{name} imports {target[0]}"
        for name, head, target in crossings()
        if head in floor
        and target[0] in floor
        and floor[target[0]] >= floor[head]
    ]
    assert not wrong


def test_the_parts_of_pictures_import_those_above_them():
    folder = PACKAGE / "pictures"
    about = ast.get_docstring(ast.parse((folder / "__init__.py").read_text()))
    parts = re.findall(r"^    (\w+) +\w", about, re.MULTILINE)
    assert set(parts) == {f.parent.name for f in folder.glob("*/__init__.py")}
    for place, part in enumerate(parts):
        for path in (folder / part).glob("*.py"):
            for target in imports(path):
                if target.startswith("mnistcnn.pictures."):
                    assert target.split(".")[2] in parts[: place + 1], path


def test_packages_are_imported_and_not_their_modules():
    packages = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    wrong = [
        f"{name} imports {'.'.join(target)}"
        for name, _, target in crossings()
        if target[0] in packages
        and (PACKAGE.joinpath(*target[:2]).with_suffix(".py")).exists()
    ]
    assert not wrong


def test_nothing_imports_the_ends():
    for name, path in modules().items():
        head = name.split(".")[0]
        if head in ("__main__", "cli", "board"):
            continue
        tops = {".".join(t.split(".")[:2]) for t in imports(path)}
        assert not tops & {"mnistcnn.cli", "mnistcnn.board"}, name


def test_frameworks_are_named_in_backends_alone():
    for name, path in modules().items():
        heads = {target.split(".")[0] for target in imports(path)}
        if not name.startswith("backends."):
            assert not heads & FRAMEWORKS, name


def test_keras_is_imported_where_its_backend_is_chosen():
    for name, path in modules().items():
        heads = {target.split(".")[0] for target in imports(path)}
        if not name.startswith("backends"):
            assert "keras" not in heads, name


def test_only_the_command_line_prints():
    for name, path in modules().items():
        calls = {
            node.func.id
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert "print" not in calls, name


def loaded_by(code):
    watched = sorted(
        FRAMEWORKS
        | {"keras", "cv2", "jinja2", "matplotlib", "pygame", "sklearn"}
    )
    code += f"\nimport sys; print(*[m for m in {watched} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return done.stdout.split()


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import mnistcnn", []),
        ("import mnistcnn.cli", []),
        ("import mnistcnn.artifact", []),
        ("import mnistcnn.backends.contract", []),
        ("import mnistcnn.ink.canvas", []),
        ("import mnistcnn.data.sources", ["cv2"]),
        ("import mnistcnn.board", ["cv2"]),
        ("import mnistcnn.sklearn", []),
        ("import mnistcnn.pages", []),
        ("import mnistcnn.figures", []),
        ("import mnistcnn.report", ["cv2", "jinja2", "matplotlib"]),
    ],
)
def test_what_an_import_loads(code, expected):
    assert loaded_by(code) == expected


def lines_of(node, *, start):
    """How many lines a module or a function has beside its docstring."""
    lines = node.body[-1].end_lineno - start + 1
    if ast.get_docstring(node) is None:
        return lines
    return lines - (node.body[0].end_lineno - node.body[0].lineno + 1)


def test_no_module_is_too_long_to_hold_in_the_head():
    for name, path in modules().items():
        tree = ast.parse(path.read_text())
        lines = lines_of(tree, start=1) if tree.body else 0
        assert lines <= 200, f"{name}: {lines} lines"


def test_no_function_is_too_long_or_takes_too_much():
    for name, path in modules().items():
        if name.startswith("cli."):  # a command lists its options
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.FunctionDef):
                continue
            where = f"{name}.{node.name}"
            lines = lines_of(node, start=node.lineno)
            assert lines <= 60, f"{where}: {lines} lines"
            taken = [*node.args.posonlyargs, *node.args.args]
            taken += node.args.kwonlyargs
            names = [a.arg for a in taken if a.arg not in ("self", "cls")]
            assert len(names) <= 8, f"{where} takes {len(names)}"


def test_the_installed_package_is_tested():
    # Not the source tree, which would hide what the wheel leaves out; unless
    # a developer asks for it by PYTHONPATH.
    if str(ROOT) not in os.environ.get("PYTHONPATH", "").split(os.pathsep):
        assert PACKAGE.parent != ROOT
        tops = {f.parts[0] for f in importlib.metadata.files("mnistcnn")}
        assert {t for t in tops if t.isidentifier()} == {"mnistcnn"}
