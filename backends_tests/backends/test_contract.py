"""Holds each backend's module to the contract, with no framework there."""

import ast
import importlib.util
import io
import tokenize
from pathlib import Path

import pytest

from mnistcnn.backends import TITLES
from mnistcnn.backends import contract as written

pytestmark = pytest.mark.core

ROOT = Path(__file__).parents[2]
FOLDER = Path(written.__file__).parent


def read_class(tree, name):
    return next(
        node
        for node in tree.body
        if isinstance(node, ast.ClassDef) and node.name == name
    )


def read_members(body):
    """Functions by what they take and return, constants by their name."""
    members = {}
    for node in body:
        if isinstance(node, ast.FunctionDef):
            taken = [a.arg for a in node.args.args if a.arg != "self"]
            returned = node.returns and ast.unparse(node.returns)
            members[node.name] = (taken, returned)
        elif isinstance(node, ast.AnnAssign | ast.Assign):
            target = getattr(node, "target", None) or node.targets[0]
            members[target.id] = "constant"
        elif isinstance(node, ast.ClassDef):
            made = read_members(node.body)["__init__"]
            members[node.name] = (made[0], "PlanTrainer")
    return members


def public(members):
    return {n: m for n, m in members.items() if not n.startswith("_")}


def parse(name):
    return ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", TITLES)
def test_a_backend_has_what_the_contract_asks_for_and_no_more(name):
    expected = read_members(read_class(parse("contract"), "Backend").body)
    assert public(read_members(parse(name).body)) == expected
    assert {"describe_device", "VERSION", "Trainer"} <= set(expected)


@pytest.mark.parametrize("name", TITLES)
def test_its_trainer_has_the_contract_s_methods(name):
    expected = read_class(parse("contract"), "PlanTrainer")
    found = read_class(parse(name), "Trainer")
    assert public(read_members(found.body)) == read_members(expected.body)


@pytest.mark.parametrize("name", TITLES)
def test_the_operations_of_a_plan_are_all_there(name):
    script = load_script()
    planned = ast.unparse(
        next(
            node.value
            for node in parse("plans").body
            if isinstance(node, ast.Assign)
            and node.targets[0].id == "Operation"
        )
    )
    assert script.list_operations(name) == planned.split(" | ")


def load_script():
    path = ROOT / "docs" / "backends.py"
    spec = importlib.util.spec_from_file_location("backends_table", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_table_of_who_has_what_is_of_today():
    script = load_script()
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert script.insert_table(text) == text, "python docs/backends.py"


# What trains by a plan, beside the class `Trainer` of the backend's module.
# Beside an engine: several devices, and what PyTorch makes faster of Keras'
# optimizers and of any function's kernels.
ENGINES = {
    "jax": ("steps", "operations", "products"),
    "torch": ("steps", "operations", "dropout"),
    "tensorflow": ("steps", "operations"),
}
BESIDE = ("devices", "exactness", "graphs", "optimizers")
LIMIT = 220


def count_code(text):
    """The lines that hold code: no docstring, no comment, nothing blank."""
    skipped = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE)
    skipped += (tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
    lines = {
        line
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type not in skipped
        for line in range(token.start[0], token.end[0] + 1)
    }
    for node in ast.walk(ast.parse(text)):
        kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
        if isinstance(node, kinds) and ast.get_docstring(node) is not None:
            said = node.body[0]
            lines -= set(range(said.lineno, said.end_lineno + 1))
    return len(lines)


def count_engine(name, *more):
    text = (FOLDER / f"{name}.py").read_text()
    trainer = ast.get_source_segment(text, read_class(parse(name), "Trainer"))
    parts = [FOLDER / f"{name}_{part}.py" for part in (*ENGINES[name], *more)]
    return count_code(trainer) + sum(count_code(p.read_text()) for p in parts)


@pytest.mark.parametrize("name", TITLES)
def test_an_engine_fits_in_220_lines(name):
    found = count_engine(name)
    assert found <= LIMIT, found
    page = (ROOT / "benchmarks" / "README.md").read_text()
    assert f"{found} of {TITLES[name]}" in page


def test_the_page_says_what_pytorch_s_engine_has_with_all_that_speeds_it_up():
    found = count_engine("torch", "graphs", "optimizers")
    assert found <= 355, found
    page = (ROOT / "benchmarks" / "README.md").read_text()
    assert f"PyTorch's engine would be {found}" in page


@pytest.mark.parametrize("name", TITLES)
def test_each_module_of_a_backend_is_its_engine_s_or_named_beside_it(name):
    found = {p.stem.partition("_")[2] for p in FOLDER.glob(f"{name}_*.py")}
    assert found <= {*ENGINES[name], *BESIDE}
