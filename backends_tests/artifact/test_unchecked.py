"""`--trust`: a Keras model of the right input and output, from elsewhere.

Most is asked of the conversion, here; starting the process that does it in a
cage takes seconds, and is done where the process matters.
"""

import sys
import zipfile

import numpy as np
import pytest

from mnistcnn import DigitClassifier, build_model, cli
from mnistcnn.artifact import (
    TRUST_WARNING,
    check_bytes,
    load_trusted,
    pretrained_path,
    rebuild,
    unchecked,
)
from mnistcnn.artifact.conversion import convert
from mnistcnn.backends import keras
from mnistcnn.errors import ArtifactError

layers = keras.layers
ZEROS = {"kernel_initializer": "zeros"}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "mine.keras"


def save(path, *middle, shape=(28, 28, 1), units=10, activation="softmax"):
    """A user's own network: functional, with layers that no artifact has."""
    pixels = keras.Input(shape)
    x = pixels
    for layer in middle:
        x = layer(x)
    x = layers.Flatten()(x)
    keras.Model(
        pixels, layers.Dense(units, activation=activation, **ZEROS)(x)
    ).save(path)


def open_here(path):
    return rebuild(check_bytes(convert(str(path))))


def refuse(path, code, text, open_file=open_here):
    with pytest.raises(ArtifactError, match=text) as caught:
        open_file(path)
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
    # One batch: each size of a batch is compiled.
    x = digits.x_train[:32, ..., None]
    model.fit(x, digits.y_train[:32], verbose=0)
    model.save(path)
    np.testing.assert_allclose(
        open_here(path).predict_on_batch(x),
        model.predict_on_batch(x),
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
    got = np.asarray(open_here(path).predict_on_batch(images))
    assert got[0, 3] == pytest.approx(expected, abs=1e-5)


@pytest.mark.any_backend
def test_a_net_of_another_shape_is_refused(path):
    save(path, shape=(32, 32, 1))
    refuse(path, "shape", r"from \(None, 32, 32, 1\) to \(None, 10\)")
    save(path, units=1, activation="sigmoid")
    refuse(path, "shape", r"to \(None, 1\). Expected")
    two = [keras.Input((28, 28, 1)), keras.Input((28, 28, 1))]
    flat = [layers.Flatten()(pixels) for pixels in two]
    out = layers.Dense(10, "softmax", **ZEROS)(layers.Add()(flat))
    keras.Model(two, out).save(path)
    refuse(path, "shape", "The network goes from")
    save(path, units=257)
    refuse(path, "shape", r"to .None, 257.. Expected")


@pytest.mark.any_backend
def test_a_net_without_a_softmax_is_refused(path):
    save(path, activation=None)
    refuse(
        path, "not-probabilities", "sum to 0, .*end the network with a softmax"
    )
    model = keras.saving.load_model(path)
    model.set_weights([w * np.nan for w in model.get_weights()])
    model.save(path)
    refuse(path, "not-probabilities", "sum to nan")


def test_layers_that_an_artifact_says_otherwise_are_translated(path):
    normal = layers.Normalization(axis=None, mean=33.0, variance=78.0**2)
    stack = keras.Sequential(
        [
            keras.Input((8, 8, 4)),
            layers.Conv2D(3, 3, strides=2, groups=1, padding="same"),
            layers.BatchNormalization(),
            layers.ReLU(),
        ]
    )
    save(
        path,
        layers.Reshape((28, 28, 1)),
        normal,
        layers.GaussianNoise(0.3),
        layers.SpatialDropout2D(0.2),
        layers.Conv2D(4, 5, strides=3, activation="gelu"),
        layers.ELU(),
        stack,
        layers.GlobalMaxPooling2D(),
        layers.Dense(7, use_bias=False),
        layers.Identity(),
        layers.Reshape((7,)),
        layers.Dense(10),
        layers.Softmax(),
        activation="softmax",
        shape=(28, 28),
    )
    model = keras.saving.load_model(path, compile=False)
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=w.shape) for w in model.get_weights()]
    model.set_weights([np.abs(w) / 5 for w in weights])
    model.save(path)
    images = rng.integers(0, 256, (5, 28, 28, 1)).astype(np.float32)
    expected = model.predict_on_batch(images[..., 0])
    got = open_here(path).predict_on_batch(images)
    assert expected.std() > 0.01
    np.testing.assert_allclose(got, expected, atol=1e-5)


class _Twice(keras.layers.Layer):
    """A layer of one's own, which the file's reader happens to know."""

    def call(self, x):
        return 2 * x


@pytest.mark.any_backend
@pytest.mark.parametrize(
    ("layer", "text"),
    [
        (layers.LeakyReLU(), "class 'LeakyReLU'. Expected some of Rescaling"),
        (layers.ReLU(6), "class 'ReLU'"),
        (layers.LayerNormalization(), "class 'LayerNormalization'"),
        (layers.SeparableConv2D(2, 3), "class 'SeparableConv2D'"),
        (layers.Conv2D(2, 3, dilation_rate=2), "'dilation_rate' = "),
    ],
    ids=lambda v: getattr(v, "name", ""),
)
def test_a_layer_that_an_artifact_cannot_have_is_named(path, layer, text):
    save(path, layer)
    with pytest.raises(ArtifactError, match=text) as caught:
        convert(str(path))
    assert caught.value.code in ("config-class", "config-value")


@pytest.mark.any_backend
def test_a_network_with_branches_is_no_stack(path):
    pixels = keras.Input((28, 28, 1))
    flat = layers.Flatten()(pixels)
    short = layers.Dense(784, activation="relu")(flat)
    out = layers.Dense(10, "softmax")(short)
    # Two layers see the same input: in a row they give something else.
    keras.Model(pixels, out).save(path)
    open_here(path)
    side = layers.Dense(784, name="side")(flat)
    mixed = layers.Maximum()([short, side])
    keras.Model(pixels, layers.Dense(10, "softmax")(mixed)).save(path)
    refuse(path, "config-class", "layer of the class 'Maximum'")


@pytest.mark.any_backend
def test_a_network_that_uses_a_layer_twice_is_no_stack(path):
    pixels = keras.Input((28, 28, 1))
    again = layers.Dense(784, activation="tanh")
    x = again(again(layers.Flatten()(pixels)))
    keras.Model(pixels, layers.Dense(10, "softmax")(x)).save(path)
    refuse(path, "config-class", "is not a stack of layers")


# === The process ===


@pytest.mark.any_backend
def test_keras_safe_mode_stays_on(path):
    pixels = keras.Input((28, 28, 1))
    x = layers.Lambda(lambda v: v / 255)(pixels)
    out = layers.Dense(10, "softmax", **ZEROS)(layers.Flatten()(x))
    keras.Model(pixels, out).save(path)
    text = "mine.keras: Keras cannot open it .ValueError: Requested the"
    refuse(path, "keras", text, load_trusted)


@pytest.mark.any_backend
def test_what_is_no_keras_file_is_one_line(path):
    refuse(path, "missing", "does not exist", load_trusted)
    # By its content, not by its name.
    for body in (b"hello", b"\x89HDF\r\n\x1a\n" + bytes(900), b""):
        path.write_bytes(body)
        refuse(path, "not-an-artifact", "is no .keras file", load_trusted)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", "{}")
    refuse(path, "not-an-artifact", "no item named", load_trusted)


@pytest.mark.any_backend
@pytest.mark.parametrize("name", ["assets/words.txt", "../evil", "config.json"])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_another_member_is_refused(path, name):
    path.write_bytes(pretrained_path().read_bytes())
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, "{}")
    refuse(path, "unexpected-member", "or holds a member twice", load_trusted)


@pytest.mark.any_backend
def test_a_member_is_not_unpacked_by_what_may_ask_for_gigabytes(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("config.json", "{}")
        archive.writestr("model.weights.h5", b"")
    refuse(path, "not-an-artifact", "compression 14", load_trusted)


@pytest.mark.any_backend
def test_a_member_that_unpacks_to_a_bomb_is_refused(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", b" " * (70 << 20))
        archive.writestr("model.weights.h5", b"")
    refuse(path, "budget", "has a member of more than", load_trusted)


@pytest.mark.any_backend
@pytest.mark.parametrize(
    ("answer", "code", "text"),
    [
        (b"", "keras", "too much time or memory"),
        (b"ok\n", "keras", "too much time or memory"),
        (b"ok\nPK\x03\x04", "truncated", "its end is missing"),
        (b"error\nshape\nIt is odd. Expected even.", "shape", "It is odd"),
        (b"ok\n" + bytes(100), "not-an-artifact", "begins with"),
    ],
)
def test_what_the_process_answers_is_not_trusted(
    path, monkeypatch, answer, code, text
):
    monkeypatch.setattr(unchecked, "_ask_child", lambda path: answer)
    refuse(pretrained_path(), code, text, load_trusted)


@pytest.mark.any_backend
def test_what_cannot_be_limited_is_said(monkeypatch, caplog):
    whole = pretrained_path().read_bytes()
    answer = b"ok,memory,files and network\n" + whole
    monkeypatch.setattr(unchecked, "_ask_child", lambda path: answer)
    load_trusted(pretrained_path())
    assert "cannot limit the memory of the process" in caplog.text
    assert "cannot limit the files and network of the process" in caplog.text


# === The command line ===


@pytest.fixture
def mnistcnn(tmp_path, monkeypatch, capsys):
    """As `mnistcnn`, in this process, where the framework is loaded."""

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["mnistcnn", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return ended.value.code or 0, *capsys.readouterr()

    monkeypatch.chdir(tmp_path)
    return call


@pytest.mark.any_backend
def test_the_command_line_says_what_it_means(path, tmp_path, digits, mnistcnn):
    model = keras.saving.load_model(pretrained_path(), compile=False)
    pixels = keras.Input((28, 28, 1))
    keras.Model(pixels, model(pixels)).save(path)
    npz = tmp_path / "few.npz"
    few = digits.limit(50)
    names = ("x_train", "y_train", "x_test", "y_test")
    np.savez(npz, **{name: getattr(few, name) for name in names})
    command = ["evaluate", path, "--data", npz]
    code, _, errors = mnistcnn(*command)
    assert code == 2
    assert "If you made the file yourself: --trust. [config-" in errors
    assert len(errors.splitlines()) == 1
    code, said, errors = mnistcnn(*command, "--trust")
    assert code == 0, errors
    assert TRUST_WARNING in errors
    assert "of 50 test images of few.npz right" in said
    accuracy = float(said.split("%")[0])
    assert accuracy > 80, "the nested Rescaling is found"
