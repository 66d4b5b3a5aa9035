import csv
import dataclasses
import io
import json
import subprocess
import sys

import numpy as np
import pytest

from mnistcnn import (
    backends,
    build_model,
    inspect_artifact,
    load_artifact,
    train,
)
from mnistcnn.backends import keras
from mnistcnn.errors import ConfigError, DivergedError, MnistcnnError
from mnistcnn.training import Recipe, TrainConfig, progress, write_recipe
from mnistcnn.training.state import read_state, write_state
from mnistcnn.training.steps.rotations import Rotations
from mnistcnn.training.steps.training import Training

NONE = np.zeros((0, 28, 28), np.uint8)
# Whole batches of 240 images: fit compiles a step for each size.
QUICK = TrainConfig(epochs=3, batch_size=48, validation=0.2, seed=5)


FOLDER = r"Expected the path of a folder: name another\."


@pytest.mark.any_backend
@pytest.mark.parametrize(
    ("config", "data", "out", "said"),
    [
        ("fast", None, "run", r"The config is 'fast'.*recipe\(\"fast\"\)"),
        (None, None, "run", "The config is 'None'. Expected a TrainConfig"),
        (TrainConfig, None, "run", 'The config is "<class '),
        (QUICK, "mnist", "run", "The data are of type str. Expected a Dataset"),
        (QUICK, NONE, "run", "The data are of type ndarray"),
        (QUICK, None, "", f"out is ''. {FOLDER}"),
        (QUICK, None, 3, f"out is '3'. {FOLDER}"),
        (QUICK, None, "a\0b", f"out is 'a.*b'. {FOLDER}"),
    ],
)
def test_other_arguments_are_refused(
    config, data, out, said, digits_300, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    data = digits_300 if data is None else data
    with pytest.raises(MnistcnnError, match=said):
        run(config, data, out)
    assert not list(tmp_path.iterdir())


def weights_of(model):
    return [np.array(w) for w in model.get_weights()]


def run(config, data, out, **options):
    return train(config, data, out=out, verbose=False, **options)


@pytest.fixture(scope="module")
def digits_300(digits):
    return digits.limit(300)


@pytest.fixture(scope="module")
def whole(digits_300, tmp_path_factory):
    """A run that nothing ends early; tests only look at it."""
    return run(QUICK, digits_300, tmp_path_factory.mktemp("whole") / "run")


def test_it_learns(digits, tmp_path):
    config = TrainConfig(epochs=6, batch_size=25, learning_rate=0.003)
    result = run(config, digits, tmp_path / "run")
    assert result.history[-1]["loss"] < result.history[0]["loss"] / 2
    assert result.history[-1]["val_accuracy"] > 0.7
    assert result.sizes == {"train": 700, "validation": 300, "test": 1000}


class Tee:
    """A log that standard output is often replaced by: it only writes."""

    def __init__(self):
        self.text = ""

    def write(self, text):
        self.text += text

    def flush(self):
        pass


@pytest.mark.any_backend
@pytest.mark.parametrize("engine", ["auto", "fit"])
@pytest.mark.parametrize("kind", ["tee", "none", "closed"])
def test_it_trains_wherever_nothing_or_anything_is_printed(
    kind, engine, digits_300, tmp_path, monkeypatch
):
    closed = io.StringIO()
    closed.close()
    out = {"tee": Tee(), "none": None, "closed": closed}[kind]
    config = TrainConfig(epochs=1, batch_size=300, engine=engine)
    steps = (Training(config), Rotations(4))
    monkeypatch.setattr(sys, "stdout", out)
    train(Recipe("two", steps), digits_300, out=tmp_path / "run")
    monkeypatch.undo()
    if kind == "tee":
        assert "Step 1 of 2" in out.text
        assert "accuracy: " in out.text


@pytest.mark.any_backend
@pytest.mark.parametrize(
    ("change", "config", "said"),
    [
        ({"classes": tuple("abcdefghij")}, {"nondigits": 9}, "nondigits is 9"),
        ({"x_train": NONE, "y_train": NONE[:, 0, 0]}, {}, "0 training images"),
    ],
)
def test_data_that_cannot_be_trained_on_leave_no_folder(
    change, config, said, digits_300, tmp_path
):
    data = dataclasses.replace(digits_300, **change)
    config = dataclasses.replace(QUICK, **config)
    with pytest.raises(MnistcnnError, match=said):
        run(config, data, tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("engine", ["auto", "fit"])
def test_smoothed_labels_are_trained_on_and_not_scored_by(
    engine, digits_300, tmp_path
):
    config = dataclasses.replace(
        QUICK,
        engine=engine,
        epochs=1,
        batch_size=240,
        dropout=0.0,
        label_smoothing=0.2,
    )
    result = run(config, digits_300, tmp_path / "run")
    x, y, x_val, y_val = digits_300.split(0.2)
    model = build_model(dropout=0.0, seed=config.seed)
    # One step: its loss is of the weights before it.
    logs = np.log(model.predict(x[..., None], batch_size=60, verbose=0))
    right = logs[np.arange(len(y)), y]
    expected = -(0.8 * right + 0.2 * logs.mean(axis=1)).mean()
    assert result.history[0]["loss"] == pytest.approx(expected, rel=1e-4)
    found = result.model.predict(x_val[..., None], batch_size=60, verbose=0)
    logs = np.log(found)
    expected = -logs[np.arange(len(y_val)), y_val].mean()
    assert result.history[0]["val_loss"] == pytest.approx(expected, rel=1e-4)


def test_the_run_directory_is_whole(whole):
    files = {p.name for p in whole.path.iterdir()}
    assert files >= {"best.keras", "last", "history.csv", "config.json"}
    text = (whole.path / "history.csv").read_text()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [int(row["epoch"]) for row in rows] == [1, 2, 3]
    assert set(rows[0]) == {
        "epoch",
        "accuracy",
        "loss",
        "val_accuracy",
        "val_loss",
        "learning_rate",
        "seconds",
    }
    config = json.loads((whole.path / "config.json").read_text())
    assert TrainConfig(**config) == QUICK
    assert whole.environment["backend"] == backends.name
    assert whole.timing["first_step"] > 0
    assert whole.timing["steady_epoch"] > 0


def test_the_card_tells_where_the_net_comes_from(whole, digits_300):
    card = inspect_artifact(whole.best).card
    assert card["data"]["name"] == "generated strokes, not MNIST"
    assert card["generated"] is True
    assert card["data"]["digest"] == digits_300.digest
    assert card["config"] == dataclasses.asdict(QUICK)
    assert card["environment"]["backend"] == backends.name


def test_the_best_epoch_is_kept(digits_300, tmp_path):
    class Worsen(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                self.model.set_weights(
                    [np.zeros_like(w) for w in self.model.get_weights()]
                )
                self.model.optimizer.learning_rate = 1e-9

    result = run(QUICK, digits_300, tmp_path / "run", callbacks=[Worsen()])
    accuracies = [row["val_accuracy"] for row in result.history]
    assert accuracies[2] < max(accuracies[:2])
    best = inspect_artifact(result.best).card
    assert best["epoch"] == int(np.argmax(accuracies)) + 1
    assert best["validation_accuracy"] == max(accuracies)


@pytest.mark.any_backend
def test_without_validation_the_last_epoch_is_kept(digits_300, tmp_path):
    config = dataclasses.replace(QUICK, validation=0.0)
    result = run(config, digits_300, tmp_path / "run")
    assert "val_accuracy" not in result.history[0]
    assert inspect_artifact(result.best).card["epoch"] == 3
    kept = load_artifact(result.best)
    for a, b in zip(weights_of(kept), weights_of(result.model), strict=True):
        assert np.array_equal(a, b)


@pytest.mark.any_backend
def test_early_stopping_stops(digits_300, tmp_path):
    config = dataclasses.replace(QUICK, epochs=9, patience=2, min_delta=1.0)
    result = run(config, digits_300, tmp_path / "run")
    assert len(result.history) == 3


def test_batches_come_in_the_order_that_the_design_fixes(digits_300, tmp_path):
    # One epoch of our loop against steps taken by hand in that order.
    config = TrainConfig(epochs=1, batch_size=50, validation=0, dropout=0)
    result = run(config, digits_300, tmp_path / "run")

    from mnistcnn.network import build_model
    from mnistcnn.training.fitting import compile_model

    model = build_model(dropout=0)
    compile_model(model, config, num_images=300)
    order = np.random.default_rng([0, 0]).permutation(300)
    for start in range(0, 300, 50):
        batch = order[start : start + 50]
        model.train_on_batch(
            digits_300.x_train[batch][..., None],
            np.eye(10)[digits_300.y_train[batch]],
        )
    for a, b in zip(weights_of(model), weights_of(result.model), strict=True):
        # Sums are taken in another order; another order of batches is 1e-3.
        np.testing.assert_allclose(a, b, atol=1e-5)


@pytest.mark.any_backend
def test_a_batch_is_no_larger_than_the_training_set(digits_300, tmp_path):
    # It was padded: a billion images are more than any memory holds.
    results = []
    for number, most in enumerate((300, 1000)):
        config = TrainConfig(epochs=1, batch_size=most, validation=0)
        results.append(run(config, digits_300, tmp_path / str(number)))
    assert [result.config.batch_size for result in results] == [300, 300]
    weights = [weights_of(result.model) for result in results]
    for a, b in zip(*weights, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_callback_is_called_as_fit_would(digits_300, tmp_path):
    calls = []

    class Spy(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            calls.append("train")

        def on_epoch_end(self, epoch, logs=None):
            calls.append(("epoch", epoch, "val_loss" in logs))

        def on_train_batch_end(self, batch, logs=None):
            calls.append(("batch", batch, "loss" in logs))

        def on_train_end(self, logs=None):
            calls.append("end")

    config = dataclasses.replace(QUICK, epochs=2, batch_size=120)
    run(config, digits_300, tmp_path / "run", callbacks=[Spy()])
    batches = [("batch", 0, True), ("batch", 1, True)]
    assert calls == [
        "train",
        *batches,
        ("epoch", 0, True),
        *batches,
        ("epoch", 1, True),
        "end",
    ]


# By Keras' fit, each backend's own looks at the flag; else only our loop does.
@pytest.mark.parametrize(
    "engine", [pytest.param("auto", marks=pytest.mark.any_backend), "fit"]
)
@pytest.mark.parametrize(
    "hook", ["on_train_begin", "on_epoch_begin", "on_epoch_end"]
)
def test_a_callback_can_stop_training(hook, engine, digits_300, tmp_path):
    class Stop(keras.callbacks.Callback):
        pass

    def stop(self, *args, **logs):
        self.model.stop_training = True

    setattr(Stop, hook, stop)
    config = dataclasses.replace(QUICK, engine=engine)
    result = run(config, digits_300, tmp_path / "run", callbacks=[Stop()])
    # An epoch, as by fit, which looks at the flag after its steps.
    assert len(result.history) == 1


@pytest.mark.any_backend
def test_the_end_of_training_has_the_last_epochs_logs(digits_300, tmp_path):
    ends = []

    class Spy(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            logs["mine"] = epoch

        def on_train_end(self, logs=None):
            ends.append(logs)

    result = run(QUICK, digits_300, tmp_path / "run", callbacks=[Spy()])
    (logs,) = ends
    assert logs["mine"] == QUICK.epochs - 1
    assert logs["val_loss"] == result.history[-1]["val_loss"]


@pytest.mark.parametrize("schedule", ["constant", "cosine"])
def test_the_learning_rate_is_the_optimizers(schedule):
    from mnistcnn.network import build_model
    from mnistcnn.training.fitting import compile_model
    from mnistcnn.training.loop import read_learning_rate

    config = dataclasses.replace(QUICK, schedule=schedule)
    model = build_model()
    compile_model(model, config, num_images=1000)
    # In the warm-up, at its end, half-way down, at the end, behind it.
    for step in (0, 3, 6, 30, 60, 70):
        model.optimizer.iterations.assign(step)
        expected = keras.ops.convert_to_numpy(model.optimizer.learning_rate)
        found = read_learning_rate(model)
        assert found == pytest.approx(float(expected), abs=1e-8)


class Cut(Exception):
    """Stands for whatever ends a run early."""


def cut_after(epochs):
    class Cutter(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == epochs:
                raise Cut

    return Cutter()


@pytest.mark.parametrize(
    ("schedule", "average"), [("constant", 0.0), ("cosine", 0.9)]
)
def test_a_resumed_run_is_the_run_never_cut(
    schedule, average, digits_300, tmp_path
):
    config = dataclasses.replace(
        QUICK,
        epochs=4,
        patience=3,
        schedule=schedule,
        ema_momentum=average,
        augment=1.0,
    )
    whole = run(config, digits_300, tmp_path / "whole")
    with pytest.raises(Cut):
        run(config, digits_300, tmp_path / "cut", callbacks=[cut_after(2)])
    resumed = run(config, digits_300, tmp_path / "cut", resume=True)
    for a, b in zip(
        weights_of(whole.model), weights_of(resumed.model), strict=True
    ):
        assert np.array_equal(a, b)

    def scores(result):
        return [
            {k: v for k, v in row.items() if k != "seconds"}
            for row in result.history
        ]

    assert scores(whole) == scores(resumed)
    cards = [inspect_artifact(r.best).card for r in (whole, resumed)]
    assert cards[0]["weights_sha256"] == cards[1]["weights_sha256"]


def test_a_run_of_another_backend_is_resumed(digits_300, tmp_path):
    config = dataclasses.replace(QUICK, epochs=2)
    whole = run(config, digits_300, tmp_path / "whole")
    with pytest.raises(Cut):
        run(config, digits_300, tmp_path / "cut", callbacks=[cut_after(1)])
    path = tmp_path / "cut" / "last" / "state.npz"
    arrays, progress = read_state(path)
    # States of seed generators are uint32, int32 or int64.
    other = {"int32": np.int64, "uint32": np.int32, "int64": np.uint32}
    swapped = {
        name: array.astype(other.get(array.dtype.name, array.dtype))
        for name, array in arrays.items()
    }
    assert any(a.dtype != arrays[name].dtype for name, a in swapped.items())
    write_state(path, swapped, progress)
    resumed = run(config, digits_300, tmp_path / "cut", resume=True)
    for a, b in zip(
        weights_of(whole.model), weights_of(resumed.model), strict=True
    ):
        assert np.array_equal(a, b)


@pytest.mark.any_backend
def test_a_finished_run_is_not_trained_on(digits_300, tmp_path):
    result = run(QUICK, digits_300, tmp_path / "run")
    again = run(QUICK, digits_300, tmp_path / "run", resume=True)
    assert again.history == result.history


@pytest.mark.any_backend
def test_a_run_begun_before_there_was_an_option_goes_on(
    digits_300, tmp_path, monkeypatch
):
    def write_before(recipe):
        fields = write_recipe(recipe)
        del fields["label_smoothing"]
        return fields

    monkeypatch.setattr(progress, "write_recipe", write_before)
    with pytest.raises(Cut):
        run(QUICK, digits_300, tmp_path / "run", callbacks=[cut_after(2)])
    monkeypatch.undo()
    other = dataclasses.replace(QUICK, label_smoothing=0.1)
    with pytest.raises(
        ConfigError, match="label_smoothing was 0.0, now it is 0.1"
    ):
        run(other, digits_300, tmp_path / "run", resume=True)
    resumed = run(QUICK, digits_300, tmp_path / "run", resume=True)
    assert len(resumed.history) == 3


@pytest.mark.any_backend
def test_resuming_something_else_is_refused(digits_300, tmp_path):
    run(QUICK, digits_300, tmp_path / "run")
    other = dataclasses.replace(QUICK, seed=6)
    with pytest.raises(ConfigError, match="differs: seed was 5, now it is 6"):
        run(other, digits_300, tmp_path / "run", resume=True)
    with pytest.raises(ConfigError, match="the data are different"):
        run(QUICK, digits_300.limit(200), tmp_path / "run", resume=True)
    state = tmp_path / "run/last/state.npz"
    state.write_bytes(state.read_bytes()[:5000])
    with pytest.raises(ConfigError, match="cannot be resumed from"):
        run(QUICK, digits_300, tmp_path / "run", resume=True)


@pytest.mark.any_backend
def test_a_run_is_not_overwritten(digits_300, tmp_path):
    run(QUICK, digits_300, tmp_path / "run")
    before = (tmp_path / "run/best.keras").read_bytes()
    with pytest.raises(ConfigError, match="already holds a run"):
        run(QUICK, digits_300, tmp_path / "run")
    assert (tmp_path / "run/best.keras").read_bytes() == before


@pytest.mark.any_backend
def test_nothing_to_resume_is_said(digits_300, tmp_path):
    with pytest.raises(ConfigError, match="holds no run to resume"):
        run(QUICK, digits_300, tmp_path / "none", resume=True)


@pytest.mark.any_backend
def test_two_runs_in_one_directory(digits_300, tmp_path):
    code = (
        "import sys, time\n"
        "from mnistcnn.training.rundir import RunDirectory\n"
        "with RunDirectory(sys.argv[1]):\n"
        "    print('locked', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "run")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout.readline() == b"locked\n"
        with pytest.raises(ConfigError, match=f"process {holder.pid}"):
            run(QUICK, digits_300, tmp_path / "run")
        holder.stdin.close()
    run(dataclasses.replace(QUICK, epochs=1), digits_300, tmp_path / "run")


def poison(epoch):
    """Weights that are no numbers, from the beginning of an epoch on."""

    class Poison(keras.callbacks.Callback):
        def on_epoch_begin(self, number, logs=None):
            if number == epoch:
                self.model.set_weights(
                    [w * np.nan for w in self.model.get_weights()]
                )

    return Poison()


def assert_all_on_disk_is_finite(path):
    if (path / "best.keras").exists():
        inspect_artifact(path / "best.keras")
    with np.load(path / "last/state.npz") as state:
        floats = [a for a in state.values() if a.dtype.kind == "f"]
    assert all(np.isfinite(a).all() for a in floats)
    assert "nan" not in (path / "history.csv").read_text()
    assert not list(path.rglob("*.tmp"))


@pytest.mark.parametrize("engine", ["auto", "fit"])
def test_a_loss_that_is_no_number_ends_the_run(engine, digits_300, tmp_path):
    config = dataclasses.replace(QUICK, engine=engine)
    text = "The loss of epoch 2 is nan.*state.npz is from the last good epoch"
    with pytest.raises(DivergedError, match=text):
        run(config, digits_300, tmp_path / "run", callbacks=[poison(1)])
    assert inspect_artifact(tmp_path / "run/best.keras").card["epoch"] == 1
    assert_all_on_disk_is_finite(tmp_path / "run")


@pytest.mark.parametrize("engine", ["auto", "fit"])
def test_it_ends_within_the_epoch(engine, digits_300, tmp_path, monkeypatch):
    # A look after every 100 images, of 240: the epoch is not trained out.
    monkeypatch.setattr("mnistcnn.training.epochs.IMAGES_A_CHECK", 100)
    monkeypatch.setattr("mnistcnn.training.fitting.IMAGES_A_CHECK", 100)
    ends = []

    class Note(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            ends.append(epoch)

    config = dataclasses.replace(QUICK, engine=engine)
    # The first of the callbacks is ours; it must not be what found it.
    monkeypatch.setattr(
        "mnistcnn.training.trainer.StopWhenDiverged", keras.callbacks.Callback
    )
    with pytest.raises(DivergedError, match="The loss of epoch 2 is nan"):
        run(config, digits_300, tmp_path / "run", callbacks=[poison(1), Note()])
    assert ends == [0]


@pytest.mark.any_backend
@pytest.mark.parametrize("validation", [0.0, 0.2])
def test_weights_that_are_no_numbers_are_never_kept(
    validation, digits_300, tmp_path
):
    # As the last step's gradients leave them: the epoch's loss is a number.
    class Late(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 1:
                weights = self.model.get_weights()
                weights[0][0] = np.inf
                self.model.set_weights(weights)

    config = dataclasses.replace(QUICK, validation=validation)
    with pytest.raises(DivergedError, match="not all finite"):
        run(config, digits_300, tmp_path / "run", callbacks=[Late()])
    assert_all_on_disk_is_finite(tmp_path / "run")


def test_a_run_cut_in_its_first_epoch_can_be_resumed(
    whole, digits_300, tmp_path
):
    with pytest.raises(Cut):
        run(QUICK, digits_300, tmp_path / "cut", callbacks=[cut_after(0)])
    resumed = run(QUICK, digits_300, tmp_path / "cut", resume=True)
    for a, b in zip(
        weights_of(whole.model), weights_of(resumed.model), strict=True
    ):
        assert np.array_equal(a, b)
