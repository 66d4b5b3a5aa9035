import numpy as np
import pytest

from mnistcnn.calibration import wilson_interval
from mnistcnn.errors import DataError
from mnistcnn.evaluation import evaluate, score

pytestmark = pytest.mark.core


class Stub:
    """Reads an image as the number in its first pixel."""

    def predict_proba(self, images):
        return np.eye(10, dtype=np.float32)[images[:, 0, 0]]


def images_of(numbers):
    images = np.zeros((len(numbers), 28, 28), np.uint8)
    images[:, 0, 0] = numbers
    images[:, 9, 9] = 255
    return images


def test_scores_by_hand():
    y = [0, 0, 1, 2]
    result = evaluate(Stub(), images_of([0, 1, 1, 0]), np.array(y))
    assert (result.accuracy, result.n) == (0.5, 4)
    assert result.confusion[0, :3].tolist() == [1, 1, 0]
    assert result.confusion[2, 0] == 1
    assert result.confusion.sum() == 4
    rows = result.per_class
    assert (rows[0]["precision"], rows[0]["recall"]) == (0.5, 0.5)
    assert (rows[1]["precision"], rows[1]["recall"]) == (0.5, 1.0)
    assert (rows[2]["recall"], rows[2]["support"]) == (0.0, 1)
    assert rows[9] == {
        "label": "9",
        "precision": 0.0,
        "recall": 0.0,
        "support": 0,
    }
    # Two right (0), two with all belief elsewhere: -log(1e-7) each.
    assert result.loss == pytest.approx(-np.log(1e-7) / 2)


def test_the_surest_mistake_comes_first():
    probabilities = np.array([[0.4, 0.6], [0.1, 0.9], [0.8, 0.2]])
    result = score(np.array([0, 0, 0]), probabilities, classes=("a", "b"))
    assert [m["index"] for m in result.mistakes] == [1, 0]
    assert result.mistakes[0] == {
        "index": 1,
        "label": "a",
        "predicted": "b",
        "probability": 0.9,
    }
    assert len(result.to_dict(max_mistakes=1)["mistakes"]) == 1


def test_interval_is_wilson_s():
    # Brown, Cai and DasGupta, "Interval Estimation for a Binomial
    # Proportion", 2001: the closed form, worked out by hand for 8 of 10.
    assert wilson_interval(8, 10) == pytest.approx((0.4901625, 0.9433178))
    low, high = wilson_interval(10, 10)
    assert 0.7 < low < 0.73 and high == pytest.approx(1.0)
    assert wilson_interval(0, 10)[0] == 0.0


@pytest.mark.parametrize(("images", "labels"), [(0, 0), (2, 1)])
def test_images_and_labels_have_to_match(images, labels):
    text = f"{images} images and {labels} labels.*: is there a test set"
    with pytest.raises(DataError, match=text):
        evaluate(Stub(), images_of([0] * images), np.zeros(labels, int))


def test_calibration_is_part_of_the_scores():
    result = score(
        np.array([0, 1, 1]), np.array([[0.9, 0.1], [0.9, 0.1], [0.4, 0.6]])
    )
    # Two of three 0.9 sure and half right; one 0.6 sure and right.
    assert result.calibration_error == pytest.approx((2 * 0.4 + 0.4) / 3)
    assert result.to_dict()["calibration_error"] == result.calibration_error
    assert [row["n"] for row in result.to_dict()["reliability"]] == [1, 2]


@pytest.mark.parametrize(("width", "label"), [(5, 7), (12, 3)])
def test_a_net_of_other_classes_than_the_data_is_refused(width, label):
    rows = np.full((2, width), 1 / width)
    with pytest.raises(DataError, match=f"gives {width} probabilities"):
        score(np.array([0, label]), rows)


class Network:
    """Stands for a Keras model that takes images of a shape."""

    def __init__(self, *sizes):
        self.input_shape = (None, *sizes)

    def predict(self, images, **_options):
        return np.full((len(images), 10), 0.1, np.float32)


@pytest.mark.parametrize("sizes", [(28, 28, 1), (None, None, 1), (28, 28)])
def test_networks_of_mnists_images_are_scored(sizes):
    assert evaluate(Network(*sizes), images_of([3, 0]), [3, 0]).n == 2


@pytest.mark.parametrize("sizes", [(784,), (32, 32, 1), (28, 28, 3), (1,)])
def test_networks_of_other_images_are_refused(sizes):
    with pytest.raises(DataError, match=r"of shape \(.*Expected \(28, 28, 1\)"):
        evaluate(Network(*sizes), images_of([3, 0]), [3, 0])


@pytest.mark.parametrize("model", ["best.keras", None])
def test_what_is_no_model_is_refused(model):
    with pytest.raises(DataError, match="of type .*: load_artifact reads"):
        evaluate(model, images_of([3, 0]), [3, 0])


class Answering:
    """Answers with what a function makes of the right probabilities."""

    def __init__(self, make):
        self.make = make

    def predict_proba(self, images):
        return self.make(np.eye(10)[images[:, 0, 0]])


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda p: 9 * p - 4, "from -4 to 5, whose sum is -31. Expected"),
        (lambda p: p + 0.125, "from 0.125 to 1.12, whose sum is 2.25"),
        (lambda p: 100 * p, "whose sum is 100. .*: end the model in a softmax"),
        (lambda p: p * [[1], [np.nan]], r"image 1 .* \(nan, nan, nan, …\)"),
        (lambda p: np.where(p, np.inf, 0), r"image 0 .*diverged"),
        (lambda p: p[:-1], r"2 images with a ndarray of shape \(1, 10\)"),
        (lambda p: p[..., None], r"of shape \(2, 10, 1\) and dtype float64"),
        (lambda p: p.argmax(1), r"of shape \(2,\) .*Expected a row"),
        (lambda p: None, r"a NoneType of shape \(\) and dtype object"),
        (lambda p: {"digit": p}, r"a dict of shape \(\) and dtype object"),
        (lambda p: [p, p[:, :2]], "The model's answer is no array"),
        (lambda p: [p, p], r"a list of shape \(2, 2, 10\)"),
        (lambda p: p.astype(str), "dtype <U32"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_what_are_no_probabilities_is_refused(make, said):
    with pytest.raises(DataError, match=said) as error:
        evaluate(Answering(make), images_of([3, 0]), [3, 0])
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("dtype", ["float16", "float32", "int8"])
def test_probabilities_of_any_type_are_scored(dtype):
    found = evaluate(
        Answering(lambda p: p.astype(dtype)), images_of([3, 0]), [3, 1]
    )
    assert found.accuracy == 0.5


def test_probabilities_are_scored_though_they_are_rounded():
    found = evaluate(
        Answering(lambda p: 0.9951 * p + 1e-9), images_of([3, 0]), [3, 0]
    )
    assert found.accuracy == 1
