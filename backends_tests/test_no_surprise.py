"""No code from data, no network but the download, no shell, no pickles."""

import ast
import importlib.util
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PACKAGE = Path(importlib.util.find_spec("mnistcnn").origin).parent
# What turns data into code, or starts a program.
CALLS = {
    "eval", "exec", "compile", "execfile", "__import__",
    "os.system", "os.popen", "os.startfile", "os.execv", "os.execve",
    "os.execvp", "os.spawnv", "os.spawnl", "os.fork", "pty.spawn",
    "builtins.eval", "builtins.exec", "runpy.run_path", "numpy.load",
}  # fmt: skip
MODULES = {
    "pickle", "cPickle", "marshal", "shelve", "dill", "joblib", "cloudpickle",
    "subprocess", "pty", "runpy", "code", "codeop", "ctypes",
}  # fmt: skip
# What --trust needs: a process, and the kernel's filter around it.
ALLOWED = {
    "cage.py": ["ctypes"],
    "opener.py": ["subprocess"],
    "unchecked.py": ["subprocess"],
}
# Our own scripts start processes; the rest of the package does not.
SCRIPTS = [
    *ROOT.glob("*.py"),
    *(ROOT / "benchmarks").rglob("*.py"),
    *(ROOT / "docs").glob("*.py"),
    *(ROOT / "backends_tests").glob("*.py"),
]


def dotted(node) -> str:
    """`os.system` of the expression that says so."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def find_evil(tree: ast.AST, *, package: bool) -> list[str]:
    """What a syntax tree must not hold."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = dotted(node.func)
            if package:
                found += [name] if name in CALLS else []
            elif name in ("eval", "exec", "os.system", "os.popen"):
                found.append(name)
            for keyword in node.keywords:
                # Not even a variable: it has to be seen that it is false.
                text = ast.unparse(keyword.value)
                if keyword.arg == "allow_pickle" and text != "False":
                    found.append(f"{keyword.arg}={text}")
                if keyword.arg == "shell" and text != "False":
                    found.append(f"{keyword.arg}={text}")
                if keyword.arg == "safe_mode" and text != "True":
                    found.append(f"{keyword.arg}={text}")
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        if package:
            found += [n for n in names if n.split(".")[0] in MODULES]
    return found


@pytest.mark.core
def test_the_package_turns_no_data_into_code():
    for path in sorted(PACKAGE.rglob("*.py")):
        evil = find_evil(ast.parse(path.read_text()), package=True)
        assert evil == ALLOWED.get(path.name, []), f"{path.name}: {evil}"


@pytest.mark.core
def test_nor_do_scripts_and_tests():
    for path in SCRIPTS:
        evil = find_evil(ast.parse(path.read_text()), package=False)
        assert not evil, f"{path.name}: {evil}"


@pytest.mark.core
@pytest.mark.parametrize(
    "code",
    [
        "eval(x)",
        "import os\nos.system(x)",
        "f(x, allow_" + "pickle=True)",
        "f(x, allow_" + "pickle=flag)",
        "run(x, shell=True)",
        "load_model(x, safe_mode=False)",
        "import pickle",
        "from subprocess import run",
    ],
)
def test_the_search_finds(code):
    assert find_evil(ast.parse(code), package=True)


# Every event of a whole run: train, score, report, resume, read, inspect.
CHILD = r"""
import os, sys
sys.path.insert(0, os.getcwd())
seen = []

def listen(name, arguments):
    if name.startswith(("socket.", "urllib.", "http.", "ftplib.", "smtplib.")):
        # A pair of the process's own, as event loops make.
        if name == "socket.__new__" and int(arguments[1]) == 1:
            return
        seen.append(f"{name} {arguments!r:.80}")
    elif name in WATCHED:
        seen.append(f"{name} {arguments!r:.80}")

WATCHED = {"os.system", "os.exec", "os.posix_spawn", "os.spawn", "pty.spawn",
           "pickle.find_class", "webbrowser.open"}
import mnistcnn
from mnistcnn import backends
from mnistcnn.backends import keras
# What frameworks do when they are loaded is not ours; from here on all is.
sys.addaudithook(listen)

import numpy as np
from mnistcnn import DigitClassifier, TrainConfig, load_data, train
from mnistcnn.training import complete_run
from mnistcnn.artifact import inspect_artifact
from mnistcnn.pictures import read_image

data = load_data("strokes", limit=150)
config = TrainConfig(epochs=2, batch_size=50)
result = train(config, data, out="run", verbose=False)
complete_run(result, data)
train(config, data, out="run", resume=True, verbose=False)
inspect_artifact(result.best)
classifier = DigitClassifier.from_artifact(result.best)
classifier.read(read_image("run/figures/samples.png"))
np.savez("few.npz", x_train=data.x_train, y_train=data.y_train,
         x_test=data.x_test, y_test=data.y_test)
load_data("few.npz")
print("\n".join(sorted(set(seen))), end="")
"""


@pytest.mark.any_backend
def test_a_whole_run_opens_no_connection_and_starts_no_program(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", CHILD],
        cwd=tmp_path,
        env={k: v for k, v in os.environ.items() if k != "MNISTCNN_DATA"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""


LOADING = r"""
import os, sys
seen = []
sys.addaudithook(lambda name, arguments: seen.append((name, arguments))
                 if name == "socket.connect" else None)
from mnistcnn.data import load_data
from mnistcnn.errors import DataError
try:
    load_data("mnist")
except DataError:
    pass
assert {a[1][1] for n, a in seen} == {9}, seen
print("only to the address that was asked for")
"""


@pytest.mark.core
def test_the_one_connection_is_the_download(tmp_path):
    environment = {
        **os.environ,
        "MNISTCNN_URL": "http://127.0.0.1:9/mnist.npz",
        "MNISTCNN_DATA": "",
        "KERAS_HOME": str(tmp_path),
        "HOME": str(tmp_path),
        "no_proxy": "*",
    }
    done = subprocess.run(
        [sys.executable, "-c", LOADING],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.stdout.startswith("only to"), done.stderr


# === Versions ===


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pairs = [line.split("==") for line in lines if not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pairs}


OF_THEIR_OWN = ("postgres", "scan", "trackers")


def requirements() -> list[Requirement]:
    """All that pyproject.toml asks for, CI's own tools as well."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    texts = [*project["build-system"]["requires"]]
    texts += project["project"]["dependencies"]
    for extra in project["project"]["optional-dependencies"].values():
        texts += extra
    for name, group in project["dependency-groups"].items():
        # These have environments of their own, and their pins there.
        if name not in OF_THEIR_OWN:
            texts += [text for text in group if isinstance(text, str)]
    return [Requirement(text) for text in texts]


@pytest.mark.core
def test_everything_has_a_lower_bound_and_a_pin_above_it():
    pinned = pins()
    for requirement in requirements():
        name = canonicalize_name(requirement.name)
        operators = {s.operator for s in requirement.specifier}
        assert operators == {">="}, name
        assert requirement.specifier.contains(pinned[name]), name


@pytest.mark.core
def test_what_has_an_environment_of_its_own_is_pinned_where_it_stands():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    for name in OF_THEIR_OWN:
        for text in project["dependency-groups"][name]:
            assert {s.operator for s in Requirement(text).specifier} == {"=="}


@pytest.mark.core
def test_cis_own_tools_are_pinned():
    assert {"nox", "pip", "virtualenv", "hatchling", "build"} <= set(pins())
    script = (ROOT / ".ci" / "run").read_text()
    for line in script.splitlines():
        if "install" in line and not line.startswith("#"):
            assert "-c constraints.txt" in line
