"""`--trust`: any Keras model of the right input and output, unchecked."""

import os
import subprocess
import sys

import numpy as np
import pytest

from mnistcnn import DigitClassifier, backends, build_model
from mnistcnn.artifact import TRUST_WARNING, load_trusted, pretrained_path
from mnistcnn.backends import keras
from mnistcnn.errors import ArtifactError

layers = keras.layers
ZEROS = {"kernel_initializer": "zeros"}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "mine.keras"


def save(path, *middle, shape=(28, 28, 1), units=10, activation="softmax"):
    """Somebody's own net: functional, layers that an artifact has not."""
    pixels = keras.Input(shape)
    x = pixels
    for layer in middle:
        x = layer(x)
    x = layers.Flatten()(x)
    keras.Model(
        pixels, layers.Dense(units, activation=activation, **ZEROS)(x)
    ).save(path)


def refuse(path, code, text):
    with pytest.raises(ArtifactError, match=text) as caught:
        load_trusted(path)
    assert caught.value.code == code
    assert str(caught.value).isprintable()
    assert "Expected" in str(caught.value)


def last_kernel(model, value):
    """Weights that only look at the sum of what comes in."""
    kernel, bias = model.get_weights()[-2:]
    kernel[:, 3] = value
    return [*model.get_weights()[:-2], kernel, bias]


def test_a_net_that_a_check_refuses_is_opened(path):
    save(path, layers.ZeroPadding2D(1), layers.Rescaling(1 / 255))
    with pytest.raises(ArtifactError):
        DigitClassifier.from_artifact(path)
    classifier = DigitClassifier.from_artifact(path, trust=True)
    rows = classifier.predict_proba(np.zeros((3, 28, 28), np.uint8))
    np.testing.assert_allclose(rows, np.full((3, 10), 0.1), atol=1e-6)
    assert classifier.classes_ == tuple("0123456789")
    assert classifier.name == "mine"


def test_a_compiled_and_trained_net_of_ours_is_opened(path, digits):
    model = build_model()
    model.compile("adam", "sparse_categorical_crossentropy")
    x = digits.x_train[:50, ..., None]
    model.fit(x, digits.y_train[:50], verbose=0)
    model.save(path)
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(load_trusted(path)(x)),
        keras.ops.convert_to_numpy(model(x)),
        atol=1e-6,
    )


@pytest.mark.parametrize("shape", [(28, 28, 1), (28, 28)])
@pytest.mark.parametrize("own", [None, "rescaling"])
def test_a_net_gets_the_pixels_that_it_was_made_for(path, shape, own):
    scale = [layers.Rescaling(1 / 255)] if own else []
    save(path, *scale, shape=shape)
    model = keras.saving.load_model(path, compile=False)
    model.set_weights(last_kernel(model, 0.001))
    model.save(path)
    images = np.full((2, 28, 28, 1), 255, np.float32)
    # 784 pixels of 1, not of 255, whoever does the scaling.
    expected = np.exp(0.784) / (np.exp(0.784) + 9)
    got = np.asarray(load_trusted(path).predict_on_batch(images))
    assert got[0, 3] == pytest.approx(expected, abs=1e-5)


def test_a_net_of_another_shape_is_refused(path):
    save(path, shape=(32, 32, 1))
    refuse(path, "shape", r"from \(None, 32, 32, 1\) to \(None, 10\)")
    save(path, units=1, activation="sigmoid")
    refuse(path, "shape", r"to \(None, 1\). Expected")
    two = [keras.Input((28, 28, 1)), keras.Input((28, 28, 1))]
    flat = [layers.Flatten()(pixels) for pixels in two]
    out = layers.Dense(10, "softmax", **ZEROS)(layers.Add()(flat))
    keras.Model(two, out).save(path)
    refuse(path, "shape", "mine.keras goes from")


def test_a_net_without_a_softmax_is_refused(path):
    save(path, activation=None)
    refuse(
        path, "not-probabilities", "sum to 0, .*end the network with a softmax"
    )
    model = keras.saving.load_model(path)
    model.set_weights([w * np.nan for w in model.get_weights()])
    model.save(path)
    refuse(path, "not-probabilities", "sum to nan")


def test_keras_safe_mode_stays_on(path):
    pixels = keras.Input((28, 28, 1))
    x = layers.Lambda(lambda v: v / 255)(pixels)
    out = layers.Dense(10, "softmax", **ZEROS)(layers.Flatten()(x))
    keras.Model(pixels, out).save(path)
    refuse(path, "keras", "Keras cannot open .*mine.keras .ValueError: ")


def test_what_is_no_keras_file_is_one_line(path):
    refuse(path, "missing", "is no file")
    path.write_bytes(b"hello")
    refuse(path, "keras", "Keras cannot open")


# === The command line ===


def mnistcnn(*arguments, cwd):
    return subprocess.run(
        [sys.executable, "-m", "mnistcnn", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "KERAS_BACKEND": backends.name},
        capture_output=True,
        text=True,
    )


def test_the_command_line_says_what_it_means(path, tmp_path, digits):
    model = keras.saving.load_model(pretrained_path(), compile=False)
    pixels = keras.Input((28, 28, 1))
    keras.Model(pixels, model(pixels)).save(path)
    npz = tmp_path / "few.npz"
    few = digits.limit(50)
    names = ("x_train", "y_train", "x_test", "y_test")
    np.savez(npz, **{name: getattr(few, name) for name in names})
    command = ["evaluate", path, "--data", npz]
    done = mnistcnn(*command, cwd=tmp_path)
    assert done.returncode == 2
    assert "If you made the file yourself: --trust. [config-" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    done = mnistcnn(*command, "--trust", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert TRUST_WARNING in done.stderr
    assert "of 50 test images of few.npz right" in done.stdout
    accuracy = float(done.stdout.split("%")[0])
    assert accuracy > 80, "the nested Rescaling is found"
