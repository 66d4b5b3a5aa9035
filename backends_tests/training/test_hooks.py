"""Callbacks that users bring, on the engine and by fit."""

import csv
import dataclasses

import numpy as np
import pytest

from mnistcnn import backends, build_model, inspect_artifact, train
from mnistcnn.backends import keras
from mnistcnn.errors import ConfigError
from mnistcnn.training import TrainConfig, complete_run
from mnistcnn.training.epochs import make_epochs
from mnistcnn.training.hooks import take_callbacks, wants_batches

# Whole batches of 96 images: fit compiles a step for each size.
QUICK = TrainConfig(epochs=3, batch_size=48, validation=0.2)
LAMBDA = keras.callbacks.LambdaCallback


@pytest.fixture(scope="module")
def few(digits):
    return digits.limit(120)


def run(config, data, out, **options):
    return train(config, data, out=out, verbose=False, **options)


def test_none_one_and_many_are_taken():
    one, two = keras.callbacks.Callback(), keras.callbacks.History()
    assert take_callbacks(None) == []
    assert take_callbacks(one) == [one]
    assert take_callbacks((one, [two])) == [one, two]
    assert take_callbacks(c for c in (one, two)) == [one, two]
    assert take_callbacks(keras.callbacks.CallbackList([one])) == [one]
    with pytest.raises(ConfigError, match="type function. Expected Keras'"):
        take_callbacks(lambda epoch, logs: None)
    with pytest.raises(ConfigError, match="of type str"):
        take_callbacks("tensorboard")
    with pytest.raises(ConfigError, match=r"the class History. .*: History\("):
        take_callbacks([keras.callbacks.History])


class Mine(keras.callbacks.ModelCheckpoint):
    def on_train_batch_end(self, batch, logs=None):
        pass


class OnTest(keras.callbacks.Callback):
    def on_test_batch_end(self, batch, logs=None):
        pass


@pytest.mark.parametrize(
    ("make", "wants"),
    [
        (lambda path: keras.callbacks.ModelCheckpoint(path), False),
        (lambda path: keras.callbacks.ModelCheckpoint(path, save_freq=5), True),
        (lambda path: Mine(path), True),
        (lambda path: keras.callbacks.BackupAndRestore(path), False),
        (lambda path: keras.callbacks.BackupAndRestore(path, 3), True),
        (lambda path: keras.callbacks.TerminateOnNaN(), False),
        (lambda path: keras.callbacks.CSVLogger(path), False),
        (lambda path: keras.callbacks.EarlyStopping(), False),
        (lambda path: keras.callbacks.ReduceLROnPlateau(), False),
        (
            lambda path: keras.callbacks.LearningRateScheduler(lambda e: 0.1),
            False,
        ),
        (lambda path: keras.callbacks.TensorBoard(path), False),
        (lambda path: keras.callbacks.TensorBoard(path, update_freq=1), True),
        (lambda path: LAMBDA(on_epoch_end=lambda e, logs: None), False),
        (lambda path: LAMBDA(on_train_batch_end=lambda b, logs: None), True),
        (lambda path: OnTest(), True),
    ],
)
def test_which_want_batches(make, wants, tmp_path):
    assert wants_batches(make(str(tmp_path / "a.keras"))) is wants


def test_keras_own_keep_the_engine_and_do_their_work(few, tmp_path):
    calls = []
    kept = tmp_path / "kept.keras"
    own = keras.callbacks
    callbacks = [
        own.ModelCheckpoint(kept, monitor="val_accuracy", save_best_only=True),
        own.BackupAndRestore(tmp_path / "backup", delete_checkpoint=False),
        own.CSVLogger(tmp_path / "log.csv"),
        own.LearningRateScheduler(lambda epoch, rate: rate / 2),
        own.ReduceLROnPlateau("val_loss"),
        own.EarlyStopping("val_accuracy", patience=9),
        own.TerminateOnNaN(),
        LAMBDA(on_test_end=lambda logs: calls.append(sorted(logs))),
    ]
    result = run(QUICK, few, tmp_path / "run", callbacks=callbacks)
    assert result.timing["engine"] == "its own"
    assert result.config == QUICK
    rates = [row["learning_rate"] for row in result.history]
    assert rates == pytest.approx([0.0005, 0.00025, 0.000125])
    assert calls == [["accuracy", "loss"]] * 3
    with open(tmp_path / "log.csv") as stream:
        assert len(list(csv.DictReader(stream))) == 3
    opened = keras.saving.load_model(kept)
    assert opened.optimizer is not None
    # A new run that is given the backup goes on where that ended.
    more = dataclasses.replace(QUICK, epochs=4)
    backup = own.BackupAndRestore(tmp_path / "backup")
    again = run(more, few, tmp_path / "more", callbacks=backup)
    assert [row["epoch"] for row in again.history] == [4]
    assert int(again.model.optimizer.iterations.numpy()) == 4 * 2


@pytest.mark.parametrize("engine", ["auto", "fit"])
def test_what_callbacks_add_is_kept(engine, few, tmp_path, no_pictures):
    seen = []

    class Add(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            logs["val_f1"] = np.float32(0.5)
            logs["tensor"] = keras.ops.ones(())
            logs["none"] = float("nan")
            logs["array"] = np.ones(3)
            if epoch == 1:
                logs["late"] = 7

    class See(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            seen.append(logs["val_f1"])

    config = dataclasses.replace(QUICK, engine=engine, epochs=2)
    result = run(config, few, tmp_path / "run", callbacks=[Add(), See()])
    assert seen == [0.5, 0.5]
    rows = result.history
    assert [row["val_f1"] for row in rows] == [0.5, 0.5]
    assert [row["tensor"] for row in rows] == [1, 1]
    assert [row["none"] for row in rows] == [None, None]
    assert [row.get("late") for row in rows] == [None, 7]
    assert "array" not in rows[0]
    with open(tmp_path / "run/history.csv") as stream:
        table = list(csv.DictReader(stream))
    assert [row["late"] for row in table] == ["", "7"]
    again = run(config, few, tmp_path / "run", resume=True)
    assert again.history == rows
    if engine == "auto":
        complete_run(result, few)
        page = (tmp_path / "run/report.html").read_text()
        assert "Added by callbacks" in page and "val_f1" in page


@pytest.mark.any_backend
def test_card_and_timing_say_that_fit_took_over(few, tmp_path, no_pictures):
    config = dataclasses.replace(QUICK, epochs=1, precision="bfloat16")
    every = LAMBDA(on_train_batch_end=lambda batch, logs: None)
    result = run(config, few, tmp_path / "run", callbacks=every)
    said = "Keras' fit, since the callback LambdaCallback wants batches"
    card = inspect_artifact(result.best).card
    assert card["engine"] == result.timing["engine"] == said
    assert card["config"]["precision"] == "float32" == result.config.precision
    assert result.timing["precision"] == "float32"
    assert card["config"]["engine"] == "fit" == result.config.engine
    complete_run(result, few)
    page = (tmp_path / "run/report.html").read_text()
    assert "since the callback LambdaCallback wants batches" in page
    # As it was asked for: the same command goes on with it.
    run(config, few, tmp_path / "run", resume=True)


class Cut(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 2:
            raise RuntimeError("cut")


@pytest.mark.parametrize(
    ("make", "names"),
    [
        (
            lambda: keras.callbacks.EarlyStopping(
                "loss", patience=3, min_delta=100, restore_best_weights=True
            ),
            ("wait", "best", "best_epoch"),
        ),
        pytest.param(
            lambda: keras.callbacks.ReduceLROnPlateau(
                "loss", patience=1, min_delta=100, cooldown=2
            ),
            ("wait", "best", "cooldown_counter"),
            marks=pytest.mark.any_backend,
        ),
        pytest.param(
            lambda: keras.callbacks.ModelCheckpoint(
                "{out}.keras", monitor="loss", save_best_only=True
            ),
            ("best",),
            marks=pytest.mark.any_backend,
        ),
    ],
    ids=["stopping", "plateau", "checkpoint"],
)
def test_those_that_watch_resume_where_they_were(make, names, few, tmp_path):
    def build():
        callback = make()
        if hasattr(callback, "filepath"):
            callback.filepath = str(tmp_path / "kept.keras")
        return callback

    config = dataclasses.replace(QUICK, epochs=6, patience=5)
    uncut, resumed = build(), build()
    whole = run(config, few, tmp_path / "whole", callbacks=uncut)
    with pytest.raises(RuntimeError):
        run(config, few, tmp_path / "cut", callbacks=[build(), Cut()])
    again = run(config, few, tmp_path / "cut", callbacks=[resumed], resume=True)
    assert len(again.history) == len(whole.history)
    for name in names:
        assert getattr(resumed, name) == getattr(uncut, name)
    for a, b in zip(
        whole.model.get_weights(), again.model.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(a, b)


class Freeze(keras.callbacks.Callback):
    """Freezes the first convolution in epoch 1 and frees it in epoch 2."""

    def __init__(self):
        super().__init__()
        self.kernels = []

    def on_epoch_begin(self, epoch, logs=None):
        self.model.get_layer("conv1").trainable = epoch != 1

    def on_epoch_end(self, epoch, logs=None):
        self.kernels.append(self.model.get_weights()[0])


@pytest.mark.parametrize("engine", ["auto", "fit"])
def test_what_a_callback_freezes_stays(engine, few, tmp_path):
    config = dataclasses.replace(QUICK, engine=engine)
    freeze = Freeze()
    whole = run(config, few, tmp_path / "run", callbacks=freeze)
    first, second, third = freeze.kernels
    np.testing.assert_array_equal(first, second)
    assert np.abs(third - second).max() > 1e-5
    assert whole.config.engine == engine
    if engine == "fit" and backends.name != "torch":
        # It compiles for seconds, and resumes as on the engine.
        return
    # And in a run that was cut while it was frozen.
    with pytest.raises(RuntimeError):
        run(config, few, tmp_path / "cut", callbacks=[Freeze(), Cut()])
    again = run(config, few, tmp_path / "cut", callbacks=Freeze(), resume=True)
    for a, b in zip(
        whole.model.get_weights(), again.model.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(a, b)


class Begin(keras.callbacks.Callback):
    """Changes the model at the beginning of an epoch."""

    def __init__(self, change, epoch=1):
        super().__init__()
        self.change, self.epoch = change, epoch

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == self.epoch:
            self.change(self.model)


def compile_for(loss, metrics=("accuracy",), **options):
    return lambda model: model.compile(
        keras.optimizers.SGD(0.5), loss, metrics=list(metrics), **options
    )


def assign(model):
    model.optimizer = keras.optimizers.SGD(0.5)
    model.optimizer.build(model.trainable_variables)


def scale(model):
    compile_for("categorical_crossentropy")(model)
    model.optimizer.loss_scale_factor = 8.0


def test_another_loss_is_trained_by_fit(few, tmp_path, caplog):
    focal = keras.losses.CategoricalFocalCrossentropy()
    found = []
    for engine in ("auto", "fit"):
        config = dataclasses.replace(QUICK, engine=engine, dropout=0, epochs=2)
        begin = Begin(compile_for(focal))
        found.append(run(config, few, tmp_path / engine, callbacks=begin))
    ours, theirs = ([row["loss"] for row in one.history] for one in found)
    np.testing.assert_allclose(ours, theirs, rtol=1e-3)
    assert found[0].config.engine == "fit"
    assert "fit, in float32, since the loss is CategoricalFocal" in caplog.text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (compile_for(keras.losses.CategoricalCrossentropy()), ""),
        (compile_for("categorical_crossentropy"), ""),
        (compile_for(keras.losses.categorical_crossentropy), ""),
        (compile_for("mse"), "loss is mean_squared_error"),
        (compile_for(["mse"]), "loss is a list of losses"),
        (
            compile_for(keras.losses.CategoricalCrossentropy(False, 0.1)),
            "loss is CategoricalCrossentropy",
        ),
        (
            compile_for("categorical_crossentropy", loss_weights=[2.0]),
            "weighted",
        ),
        (scale, "SGD, scales the loss"),
        (compile_for("categorical_crossentropy", ["mae"]), "mae is measured"),
        (
            compile_for(
                "categorical_crossentropy", weighted_metrics=["accuracy", "mse"]
            ),
            "mse is measured",
        ),
        (
            compile_for(
                "categorical_crossentropy", [keras.metrics.CategoricalHinge()]
            ),
            "CategoricalHinge is measured",
        ),
    ],
)
def test_only_the_loss_and_the_metric_of_the_engine_keep_it(change, said):
    model = build_model()
    change(model)
    model.optimizer.build(model.trainable_variables)
    reason = make_epochs(model, QUICK, []).reason
    assert said in reason and bool(said) == bool(reason)


def test_another_metric_is_in_the_history(few, tmp_path, caplog):
    change = compile_for("categorical_crossentropy", ["accuracy", "mae"])
    config = dataclasses.replace(QUICK, epochs=2)
    result = run(config, few, tmp_path / "run", callbacks=Begin(change))
    plain, other = map(set, result.history)
    assert other - plain == {"mae", "val_mae"} and not plain - other
    assert 0 < result.history[1]["mae"] < 0.2
    assert "fit, in float32, since mae is measured" in caplog.text


@pytest.mark.parametrize("engine", ["auto", "fit"])
def test_an_optimizer_that_is_assigned_trains(engine, few, tmp_path):
    config = dataclasses.replace(QUICK, engine=engine, dropout=0)
    kept = []
    for change in (assign, compile_for(keras.losses.CategoricalCrossentropy())):
        out = tmp_path / str(len(kept))
        kept.append(run(config, few, out, callbacks=Begin(change)))
    assert [one.config.engine for one in kept] == [engine] * 2
    assert [row["learning_rate"] for row in kept[0].history][1:] == [0.5, 0.5]
    losses = [[row["loss"] for row in one.history] for one in kept]
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-5)


@pytest.fixture(scope="module")
def plain(few, tmp_path_factory):
    """A run in which no callback changes anything."""
    return run(QUICK, few, tmp_path_factory.mktemp("plain") / "run")


@pytest.mark.parametrize("name", ["activation", "rate"])
def test_a_layer_that_a_callback_changes_is_followed(
    name, plain, few, tmp_path
):
    def change(model):
        if name == "rate":
            model.get_layer("dropout").rate = 0.9
        else:
            model.get_layer("conv1").activation = keras.activations.tanh

    found = run(QUICK, few, tmp_path / "changed", callbacks=Begin(change))
    first, second = (
        [row["loss"] for row in one.history[:2]] for one in (plain, found)
    )
    assert first[0] == pytest.approx(second[0], rel=1e-5)
    assert abs(first[1] - second[1]) > 1e-3
    assert found.config.engine == "auto"


@pytest.mark.parametrize("engine", ["auto", "fit"])
def test_what_a_callback_compiles_stays_when_it_freezes(engine, few, tmp_path):
    config = dataclasses.replace(QUICK, engine=engine, dropout=0)
    momentum = keras.optimizers.SGD(0.02, momentum=0.9)

    def compile_it(model):
        model.compile(momentum, keras.losses.CategoricalCrossentropy())

    def freeze(model):
        model.get_layer("conv1").trainable = False

    changes = [Begin(compile_it), Begin(freeze, epoch=2)]
    result = run(config, few, tmp_path / "run", callbacks=changes)
    assert result.config.engine == engine
    own = result.model.optimizer
    assert own is not momentum and isinstance(own, keras.optimizers.SGD)
    kept = float(own.learning_rate), own.momentum, own.iterations
    steps = -(-len(few.x_train) // config.batch_size)
    assert kept[:2] == (pytest.approx(0.02), 0.9)
    assert 0 < int(kept[2]) <= 2 * steps
    before = {v.path: v for v in momentum.variables}
    assert len(own.variables) == len(before) - 2  # of the frozen layer
    assert {v.path for v in own.variables} < set(before)
