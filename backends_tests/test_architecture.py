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


def layers():
    """The order of the house, as CONTRIBUTING.md has it, top first."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    block = text.split("<!-- house -->")[1]
    return re.findall(r"^(\w+)  ", block, re.MULTILINE)


def place_of(module, order):
    head = module.split(".")[0]
    return order.index(head) if head in order else None


def test_contributing_names_every_module_and_no_other():
    heads = {name.split(".")[0] for name in modules()}
    heads -= {"__init__", "__main__"}
    assert sorted(layers()) == sorted(heads)


def test_imports_run_one_way():
    order = layers()
    wrong = []
    for name, path in modules().items():
        place = place_of(name, order)
        if place is None:
            continue
        for target in imports(path):
            parts = target.split(".")
            if parts[0] != "mnistcnn" or len(parts) < 2:
                continue
            other = place_of(parts[1], order)
            if other is not None and other > place:
                wrong.append(f"{name} imports {target}")
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
    watched = sorted(FRAMEWORKS | {"keras", "cv2", "matplotlib", "pygame"})
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
        ("import mnistcnn.canvas", []),
        ("import mnistcnn.data", ["cv2"]),
        ("import mnistcnn.board", ["cv2"]),
        ("import mnistcnn.report", ["matplotlib"]),
    ],
)
def test_what_an_import_loads(code, expected):
    assert loaded_by(code) == expected


def test_no_module_is_too_long_to_hold_in_the_head():
    for name, path in modules().items():
        lines = len(path.read_text().splitlines())
        assert lines <= 300, f"{name}: {lines} lines"


def test_the_installed_package_is_tested():
    # Not the source tree, which would hide what the wheel leaves out; unless
    # a developer asks for it by PYTHONPATH.
    if str(ROOT) not in os.environ.get("PYTHONPATH", "").split(os.pathsep):
        assert PACKAGE.parent != ROOT
        tops = {f.parts[0] for f in importlib.metadata.files("mnistcnn")}
        assert {t for t in tops if t.isidentifier()} == {"mnistcnn"}
