"""No path is taken from a study, a table, a checkpoint or a card.

Who shares one of these with others would let them name a file to be read,
replaced or removed (`tune` once removed the folder that a trial named). The
sources are searched: what is read from such a place may not reach what opens.
"""

import ast
import importlib.util
from pathlib import Path

import pytest

pytestmark = pytest.mark.core

PACKAGE = Path(importlib.util.find_spec("mnistcnn").origin).parent

# What holds somebody else's words.
ATTRIBUTES = {"user_attrs", "system_attrs", "params", "card", "progress"}
READERS = {
    *("loads", "load", "DictReader", "reader", "read_progress", "read_run"),
    *("read_object", "inspect_artifact", "check_bytes", "get_trials"),
}
# What takes a path first: by these names, and all of these modules'.
OPENERS = {
    *("Path", "PurePath", "open", "fdopen", "read_regular", "open_regular"),
    *("make_folder", "write_atomically", "write_json", "load_artifact"),
    *("load_trusted", "start_with", "from_artifact", "rmtree", "unlink"),
}
MODULES = {"os", "shutil", "subprocess", "files"}
METHODS = {
    *("read_text", "read_bytes", "write_text", "write_bytes", "is_file"),
    *("is_dir", "glob", "rglob", "iterdir", "touch", "joinpath", "with_name"),
    *("unlink", "rename", "mkdir", "rmdir"),
}
# False positives, and uses that are checked: the line, and why.
HARMLESS = {
    'write_atomically(self.folder / row["file"], _png(digit.image))': (
        "a row that the board makes, from a number"
    ),
    "path = folder / name": "one name of a table, after it was checked",
    'stages = {"after": load_artifact(result.best)}': "a run of ours",
    'stages["scratch"] = load_artifact(scratch.best)': "a run of ours",
    "self.classifier_ = DigitClassifier.from_artifact(result.best)": (
        "a run of ours"
    ),
    "return low + (high - low) * step / warmup": "numbers",
    'part = min(1.0, (step - warmup) / schedule["decay_steps"])': "numbers",
    "(self.folder / file).unlink(missing_ok=True)": "as above, of before",
    'path = folder / f"{name}.png"': "a name of ours",
    "os.kill(number, 0)": "a whole number, and no signal",
    "share = FREQUENCY * (~rejected).sum() / rejected.sum()": "numbers",
    "weights = np.where(rejected, share, 1.0) / len(x)": "numbers",
    "p = 1 / (1 + np.exp(-np.clip(z, -40, 40)))": "numbers",
    'stat = Path(f"/proc/{number}/stat").read_text()': "a whole number",
    "return path if group.process == 0 else Path(told)": "named alone",
    "target = folder / name": "of a run's own process, and checked",
    "target.parent.mkdir(exist_ok=True)": "as above",
    "write_atomically(target, archive.read(name))": "as above",
}


def find_uses(source):
    """The lines where what was read reaches what opens, by names."""
    tree, lines = ast.parse(source), source.split("\n")
    # Of the module as a whole: one function hands on to another what it
    # read. Twice: a loop may use what a later line assigns.
    tainted = set()
    for _ in range(2):
        for node in ast.walk(tree):
            tainted |= set(_assigned(node, tainted))
    for node in ast.walk(tree):
        if _opens(node, tainted):
            yield lines[node.lineno - 1].strip()


def _assigned(node, tainted):
    if isinstance(node, ast.Assign):
        targets, value = node.targets, node.value
    elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value:
        targets, value = [node.target], node.value
    elif isinstance(node, ast.For | ast.comprehension):
        targets, value = [node.target], node.iter
    else:
        return
    if _is_tainted(value, tainted):
        for target in targets:
            for part in ast.walk(target):
                if isinstance(part, ast.Name):
                    yield part.id


def _is_tainted(node, tainted):
    return any(
        (isinstance(part, ast.Name) and part.id in tainted)
        or (isinstance(part, ast.Attribute) and part.attr in ATTRIBUTES)
        or (isinstance(part, ast.Call) and _name(part) in READERS)
        for part in ast.walk(node)
    )


def _name(call):
    function = call.func
    return getattr(function, "attr", getattr(function, "id", ""))


def _opens(node, tainted):
    if isinstance(node, ast.Call):
        name = _name(node)
        method = name in METHODS and isinstance(node.func, ast.Attribute)
        if method and _is_tainted(node.func.value, tainted):
            return True
        owner = getattr(getattr(node.func, "value", None), "id", "")
        if (name in OPENERS or owner in MODULES) and node.args:
            return _is_tainted(node.args[0], tainted)
    # A folder and a name in it.
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return _is_tainted(node.right, tainted)
    return False


@pytest.mark.parametrize(
    "source",
    [
        "shutil.rmtree(folder / trial.user_attrs['folder'])",
        "name = trial.user_attrs.get('folder')\npath = out / name",
        "def f(p):\n  card = inspect_artifact(p).card\n  open(card['start'])",
        "for row in csv.DictReader(s):\n  Path(row['file']).read_bytes()",
        "state = json.loads(text)\nos.unlink(state['path'])",
        "a, b = json.load(f)\n(out / b).mkdir()",
    ],
)
def test_a_use_is_found(source):
    assert list(find_uses(source))


def test_there_is_none():
    found = {
        line: path.relative_to(PACKAGE)
        for path in sorted(PACKAGE.rglob("*.py"))
        for line in find_uses(path.read_text())
    }
    new = {line: str(found[line]) for line in set(found) - set(HARMLESS)}
    assert new == {}
