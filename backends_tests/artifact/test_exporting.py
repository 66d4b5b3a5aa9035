import importlib.util
import sys

import numpy as np
import pytest

from mnistcnn import backends, build_model, save_artifact
from mnistcnn.artifact import exporting
from mnistcnn.artifact.exporting import export_artifact, make_images
from mnistcnn.artifact.formats import FORMATS, Format, check_export
from mnistcnn.errors import ConfigError

# What each backend writes with nothing else installed.
ALONE = {"tensorflow": "litert", "torch": "torch", "jax": None}[backends.name]


def is_there(*names):
    return all(importlib.util.find_spec(name) for name in names)


def possible():
    """The formats that can be written and opened here."""
    return [
        name
        for name, form in FORMATS.items()
        if backends.name in form.writers
        and is_there(*form.writers[backends.name], *form.readers)
    ]


def test_made_images_are_of_every_kind():
    images = make_images(48)
    assert images.shape == (48, 28, 28, 1)
    assert images.dtype == np.float32 and images.max() == 255
    assert not images[-1].any() and images[0].any()


@pytest.mark.parametrize("form", possible())
def test_what_is_written_answers_as_the_artifact(form, tmp_path):
    path = save_artifact(
        build_model(seed=4, num_classes=3), tmp_path / "a.keras"
    )
    out = tmp_path / "new" / f"net{FORMATS[form].suffix}"
    done = export_artifact(path, form, out)
    assert done.path == out and out.exists()
    assert done.num_bytes > 50_000
    assert done.difference < 1e-5
    images = make_images(48)[:3]
    answers = exporting.OPENERS[form](out)(images)
    from mnistcnn import load_artifact

    expected = load_artifact(path).predict_on_batch(images)
    np.testing.assert_allclose(answers, np.asarray(expected), atol=1e-5)
    # Nothing else is left there.
    beside = {out.with_suffix(suffix).name for suffix in FORMATS[form].beside}
    assert {p.name for p in out.parent.iterdir()} == {out.name, *beside}
    with pytest.raises(ConfigError, match="is there already. Expected a new"):
        export_artifact(path, form, out)


def test_each_backend_writes_something_by_itself():
    assert ALONE is None or ALONE in possible()


def test_an_unknown_format_is_refused(tmp_path):
    with pytest.raises(ConfigError, match='There is no format "onx". Expected'):
        check_export("onx", tmp_path / "a.onx")


def test_what_this_backend_cannot_write_is_said(tmp_path):
    other = "torch" if backends.name != "torch" else "tf_saved_model"
    text = f"{other} cannot be written on {backends.name}. Expected KERAS_"
    with pytest.raises(ConfigError, match=text):
        check_export(other, tmp_path / "a")


def test_a_missing_package_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None, raising=True
    )
    with pytest.raises(ConfigError, match=r'pip install "mnistcnn\[onnx\]"\.'):
        check_export("onnx", tmp_path / "a.onnx")


@pytest.fixture
def fake(monkeypatch):
    """A format that writes one byte, and answers what a test says."""

    def make(answer, write=lambda path: path.write_bytes(b"x")):
        monkeypatch.setitem(
            FORMATS, "fake", Format(".fake", {backends.name: ()})
        )
        openers = exporting.OPENERS
        monkeypatch.setitem(openers, "fake", lambda path: answer)
        monkeypatch.setattr(
            exporting, "_write", lambda *arguments: write(arguments[-1])
        )

    return make


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (lambda x: np.zeros((len(x), 10)), "differs by .* from the artifact"),
        (lambda x: np.full((len(x), 10), np.nan), "differs by nan"),
        (
            lambda x: np.zeros((1, 10)),
            r"outputs of shape \(1, 10\). Expected \(48, 10",
        ),
        (lambda x: 1 / 0, "could not be opened again .*ZeroDivisionError"),
    ],
)
def test_what_answers_otherwise_is_not_written(answer, text, fake, tmp_path):
    fake(answer)
    with pytest.raises(ConfigError, match=text):
        export_artifact(None, "fake", tmp_path / "a.fake")
    assert list(tmp_path.iterdir()) == []


def test_a_suffix_of_something_else_is_refused(fake, tmp_path):
    fake(None)
    with pytest.raises(ConfigError, match="ends in '.onnx'. Expected '.fake'"):
        check_export("fake", tmp_path / "a.onnx")


def test_a_converter_that_fails_is_one_line(tmp_path, monkeypatch, capfd):
    class Model:
        input_shape = (None, 28, 28, 1)

        def __call__(self, images):
            return images

        def export(self, path, **options):
            sys.stdout.write("chatter")
            raise RuntimeError("two\nlines")

    with pytest.raises(ConfigError, match="RuntimeError: two lines"):
        exporting._write(None, Model(), "torch", tmp_path / "a.pt2")
    assert "chatter" not in capfd.readouterr().out


# === ONNX, by our own writer ===


@pytest.mark.skipif(
    not is_there("onnx", "onnxruntime"), reason="onnx is not installed"
)
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_every_layer_of_an_artifact_has_its_nodes(padding, rng, tmp_path):
    from mnistcnn.backends import keras

    layers = keras.layers
    window = {"padding": padding}
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1), name="pixels"),
            layers.Rescaling(1 / 255, 0.1, name="scale"),
            layers.Conv2D(4, (3, 5), strides=2, name="c1", **window),
            layers.BatchNormalization(scale=False, name="n1"),
            layers.Activation("silu", name="a1"),
            layers.Conv2D(6, 3, activation="gelu", name="c2", **window),
            layers.BatchNormalization(center=False, name="n2"),
            layers.MaxPooling2D(3, strides=2, name="p1", **window),
            layers.Conv2D(5, 2, activation="elu", use_bias=False, name="c3"),
            layers.AveragePooling2D(2, strides=1, name="p2", **window),
            layers.Flatten(name="flat"),
            layers.Dropout(0.5, name="drop"),
            layers.Dense(7, activation="tanh", use_bias=False, name="d1"),
            layers.Rescaling(0.5, name="temperature"),
            layers.Dense(3, name="d2"),
            layers.Activation("softmax", name="soft"),
        ],
        name="all",
    )
    for variable in model.weights:
        shape = tuple(variable.shape)
        variable.assign(
            rng.uniform(0.1, 0.5, shape).astype("f4") - 0.2 * (len(shape) > 1)
        )
    path = save_artifact(
        model, tmp_path / "a.keras", card={"classes": list("xyz")}
    )
    done = export_artifact(path, "onnx", tmp_path / "a.onnx")
    assert done.difference < 1e-5

    import onnx

    written = onnx.load(tmp_path / "a.onnx")
    (kept,) = written.metadata_props
    assert (kept.key, kept.value) == ("classes", '["x", "y", "z"]')


@pytest.mark.skipif(
    not is_there("onnx", "onnxruntime"), reason="onnx is not installed"
)
def test_global_averages_have_their_nodes(tmp_path):
    from mnistcnn.backends import keras

    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1), name="pixels"),
            layers.Conv2D(4, 3, activation="relu", name="c1"),
            layers.GlobalAveragePooling2D(name="mean"),
            layers.Dense(3, activation="softmax", name="d"),
        ],
        name="mean",
    )
    path = save_artifact(model, tmp_path / "a.keras")
    assert export_artifact(path, "onnx", tmp_path / "a.onnx").difference < 1e-5
