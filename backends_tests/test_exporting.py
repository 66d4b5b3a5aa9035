import importlib.util
import sys

import numpy as np
import pytest

from mnistcnn import backends, build_model, exporting, save_artifact
from mnistcnn.errors import ConfigError
from mnistcnn.exporting import (
    FORMATS,
    NUM_IMAGES,
    check_export,
    export_artifact,
    make_images,
)

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
    images = make_images()
    assert images.shape == (NUM_IMAGES, 28, 28, 1)
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
    images = make_images()[:3]
    answers = FORMATS[form].open(out)(images)
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
    with pytest.raises(ConfigError, match=r"pip install .*onnx onnxruntime\."):
        check_export("onnx", tmp_path / "a.onnx")


@pytest.fixture
def fake(monkeypatch):
    """A format that writes one byte, and answers what a test says."""

    def make(answer, write=lambda path: path.write_bytes(b"x")):
        form = exporting.Format(
            ".fake", {backends.name: ()}, (), lambda path: answer
        )
        monkeypatch.setitem(FORMATS, "fake", form)
        monkeypatch.setattr(
            exporting, "_write", lambda model, form, path: write(path)
        )

    return make


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (lambda x: np.zeros((len(x), 10)), "differs by .* from the artifact"),
        (lambda x: np.full((len(x), 10), np.nan), "differs by nan"),
        (lambda x: np.zeros((1, 10)), r"answers \(1, 10\). Expected \(48, 10"),
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
        exporting._write(Model(), "onnx", tmp_path / "a.onnx")
    assert "chatter" not in capfd.readouterr().out
