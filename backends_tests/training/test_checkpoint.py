"""What a run needs to go on: whole, finite, and read as data."""

import csv
import io
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnistcnn.errors import ConfigError, DivergedError
from mnistcnn.network import build_model
from mnistcnn.training import TrainConfig
from mnistcnn.training.checkpoint import load_checkpoint, save_checkpoint
from mnistcnn.training.fitting import compile_model
from mnistcnn.training.loop import _to_csv
from mnistcnn.training.state import Progress, read_progress

CONFIG = TrainConfig(epochs=3)
ROW = {"epoch": 1, "loss": 2.0, "learning_rate": 0.1, "seconds": 1.5}
TRAINED = Progress({}, "", history=[ROW])
NAMES = ("loss", "accuracy", "val_accuracy", "learning_rate", "seconds")

finite = st.floats(allow_nan=False, allow_infinity=False)
histories = st.lists(
    st.fixed_dictionaries({name: finite for name in NAMES}), max_size=5
).map(lambda rows: [{"epoch": i + 1, **row} for i, row in enumerate(rows)])


@pytest.fixture(scope="module")
def model():
    model = build_model()
    compile_model(model, CONFIG, num_images=100)
    return model


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state.npz"


@settings(max_examples=40, deadline=None)
@given(histories.filter(bool))
def test_a_history_comes_back_from_its_csv(history):
    text = _to_csv(history).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [
        {k: int(v) if k == "epoch" else float(v) for k, v in row.items()}
        for row in rows
    ] == history


@settings(max_examples=8, deadline=None)
@given(histories, st.none() | finite, st.booleans())
def test_progress_comes_back(model, tmp_path_factory, history, best, finished):
    path = tmp_path_factory.mktemp("state") / "state.npz"
    progress = Progress({"seed": 1}, "abc", 2, history, best, finished)
    save_checkpoint(path, model, [], progress)
    assert read_progress(path) == progress


def test_variables_come_back(model, path, rng):
    before = [
        rng.normal(size=v.shape).astype(str(v.dtype)) for v in model.weights
    ]
    model.set_weights(before)
    save_checkpoint(path, model, [], TRAINED)
    model.set_weights([np.zeros_like(w) for w in before])
    load_checkpoint(path, model, lambda: None)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_is_not_written(model, path, value):
    save_checkpoint(path, model, [], TRAINED)
    before, kept = path.read_bytes(), model.get_weights()
    model.set_weights([*kept[:-1], kept[-1] + value])
    try:
        with pytest.raises(DivergedError, match=r"model_\d are not all"):
            save_checkpoint(path, model, [], TRAINED)
    finally:
        model.set_weights(kept)
    assert path.read_bytes() == before
    assert DivergedError.exit_code == 3


def test_a_damaged_file_is_one_line(model, path):
    save_checkpoint(path, model, [], TRAINED)
    good = path.read_bytes()
    rng = np.random.default_rng(0)
    refused = 0
    for number in range(60):
        mutant = bytearray(good)
        # The directory at the end, and the headers of the first arrays.
        spots = rng.integers(0, 400, 3) * (-1 if number % 2 else 1)
        for spot in spots:
            mutant[spot] = rng.integers(256)
        path.write_bytes(mutant)
        try:
            load_checkpoint(path, model, lambda: None)
        except ConfigError as error:
            assert "cannot be resumed from" in str(error)
            refused += 1
    assert refused > 30


def test_another_format_is_refused(model, path):
    state = json.dumps({"format": 99}).encode()
    np.savez(path, state=np.frombuffer(state, np.uint8))
    with pytest.raises(ConfigError, match="another format"):
        load_checkpoint(path, model, lambda: None)
