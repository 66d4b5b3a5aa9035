import importlib
import inspect
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mnistcnn import backends, build_model
from mnistcnn.backends import (
    Backend,
    Device,
    choose_precision,
    describe_environment,
    device_line,
    keras,
    make_plan,
)
from mnistcnn.backends.switch import choose


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


def test_the_live_backend_keeps_the_contract():
    for name, wanted in vars(Backend).items():
        if inspect.isfunction(wanted) and not name.startswith("_"):
            found = inspect.signature(getattr(backends.active, name))
            expected = list(inspect.signature(wanted).parameters)[1:]
            assert list(found.parameters) == expected, name
    for name, kind in inspect.get_annotations(Backend).items():
        assert type(getattr(backends.active, name)) is kind
    device = backends.active.describe_device()
    kinds = inspect.get_annotations(Device)
    assert {name: type(value) for name, value in device.items()} == kinds
    peak = backends.active.peak_device_bytes()
    assert peak is None if device["kind"] == "cpu" else type(peak) is int
    backends.active.seed_epoch(0, 0)


@pytest.mark.parametrize("n", [1, 3])
def test_a_predictor_gives_float32_probabilities_and_sees_new_weights(n):
    model = build_model(seed=1)
    predict = backends.active.make_predictor(model)
    images = np.full((n, 28, 28, 1), 200, np.float32)
    first = predict(images)
    assert type(first) is np.ndarray
    assert first.dtype == np.float32
    assert first.shape == (n, 10)
    np.testing.assert_allclose(first.sum(axis=1), 1, atol=1e-5)
    model.set_weights(build_model(seed=2).get_weights())
    assert np.abs(predict(images) - first).max() > 1e-3


@pytest.mark.skipif(backends.name != "torch", reason="PyTorch's own")
def test_a_predictor_sees_weights_that_pytorch_does_not_count():
    model = build_model(seed=0)
    predict = backends.active.make_predictor(model)
    images = np.full((1, 28, 28, 1), 200, np.float32)
    before = predict(images)
    model.trainable_variables[0].value.data.mul_(3)
    assert not np.allclose(predict(images), before)


@pytest.mark.skipif(backends.name != "torch", reason="PyTorch's own")
@pytest.mark.parametrize(("n", "expected"), [(1, 1), (16, 1), (32, 2)])
def test_a_few_images_are_read_by_one_thread_of_pytorch(
    monkeypatch, n, expected
):
    import torch
    from torch.nn import functional

    seen = []
    convolve = functional.conv2d
    monkeypatch.setattr(
        functional,
        "conv2d",
        lambda *a, **k: (
            seen.append(torch.get_num_threads()) or convolve(*a, **k)
        ),
    )
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        predict = backends.active.make_predictor(build_model(seed=0))
        predict(np.zeros((n, 28, 28, 1), np.float32))
        assert torch.get_num_threads() == 2
        with pytest.raises(Exception, match="invalid|shape|size|expected"):
            predict(np.zeros((1, 28, 28, 2), np.float32))
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    assert set(seen[:2]) == {expected}


def make_trainer():
    model = build_model(seed=1)
    model.compile(keras.optimizers.Adam(), "categorical_crossentropy")
    model.optimizer.build(model.trainable_variables)
    return backends.active.Trainer(model, make_plan(model), 4)


IMAGES = np.full((6, 28, 28, 1), 200, np.uint8)
TARGETS = np.eye(10, dtype=np.float32)[[0, 1, 2, 3, 4, 5]]


def test_a_trainer_gives_plain_numbers():
    trainer = make_trainer()
    trainer.load(IMAGES, TARGETS)
    trainer.step(0, 2, 2**31 - 1)
    assert type(trainer.loss()) is float
    for loss, right in (trainer.finish(), trainer.evaluate(IMAGES, TARGETS)):
        assert type(loss) is float
        assert type(right) is int
        assert loss > 0
        assert 0 <= right <= 6


def test_trainings_one_after_another_warn_of_nothing(caplog):
    """TensorFlow warned of its fifth graph, as in a cross-validation."""
    for _ in range(5):
        trainer = make_trainer()
        trainer.load(IMAGES, TARGETS)
        trainer.step(0, 1, 0)
        trainer.evaluate(IMAGES, TARGETS)
    assert not caplog.messages


@pytest.mark.parametrize(
    ("found", "pays", "expected"),
    [
        (True, True, "bfloat16"),
        (True, False, "float32"),
        (False, True, "float32"),
        (None, True, "float32"),
    ],
)
def test_bfloat16_is_chosen_where_it_is_quicker(
    found, pays, expected, monkeypatch
):
    core = importlib.import_module("numpy._core._multiarray_umath")
    monkeypatch.setattr(
        core, "__cpu_features__", {} if found is None else {"AVX512BF16": found}
    )
    device = {"kind": "cpu", "name": "cpu", "count": 1}
    monkeypatch.setattr(backends.active, "describe_device", lambda: device)
    monkeypatch.setattr(backends.active, "BFLOAT16_PAYS_ON_CPU", pays)
    assert choose_precision() == expected
    monkeypatch.setitem(device, "kind", "gpu")
    assert choose_precision() == "bfloat16"


def test_numpy_s_table_has_the_processor_s_bfloat16():
    core = importlib.import_module("numpy._core._multiarray_umath")
    try:
        flags = Path("/proc/cpuinfo").read_text().split()
    except OSError:
        flags = []
    # A name that NumPy has changed would be no flag at all, in silence.
    if (
        "avx512_bf16" in flags
        and np.lib.NumpyVersion(np.__version__) >= "2.4.0"
    ):
        assert core.__cpu_features__["AVX512BF16"]


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


@pytest.mark.any_backend
def test_without_a_choice_the_installed_one_is_taken_and_said(tmp_path):
    (tmp_path / "keras.json").write_text('{"backend": "nowhere"}')
    done = run_python(SHOW, tmp_path)
    assert done.stdout.strip() in backends.TITLES, done.stderr
    assert "KERAS_BACKEND is not set" in done.stderr
    assert "nowhere, is not installed" in done.stderr


@pytest.mark.any_backend
def test_keras_own_default_is_respected_in_silence(
    tmp_path, monkeypatch, caplog
):
    config = {"backend": backends.name}
    (tmp_path / "keras.json").write_text(json.dumps(config))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.delenv("KERAS_BACKEND")
    monkeypatch.delitem(sys.modules, "keras")
    assert choose() == backends.name
    assert not caplog.records


def test_an_unknown_backend_is_refused(tmp_path):
    done = run_python(SHOW, tmp_path, KERAS_BACKEND="theano")
    assert done.returncode != 0
    text = 'KERAS_BACKEND is "theano". Expected one of jax, torch, tensorflow'
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


@pytest.mark.any_backend
def test_keras_imported_before_decides(monkeypatch):
    other = next(name for name in backends.TITLES if name != backends.name)
    monkeypatch.setenv("KERAS_BACKEND", other)
    assert choose() == backends.name


HOMELESS = """
import os, pwd, sys
def find(number):
    raise KeyError(number)
pwd.getpwuid = find
"""


@pytest.mark.parametrize(
    "home", [None, pytest.param("gone", marks=pytest.mark.any_backend)]
)
def test_without_a_home_the_next_place_is_taken(home, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    home = home and str(tmp_path / home)
    code = f"""{HOMELESS}
for name in ("HOME", "KERAS_HOME", "XDG_CACHE_HOME"):
    os.environ.pop(name, None)
if {home!r}:
    os.environ["HOME"] = {home!r}
    # As for a user who may not make it, which root may.
    can, above = os.access, {str(tmp_path)!r}
    os.access = lambda path, mode: str(path) != above and can(path, mode)
from mnistcnn.data.mnist import cache_path, find_cached
from mnistcnn import backends
from mnistcnn.backends import keras_folder
find_cached()
# Frameworks make folders of their own where HOME leads.
print(cache_path(), keras_folder())
print(backends.keras.src.backend.config._KERAS_DIR)
"""
    done = run_python(code, tmp_path, KERAS_BACKEND=backends.name)
    assert done.stdout.split() == [
        "/tmp/.keras/datasets/mnist.npz",
        "/tmp/.keras",
        "/tmp/.keras",
    ], done.stderr
    # TensorFlow's own copy of Keras makes one.
    assert backends.name == "tensorflow" or not (tmp_path / "~").exists()


@pytest.mark.skipif(backends.name == "tensorflow", reason="it takes the CPU")
@pytest.mark.parametrize("asked", ["cuda", "nonsense"])
def test_a_device_that_is_not_there_is_one_line(asked, tmp_path):
    if asked == "cuda" and backends.active.describe_device()["kind"] == "gpu":
        pytest.skip("it is there")
    name = {"jax": "JAX_PLATFORMS", "torch": "KERAS_TORCH_DEVICE"}
    variables = {name[backends.name]: asked, "KERAS_BACKEND": backends.name}
    done = run_python(SHOW, tmp_path, **variables)
    last = done.stderr.splitlines()[-1]
    assert "BackendError" in last and f'is "{asked}"' in last
    assert "Expected" in last


@pytest.mark.skipif(backends.name != "tensorflow", reason="others are quiet")
def test_start_up_lines_stay_off_the_screen(tmp_path):
    show = (
        "import logging, sys\n"
        "logging.basicConfig(level='INFO', stream=sys.stdout)\n"
        f"{SHOW}; sys.stderr.write('mine')"
    )
    # As a spawned process has it, whose parent set it.
    variables = {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "2"}
    done = run_python(show, tmp_path, **variables)
    assert done.stderr == "mine"
    assert "INFO:mnistcnn.backends.switch:" in done.stdout


@pytest.mark.skipif(backends.name != "tensorflow", reason="TensorFlow's own")
def test_a_second_single_image_is_what_tensorflow_compiles_for(monkeypatch):
    traced = []
    trace = backends.active._trace
    monkeypatch.setattr(
        backends.active,
        "_trace",
        lambda *a, xla: traced.append(xla) or trace(*a, xla=xla),
    )
    predict = backends.active.make_predictor(build_model(seed=0))
    images = np.full((2, 28, 28, 1), 200, np.float32)
    first = predict(images[:1])
    assert traced == [False]
    second = predict(images[:1])
    predict(images[:1])
    predict(images)
    assert traced == [False, True]
    np.testing.assert_allclose(first, second, atol=1e-6)


@pytest.mark.skipif(backends.name != "jax", reason="it is JAX that compiles")
def test_nothing_is_compiled_anew_up_to_a_power_of_two(caplog):
    import jax

    predict = backends.active.make_predictor(build_model(seed=0))
    images = np.zeros((9, 28, 28, 1), np.float32)
    predict(images[:8])
    with jax.log_compiles(True):
        assert [len(predict(images[:n])) for n in (5, 6, 7)] == [5, 6, 7]
        assert not caplog.records
        predict(images)
        assert caplog.records  # so it would have been seen


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
