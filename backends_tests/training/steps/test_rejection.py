"""What the shipped network rejects, and what it does not."""

import numpy as np
import pytest
from cv2 import INTER_NEAREST, resize

from mnistcnn import DigitClassifier, inspect_artifact
from mnistcnn.artifact import pretrained_path
from mnistcnn.evaluation import score
from mnistcnn.pictures import ink_to_image
from unlike_mnist.made_nondigits import KINDS, measure_refusals

# By NumPy, which answers as Keras does (test_numpy.py): the network is one.
pytestmark = pytest.mark.core


@pytest.fixture(scope="module")
def classifier():
    return DigitClassifier.from_pretrained()


@pytest.fixture(scope="module")
def rejecting(classifier):
    """The shipped network, if it has a rejection class."""
    if "threshold" not in inspect_artifact().card:
        pytest.skip("the shipped network has no threshold")
    return classifier


@pytest.fixture(scope="module")
def refused(rejecting):
    return measure_refusals(rejecting)


@pytest.fixture(scope="module")
def on_mnist(classifier, mnist):
    """The probabilities of MNIST's 10,000 test images."""
    return classifier.predict_proba(mnist.x_test)


def test_most_non_digits_are_refused(refused):
    everything = [one for kind in refused.values() for one in kind]
    assert len(everything) > 500
    assert np.mean(everything) >= 0.9


@pytest.mark.parametrize("kind", KINDS)
def test_of_no_kind_are_many_taken_for_digits(kind, refused):
    assert np.mean(refused[kind]) >= 0.75


def test_what_ships_is_small_and_names_its_training_strokes():
    found = inspect_artifact()
    assert found.card["architecture"]["parameters"] <= 120_000
    assert pretrained_path().stat().st_size <= 500_000
    licences = {source["licence"] for source in found.card["strokes"]}
    assert licences == {"CC BY 4.0"}
    assert all(source["attribution"] for source in found.card["strokes"])


@pytest.mark.parametrize("level", [0, 5, 128, 255])
def test_a_blank_image_is_rejected(classifier, level):
    image = np.full((28, 28), level, np.uint8)
    (row,) = classifier.predict_proba(image)
    assert classifier.decide(row) == "?"


def test_nothing_is_read_in_blank_ink(classifier):
    assert classifier.read(np.full((60, 60), 255, np.uint8)) == []
    assert classifier.read_strokes([np.empty((0, 2))]) == []


def test_generated_digits_are_not_refused(rejecting, digits):
    sure = rejecting.predict_proba(digits.x_test).max(axis=1)
    assert (sure < rejecting.threshold).mean() <= 0.03


@pytest.mark.mnist
def test_hardly_any_real_digit_is_refused(classifier, on_mnist):
    sure = on_mnist.max(axis=1)
    assert (sure < classifier.threshold).mean() <= 0.01


@pytest.mark.mnist
def test_probabilities_are_what_they_say(mnist, on_mnist):
    assert score(mnist.y_test, on_mnist).calibration_error <= 0.01


@pytest.mark.mnist
def test_enlarged_and_displaced_digits_keep_their_labels(
    classifier, mnist, on_mnist
):
    rng = np.random.default_rng(0)
    images = mnist.x_test[:3000]
    again = []
    for image in images:
        picture = np.zeros((160, 180), np.uint8)
        y, x = rng.integers(0, 48), rng.integers(0, 68)
        picture[y : y + 112, x : x + 112] = resize(
            image, (112, 112), interpolation=INTER_NEAREST
        )
        again.append(ink_to_image(picture))
    found = classifier.predict_proba(np.array(again)).argmax(axis=1)
    same = found == on_mnist[: len(images)].argmax(axis=1)
    assert same.mean() >= 0.999
