"""Backends of other packages, and those that Keras has and we do not."""

import gc
import importlib
import os
import subprocess
import sys

import pytest

from mnistcnn.backends import importing_little, list_installed
from mnistcnn.backends.registry import load_backend
from mnistcnn.errors import BackendError

# What a package of somebody else's brings, for Keras' own `numpy`.
PLUGIN = """
from mnistcnn.backends.other import *
VERSION = "7.8"
BFLOAT16_PAYS_ON_CPU = False

def describe_device():
    return {"kind": "cpu", "name": "abacus", "count": 1}
"""
READ = """
import numpy as np
from mnistcnn import DigitClassifier, backends
one = np.zeros((28, 28), np.uint8)
one[5:22, 13:16] = 255
classifier = DigitClassifier.from_pretrained()
print(*classifier.predict(one), classifier.backend)
print(backends.active.VERSION, backends.active.describe_device()["name"])
"""
TRAIN = """
from mnistcnn import TrainConfig, load_data, train
train(TrainConfig(epochs=1), load_data("strokes", limit=50), out="run")
"""


@pytest.mark.core
def test_keras_is_imported_without_what_training_never_asks_for(monkeypatch):
    names = {"matplotlib", "sklearn", "torch._dynamo"}
    for name in names:
        monkeypatch.delitem(sys.modules, name, raising=False)
    with importing_little():
        missing = {name for name, m in sys.modules.items() if m is None}
        assert missing >= {"matplotlib", "sklearn"}
        stub = importlib.import_module("torch._dynamo")
        assert stub.disable(len) is stub.disable()(len) is len
        assert not gc.isenabled()
    gc.unfreeze()
    assert gc.isenabled()
    # What comes later finds the modules themselves.
    assert not names & set(sys.modules)


@pytest.fixture
def package(tmp_path):
    """Installs a package with a backend into a folder of its own."""

    def install(source):
        facts = tmp_path / "abacus-1.2.dist-info"
        facts.mkdir()
        (facts / "METADATA").write_text("Name: abacus\nVersion: 1.2\n")
        entry = "[mnistcnn.backends]\nnumpy = abacus_backend\n"
        (facts / "entry_points.txt").write_text(entry)
        (tmp_path / "abacus_backend.py").write_text(source)
        return tmp_path

    return install


@pytest.fixture
def run(tmp_path):
    def run(code, backend="numpy"):
        path = os.pathsep.join([str(tmp_path), *sys.path])
        environment = os.environ | {
            "KERAS_BACKEND": backend,
            "PYTHONPATH": path,
            "TF_CPP_MIN_LOG_LEVEL": "2",
        }
        return subprocess.run(
            [sys.executable, "-c", code],
            env=environment,
            capture_output=True,
            text=True,
            cwd=tmp_path,
        )

    return run


@pytest.mark.core
def test_a_plugin_is_listed(package, monkeypatch):
    monkeypatch.syspath_prepend(package(PLUGIN))
    rows = {row["name"]: row for row in list_installed()[1:]}
    assert rows["numpy"]["by"] == "abacus"
    assert rows["numpy"]["version"] == "1.2"


@pytest.mark.core
def test_reading_without_a_framework_is_listed():
    first = list_installed()[0]
    assert (first["name"], first["can"]) == ("numpy", ["read"])


def keras_numpy():
    pytest.importorskip("jax", reason="Keras' numpy backend imports it")


def test_a_plugin_is_used(package, run):
    keras_numpy()
    package(PLUGIN)
    done = run(READ)
    assert done.stdout == "1 numpy\n7.8 abacus\n", done.stderr


def test_what_a_plugin_lacks_is_named(package, run, monkeypatch):
    keras_numpy()
    folder = package("VERSION = '0'\n")
    done = run(READ)
    assert "'numpy' of abacus_backend has no BFLOAT16_PAYS_ON" in done.stderr
    (folder / "abacus_backend.py").write_text("import nowhere\n")
    # As it was loaded there, which took seconds.
    monkeypatch.syspath_prepend(folder)
    text = "cannot be imported .ModuleNotFoundError: No mod"
    with pytest.raises(BackendError, match=text):
        load_backend("numpy")


def test_a_backend_that_keras_alone_has_reads_and_does_not_train(run):
    keras_numpy()
    done = run(READ + TRAIN)
    assert done.stdout.startswith("1 numpy\n"), done.stderr
    assert 'KERAS_BACKEND is "numpy", on which Keras can read' in done.stderr
    assert "Expected one of jax, torch, tensorflow to train" in done.stderr
