import json
import subprocess
import sys

import pytest

from mnistcnn import backends
from mnistcnn.backends import describe_environment, device_line


def run_python(code, tmp_path, **environment):
    """Runs code in a fresh process with a clean Keras home."""
    import os

    env = {k: v for k, v in os.environ.items() if k != "KERAS_BACKEND"}
    env |= {"KERAS_HOME": str(tmp_path), **environment}
    return subprocess.run(
        [sys.executable, "-c", code],
        env=env,
        capture_output=True,
        text=True,
    )


SHOW = "from mnistcnn import backends; print(backends.name)"


def test_the_module_is_the_one_that_was_asked_for():
    assert backends.name == backends.keras.config.backend()
    assert backends.active.__name__ == f"mnistcnn.backends.{backends.name}"
    assert backends.import_seconds > 0


def test_all_three_offer_the_same_names():
    import ast
    from pathlib import Path

    folder = Path(backends.__file__).parent
    names = {}
    for name in backends.TITLES:
        tree = ast.parse((folder / f"{name}.py").read_text())
        names[name] = {
            node.name: [a.arg for a in node.args.args]
            for node in tree.body
            if isinstance(node, ast.FunctionDef)
            and not node.name.startswith("_")
        }
    assert names["jax"] == names["torch"] == names["tensorflow"]
    assert "describe_device" in names["jax"]


def test_the_environment_is_recorded():
    environment = describe_environment()
    assert environment["backend"] == backends.name
    assert environment["versions"][backends.name][0].isdigit()
    assert environment["device"]["count"] >= 1
    assert environment["cores"] >= 1
    json.dumps(environment, allow_nan=False)
    line = device_line(environment)
    assert backends.TITLES[backends.name] in line
    assert environment["device"]["name"] in line


def test_without_a_choice_the_installed_one_is_taken_and_said(tmp_path):
    (tmp_path / "keras.json").write_text('{"backend": "nowhere"}')
    done = run_python(SHOW, tmp_path)
    assert done.stdout.strip() in backends.TITLES, done.stderr
    assert "KERAS_BACKEND is not set" in done.stderr
    assert "nowhere, is not installed" in done.stderr


def test_keras_own_default_is_respected_in_silence(tmp_path):
    config = {"backend": backends.name}
    (tmp_path / "keras.json").write_text(json.dumps(config))
    done = run_python(SHOW, tmp_path)
    assert done.stdout.strip() == backends.name
    assert "KERAS_BACKEND" not in done.stderr


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("theano", 'KERAS_BACKEND is "theano". Expected one of jax, torch'),
        ("numpy", 'KERAS_BACKEND is "numpy". Expected one of jax, torch'),
    ],
)
def test_an_unknown_backend_is_refused(name, text, tmp_path):
    done = run_python(SHOW, tmp_path, KERAS_BACKEND=name)
    assert done.returncode != 0
    assert text in done.stderr


def test_a_backend_that_is_not_installed_is_named(tmp_path):
    hide = (
        "import importlib.util as u\n"
        "find = u.find_spec\n"
        "u.find_spec = lambda n, *a: (\n"
        "    None if n in ('jax', 'torch', 'tensorflow') else find(n, *a))\n"
    )
    done = run_python(hide + SHOW, tmp_path, KERAS_BACKEND="torch")
    assert (
        'KERAS_BACKEND is "torch" but PyTorch is not installed. Expected it '
        'in this environment: pip install "mnistcnn[torch]"'
    ) in done.stderr
    done = run_python(hide + SHOW, tmp_path)
    assert "No backend is installed. Expected JAX, PyTorch or" in done.stderr


def test_keras_imported_before_decides(tmp_path):
    done = run_python(
        f"import keras, os; os.environ['KERAS_BACKEND'] = 'torch'\n{SHOW}",
        tmp_path,
        KERAS_BACKEND=backends.name,
    )
    assert done.stdout.strip() == backends.name, done.stderr


@pytest.mark.skipif(backends.name != "jax", reason="it is JAX that compiles")
def test_compiled_programs_are_kept(tmp_path, monkeypatch):
    monkeypatch.delenv("JAX_COMPILATION_CACHE_DIR", raising=False)
    code = (
        "from mnistcnn import DigitClassifier\n"
        "import numpy as np\n"
        "c = DigitClassifier.from_pretrained()\n"
        "c.predict(np.zeros((28, 28), np.uint8))"
    )
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)}
    done = run_python(code, tmp_path, KERAS_BACKEND="jax", **home)
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.rglob("jit_forward-*"))
