"""The moving average of the weights, against NumPy's, in both engines."""

import dataclasses

import numpy as np
import pytest

from mnistcnn import build_model, load_artifact, train
from mnistcnn.backends import keras
from mnistcnn.errors import ConfigError
from mnistcnn.training import TrainConfig
from mnistcnn.training.averaging import averaged
from mnistcnn.training.epochs import make_epochs
from mnistcnn.training.fitting import compile_model

KEPT = 0.8
CONFIG = TrainConfig(
    epochs=2, batch_size=35, dropout=0.0, ema_momentum=KEPT, learning_rate=0.01
)


def assert_alike(ours, theirs, atol=1e-6):
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, atol=atol)


@pytest.mark.parametrize("engine", ["auto", "fit"])
def test_it_is_the_average_of_the_steps(engine, digits):
    config = dataclasses.replace(CONFIG, engine=engine)
    x, y = digits.x_train[..., None], digits.y_train
    model = build_model(dropout=0)
    compile_model(model, config, num_images=35)
    epochs = make_epochs(model, config, [])
    expected = None
    for step in range(6):
        part = slice(35 * step, 35 * step + 35)
        # An epoch of one step, so that each step's weights are seen.
        epochs.run(x[part], y[part], None, epoch=0, verbose=False)
        new = model.get_weights()
        old = new if expected is None else expected
        expected = [
            KEPT * a + (1 - KEPT) * b for a, b in zip(old, new, strict=True)
        ]
    with averaged(model):
        assert_alike(model.get_weights(), expected)
    assert all(
        np.array_equal(a, b)
        for a, b in zip(model.get_weights(), new, strict=True)
    )


@pytest.mark.parametrize("engine", ["auto", "fit"])
def test_what_is_validated_is_what_is_kept(engine, digits, tmp_path):
    config = dataclasses.replace(CONFIG, engine=engine)
    few = digits.limit(200)
    result = train(config, few, out=tmp_path / "run", verbose=False)
    kept = load_artifact(result.best)
    assert result.history[-1]["val_loss"] < result.history[0]["val_loss"]
    assert_alike(kept.get_weights(), result.model.get_weights(), atol=0)
    x, y = few.split(0.3)[2:]
    rows = kept.predict(x[..., None], batch_size=len(x), verbose=0)
    right = rows.argmax(axis=1) == y
    assert right.mean() == pytest.approx(result.history[-1]["val_accuracy"])


@pytest.mark.parametrize("engine", ["auto", "fit"])
def test_plain_keras_opens_what_a_checkpoint_of_keras_wrote(
    engine, digits, tmp_path
):
    path = tmp_path / "keras.keras"
    raw = []

    class Raw(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            raw.append(self.model.get_weights())

    config = dataclasses.replace(CONFIG, engine=engine, epochs=2)
    keep = keras.callbacks.ModelCheckpoint(path)
    result = train(
        config,
        digits.limit(200),
        out=tmp_path / "run",
        verbose=False,
        callbacks=[keep, Raw()],
    )
    opened = keras.saving.load_model(path)
    assert_alike(opened.get_weights(), result.model.get_weights(), atol=0)
    assert isinstance(opened.optimizer, keras.optimizers.Adam)
    assert int(opened.optimizer.iterations.numpy()) == 2 * 4
    # Training itself goes on from the weights, not from their average.
    change = np.abs(raw[1][0] - result.model.get_weights()[0]).max()
    assert change > 1e-4
    # And so does plain Keras with the model.
    x, y = digits.x_train[:35, ..., None], np.eye(10)[digits.y_train[:35]]
    opened.fit(x, y, batch_size=35, verbose=0)


def test_without_one_nothing_is_exchanged():
    model = build_model()
    compile_model(model, TrainConfig(), num_images=50)
    before = model.get_weights()
    with averaged(model):
        assert_alike(model.get_weights(), before, atol=0)
    with pytest.raises(ConfigError, match="ema_momentum is 1"):
        TrainConfig(ema_momentum=1)
