"""Several devices give the numbers of one; a lost process ends the others."""

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import many_devices
import numpy as np
import pytest

from mnistcnn import backends, load_data, recipe, train
from mnistcnn.artifact import inspect_artifact
from mnistcnn.errors import ConfigError
from running.launching import make_launch

pytestmark = pytest.mark.skipif(
    backends.active.describe_device()["kind"] != "cpu",
    reason="virtual devices are a CPU's",
)

FIELDS = {"epochs": 3, "batch_size": 50, "precision": "float32"}
COMMAND = [sys.executable, many_devices.__file__, "train"]
COMMAND += ["--data", "strokes", "--limit", "150", "--out", "run"]
for _name, _value in FIELDS.items():
    COMMAND += [f"--{_name.replace('_', '-')}", str(_value)]


def train_here(out, **options):
    data = load_data("strokes", limit=150)
    found = recipe("tutorial").vary(**FIELDS)
    return train(found, data, out=out, verbose=False, **options)


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """The same on one device; beside it, what its steps came to."""
    folder = tmp_path_factory.mktemp("alone")
    with pytest.MonkeyPatch.context() as patch:
        many_devices.note_steps(folder / "steps", patch.setattr)
        return train_here(folder / "run")


# A machine that does much else takes its time, which proves nothing.
PATIENCE = 300


@pytest.fixture
def start(tmp_path):
    """Starts the command line; what of it still runs is killed at the end."""
    begun = []
    yield (
        lambda *given, **variables: (
            begun.append(start_in(tmp_path, *given, **variables)) or begun[-1]
        )
    )
    for process in begun:
        process.kill()
        process.communicate()


def start_in(folder, *options, **variables):
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "TF_CPP_MIN_LOG_LEVEL": "2",
        # Virtual devices are a CPU's, and processes here share no GPU.
        "CUDA_VISIBLE_DEVICES": "",
        "JAX_PLATFORMS": "cpu",
        **variables,
    }
    return subprocess.Popen(
        [*COMMAND, *options],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def same_curves(found, expected):
    for row, other in zip(found, expected, strict=True):
        for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
            assert float(row[name]) == pytest.approx(other[name], abs=1e-4)


def read_steps(path):
    """The mean loss of each step, by the number of the epoch."""
    rows = np.loadtxt(path, ndmin=2)
    return {
        epoch: np.diff(rows[rows[:, 0] == epoch, 1], prepend=0)
        / FIELDS["batch_size"]
        for epoch in range(FIELDS["epochs"])
    }


def same_weights(path, expected):
    found, wanted = (
        [array for arrays in inspect_artifact(p).weights for array in arrays]
        for p in (path, expected)
    )
    for a, b in zip(found, wanted, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


def train_the_first_epoch(start, out):
    """On two virtual devices; where a device is a process, on one."""
    if backends.name == "torch":

        class Cutter(backends.keras.callbacks.Callback):
            def on_epoch_begin(self, epoch, logs=None):
                if epoch == 1:
                    raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            train_here(out, callbacks=Cutter())
        return
    process = start(
        "--devices=2",
        TEST_DIE_AT="2",
        TEST_STEPS="steps",
        XLA_FLAGS=os.environ.get("XLA_FLAGS", "")
        + " --xla_force_host_platform_device_count=2",
        TEST_VIRTUAL_DEVICES="2" if backends.name == "tensorflow" else "",
    )
    spoken, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == -signal.SIGKILL, said
    assert "into run, on 2 devices" in spoken


def test_virtual_devices_then_processes_of_which_one_is_killed_then_one_device(
    alone, tmp_path, start
):
    """An epoch each; in the end it is as if one device had trained."""
    out = tmp_path / "run"
    train_the_first_epoch(start, out)
    launch = make_launch(backends.name, 2)
    first = start("--resume", TEST_STEPS="steps", **launch[0])
    second = start(
        "--resume",
        TEST_DIE_AT="2",
        TEST_STEPS="others",
        **launch[1],
    )
    spoken, said = second.communicate(timeout=PATIENCE)
    # What it did was not its own to write, or to tell.
    assert spoken == ""
    assert second.returncode == -signal.SIGKILL, said
    begun = time.monotonic()
    spoken, said = first.communicate(timeout=PATIENCE)
    # 10 s are what is promised of a machine that does nothing else.
    assert time.monotonic() - begun < 60
    assert first.returncode == 4, said
    assert "into run, on 2 devices" in spoken
    lines = [line for line in said.splitlines() if "mnistcnn 0" in line]
    assert len(lines) == 1
    assert "Process 0 of 2 has lost another" in lines[0]
    assert "go on with --resume" in lines[0]
    steps = read_steps(tmp_path / "steps")
    expected = read_steps(alone.path.parent / "steps")
    # PyTorch has no virtual devices.
    for epoch in (1,) if backends.name == "torch" else (0, 1):
        np.testing.assert_allclose(steps[epoch], expected[epoch], atol=1e-5)
    result = train_here(out, resume=True)
    same_curves(result.history, alone.history)
    same_weights(result.best, alone.best)
    with (out / "history.csv").open() as file:
        same_curves(list(csv.DictReader(file)), alone.history)
    assert Path(result.path).samefile(out)


def test_more_devices_than_there_are_and_engines_that_take_one(tmp_path):
    with pytest.raises(ConfigError, match="devices is 9, and .* here. Expect"):
        train_here(tmp_path / "many", devices=9)
    with pytest.raises(ConfigError, match="devices is 'two'. Expected all, or"):
        train_here(tmp_path / "wrong", devices="two")
    assert not (tmp_path / "many").exists()


@pytest.mark.any_backend
def test_fit_refuses_several_devices():
    from mnistcnn import TrainConfig, build_model
    from mnistcnn.backends import Group
    from mnistcnn.training.epochs import make_epochs

    with pytest.raises(
        ConfigError,
        match="but this would be trained by Keras' fit, on one device",
    ):
        make_epochs(
            build_model(),
            TrainConfig(engine="fit"),
            [],
            group=Group(size=2),
        )
