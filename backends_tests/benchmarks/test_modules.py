"""How the modules of the benchmarks import each other."""

import ast
import doctest
import graphlib
import importlib
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.core

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def list_modules():
    """The modules by the names that they are imported by."""
    found = {}
    for path in BENCHMARKS.rglob("*.py"):
        # The proofs of reliability are scripts in a folder of their own.
        root = BENCHMARKS / "reliability"
        root = root if root in path.parents else BENCHMARKS
        parts = path.relative_to(root).with_suffix("").parts
        found[".".join(p for p in parts if p != "__init__")] = path
    return found


def list_imports(path):
    """The names that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_no_module_imports_itself_by_way_of_others():
    modules = list_modules()
    graph = {
        # A module's own package is loaded before it, whatever it imports.
        name: set(list_imports(path)) & set(modules) - {name.rpartition(".")[0]}
        for name, path in modules.items()
    }
    assert graph["peers.jax_loops"] == {
        "peers.jax_convolutions",
        "peers.jax_plain",
    }
    graphlib.TopologicalSorter(graph).prepare()


def read_rooms():
    """The rooms, in the order of their imports, as the README has them."""
    text = (BENCHMARKS / "README.md").read_text(encoding="utf-8")
    return re.findall(r"^(\w+) {2,}", text.split("<!-- rooms -->")[1], re.M)


def test_the_root_holds_commands_and_little_else():
    assert len(list(BENCHMARKS.glob("*.py"))) <= 12
    folders = {path.parent.name for path in BENCHMARKS.glob("*/__init__.py")}
    assert set(read_rooms()) == folders


def test_imports_between_rooms_run_one_way():
    floors = {room: floor for floor, room in enumerate(read_rooms(), start=1)}
    commands = dict.fromkeys((p.stem for p in BENCHMARKS.glob("*.py")), 99)
    for name, path in list_modules().items():
        room = name.split(".")[0]
        floor = floors.get(room, commands.get(room))
        if "reliability" in path.parts or floor is None:
            continue
        for target in list_imports(path):
            head = target.split(".")[0]
            if head != room:
                # What is of no room is a library's.
                assert (floors | commands).get(head, 0) < floor, (name, target)


def test_no_module_has_the_name_of_what_it_imports():
    # Run as a script, it would be found before what it means.
    for name, path in list_modules().items():
        assert path.stem not in set(list_imports(path)), name


def test_modules_and_functions_fit_a_screen():
    for path in list_modules().values():
        tree = ast.parse(path.read_text())
        assert count_lines(tree) <= 200, path
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                where = f"{path}: {node.name}"
                assert count_lines(node) <= 60, where
                taken = [*node.args.args, *node.args.kwonlyargs]
                assert len(taken) <= 8, where


def test_examples_run():
    count = 0
    for name, path in list_modules().items():
        if ">>> " in path.read_text(encoding="utf-8"):
            result = doctest.testmod(importlib.import_module(name))
            assert not result.failed, name
            count += result.attempted
    assert count > 10


def count_lines(node):
    """The lines of a module or function without its docstring."""
    last = max(part.end_lineno for part in node.body)
    first = getattr(node, "lineno", 1)
    said = node.body[0] if ast.get_docstring(node) else None
    return last - first + 1 - (said.end_lineno - said.lineno + 1 if said else 0)
