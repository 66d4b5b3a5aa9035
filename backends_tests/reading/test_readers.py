"""Reading where no framework is chosen: NumPy alone, and no Keras."""

import pickle
import subprocess
import sys

import numpy as np
import pytest

from mnistcnn import DigitClassifier, evaluate, inspect_artifact
from mnistcnn.artifact import layers as artifact_layers
from mnistcnn.backends import numpy_operations
from mnistcnn.errors import DataError, DataWarning
from mnistcnn.ink import draw_digit
from mnistcnn.pictures import rasterize

pytestmark = pytest.mark.core


@pytest.fixture
def classifier(monkeypatch):
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    return DigitClassifier.from_pretrained()


def draw(labels, rng):
    """Digits side by side, in boxes of 100."""
    return [
        stroke * 80 + np.array([20 + 120 * place, 20])
        for place, label in enumerate(labels)
        for stroke in draw_digit(label, rng)
    ]


def test_strokes_and_pictures_are_read(classifier, rng):
    strokes = draw((4, 0, 7), rng)
    assert [r.label for r in classifier.read_strokes(strokes)] == list("407")
    picture = 255 - rasterize(strokes, (130, 380), 9)
    assert [r.label for r in classifier.read(picture)] == list("407")
    assert classifier.backend == "numpy"


def test_data_sets_are_scored(classifier, digits):
    found = evaluate(classifier, digits.x_test, digits.y_test)
    assert found.n == 1000 and found.accuracy > 0.95
    assert classifier.predict_proba(digits.x_test[:0]).shape == (0, 10)


def test_odd_images_are_said_once_not_by_each_that_looks(classifier, digits):
    images, labels = 255 - digits.x_test[:20], digits.y_test[:20]
    with pytest.warns(DataWarning, match="bright rims") as said:
        evaluate(classifier, images, labels)
    assert len(said) == 1
    with pytest.warns(DataWarning, match="bright rims") as said:
        evaluate(_Other(), images, labels)
    assert len(said) == 1


class _Other:
    """A classifier that looks at nothing."""

    def predict_proba(self, images):
        return np.eye(10)[np.zeros(len(images), int)]


def test_the_ends_of_the_network_are_explained(classifier, digits):
    first, last = classifier.explain(digits.x_test[0])
    layers = {layer.name: layer for layer in inspect_artifact().layers}
    for maps in (first, last):
        shape = layers[maps.layer].output_shape
        assert (*maps.maps.shape[1:], maps.total) == shape
        assert maps.maps.max() == 255


@pytest.mark.parametrize("count", [0, 2])
def test_one_image_is_explained_no_other_number(count, classifier):
    """Of two, the first one's maps looked like those of both."""
    images = np.zeros((count, 28, 28), np.uint8)
    with pytest.raises(DataError, match=rf"\({count}, 28, 28\).*Expected one"):
        classifier.explain(images)


def test_every_layer_of_an_artifact_is_known():
    assert set(numpy_operations.LAYERS) == set(artifact_layers.LAYERS)


SCRIPT = """
import sys
from mnistcnn import DigitClassifier
from mnistcnn.cli import app
print(DigitClassifier.from_pretrained().backend)
app("evaluate --data strokes --limit 50".split(), standalone_mode=False)
loaded = {"keras", "jax", "torch", "tensorflow"} & set(sys.modules)
assert not loaded, loaded
"""


def test_neither_keras_nor_a_framework_is_loaded(monkeypatch, tmp_path):
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    command = [sys.executable, "-c", SCRIPT]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("numpy\n")


def test_it_travels_between_processes(classifier, digits):
    images = digits.x_test[:5]
    copied = pickle.loads(pickle.dumps(classifier))
    assert copied.backend == "numpy"
    expected = classifier.predict_proba(images)
    np.testing.assert_array_equal(copied.predict_proba(images), expected)
