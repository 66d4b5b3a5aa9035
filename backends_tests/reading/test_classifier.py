import copy
import multiprocessing
import pickle

import joblib
import numpy as np
import pytest

from mnistcnn import DigitClassifier, backends, build_model, evaluation
from mnistcnn.artifact import budget
from mnistcnn.backends import keras
from mnistcnn.data import defocus, draw_strokes
from mnistcnn.errors import ArtifactError, ConfigError, DataError, DataWarning
from mnistcnn.ink import draw_digit, print_digits
from mnistcnn.pictures import rasterize
from mnistcnn.reading.readers import MAX_BATCH
from mnistcnn.reading.readings import choose_label


@pytest.fixture(scope="module")
def classifier():
    return DigitClassifier.from_pretrained()


def test_no_more_is_computed_at_once_than_the_artifacts_budget_is_for():
    # The artifact's package may import neither.
    assert max(evaluation.BATCH_SIZE, MAX_BATCH) <= budget.BATCH


def test_it_agrees_with_the_model(rng):
    model = build_model(seed=3)
    classifier = DigitClassifier(model, classes="0123456789")
    images = rng.integers(0, 256, (37, 28, 28)).astype(np.uint8)
    expected = model(images[..., None].astype(np.float32), training=False)
    expected = keras.ops.convert_to_numpy(expected)
    np.testing.assert_allclose(
        classifier.predict_proba(images), expected, atol=1e-6
    )


def test_digits_have_a_form_that_compares_with_labels(classifier, digits):
    images, labels = digits.x_test[:200], digits.y_test[:200]
    rows = classifier.predict_proba(images)
    right = classifier.digits_[rows.argmax(axis=1)] == labels
    names = classifier.predict(images) == labels.astype(str)
    assert right.mean() > 0.9
    assert np.array_equal(right, names)
    other = DigitClassifier(classifier.model, classes=(*"01234567", "A", ""))
    assert other.digits_.tolist() == [*range(8), -1, -1]


@pytest.mark.parametrize("width", [1.6, 2.5, 4, 5.5, 6.5])
def test_print_and_bold_pens_are_read(classifier, width):
    printed = print_digits(500, np.random.default_rng(7))
    right = classifier.predict(draw_strokes(printed, np.full(500, width)))
    assert (right == printed.labels).mean() > 0.96


def test_print_out_of_focus_is_read(classifier):
    rng = np.random.default_rng(7)
    printed = print_digits(500, rng)
    images = defocus(draw_strokes(printed, np.full(500, 3)), rng)
    right = classifier.predict(images) == printed.labels
    assert right.mean() > 0.94


def test_what_is_not_likely_is_not_a_digit(classifier):
    row = np.full(10, 0.01, np.float32)
    row[7] = 0.91
    assert classifier.decide(row) == "7"
    row[7] = 0.31
    assert classifier.decide(row) == "?"
    row[7] = np.nan
    assert classifier.decide(row) == "?"
    assert choose_label(np.eye(10)[3], [""] * 10, 0.5) == "?"


def test_it_explains_by_its_layers_answers(classifier, digits):
    first, last = classifier.explain(digits.x_test[0])
    assert len(first.maps) == first.total
    # A convolution sees more of the picture, and answers in fewer places.
    assert first.maps.shape[1] > last.maps.shape[1]
    assert first.maps.max() == last.maps.max() == 255


def test_a_stack_of_another_model_s_layers_is_explained_alike(digits):
    model = build_model(seed=1)
    shared = keras.Sequential([keras.Input((28, 28, 1)), *model.layers])
    inherited = Inheriting([keras.Input((28, 28, 1)), *model.layers])
    given = digits.x_test[0]
    expected, *others = (
        DigitClassifier(each, classes="0123456789").explain(given)
        for each in (model, shared, inherited)
    )
    assert len(expected) == 2
    for found in others:
        for one, other in zip(expected, found, strict=True):
            np.testing.assert_array_equal(one.maps, other.maps)


class Inheriting(keras.Sequential):
    """As Keras' own."""


class Inverting(keras.Sequential):
    """With a call of its own."""

    def call(self, inputs, training=None, mask=None):
        return super().call(255 - inputs, training=training)


def test_a_call_of_its_own_is_run_and_not_explained(digits):
    model = Inverting([keras.Input((28, 28, 1)), *build_model().layers])
    classifier = DigitClassifier(model, classes="0123456789")
    images = digits.x_test[:2]
    expected = build_model()(255.0 - images[..., None], training=False)
    np.testing.assert_allclose(
        classifier.predict_proba(images),
        keras.ops.convert_to_numpy(expected),
        atol=1e-6,
    )
    with pytest.raises(ConfigError, match="class Inverting, with a call of"):
        classifier.explain(images[0])


def test_it_sees_later_changes_of_the_weights(rng):
    model = build_model()
    classifier = DigitClassifier(model, classes="0123456789")
    image = rng.integers(0, 256, (1, 28, 28)).astype(np.uint8)
    before = classifier.predict_proba(image)
    model.set_weights(build_model(seed=1).get_weights())
    assert np.abs(classifier.predict_proba(image) - before).max() > 1e-3


def test_what_a_network_answers_has_to_be_probabilities(digits):
    layers = keras.layers
    logits = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Flatten(),
            layers.Dense(10, kernel_initializer="ones"),
        ]
    )
    diverged = build_model()
    diverged.set_weights([w * np.nan for w in diverged.get_weights()])
    digit = 255 - digits.x_test[0].repeat(4, 0).repeat(4, 1)
    for model, said in (
        (logits, "end the model in a softmax layer"),
        (diverged, r"\(nan, nan, nan, …\).*diverged"),
    ):
        classifier = DigitClassifier(model, classes="0123456789", rotation=5)
        for read, given in (
            (classifier.predict_proba, digits.x_test[:3]),
            (classifier.predict, digits.x_test[:3]),
            (classifier.read, digit),
        ):
            with pytest.raises(DataError, match=said):
                read(given)
        assert len(classifier.predict(digits.x_test[:0])) == 0


@pytest.mark.parametrize(
    "policy", ["mixed_bfloat16", "bfloat16", "float16", "float64"]
)
# JAX has no float64, and says so.
@pytest.mark.filterwarnings("ignore:Explicitly requested dtype float64")
def test_networks_of_another_precision_answer_in_float32(policy, digits):
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Rescaling(1 / 255, dtype=policy),
            layers.Conv2D(2, 3, kernel_initializer="zeros", dtype=policy),
            layers.Flatten(dtype=policy),
            layers.Dense(10, activation="softmax", dtype=policy),
        ]
    )
    x, y = digits.x_test, digits.y_test
    assert evaluation.evaluate(model, x, y).n == len(x)
    classifier = DigitClassifier(model, classes="0123456789")
    rows = classifier.predict_proba(x)
    assert np.abs(rows.astype(float).sum(axis=1) - 1).max() < 0.01
    assert rows.dtype == classifier.predict_proba(x[:0]).dtype == np.float32
    # Where nothing is active, half precision has no factor that shows it.
    (maps,) = classifier.explain(x[0])
    assert not maps.maps.any()


def test_many_images_go_in_batches(classifier, rng):
    images = rng.integers(0, 256, (1100, 28, 28)).astype(np.uint8)
    together = classifier.predict_proba(images)
    alone = classifier.predict_proba(images[700])
    np.testing.assert_allclose(together[700], alone[0], atol=1e-5)
    assert together.shape == (1100, 10)
    assert classifier.predict_proba(images[:0]).shape == (0, 10)


@pytest.mark.parametrize("shape", [(28, 28), (1, 28, 28), (1, 28, 28, 1)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_the_forms_of_an_image(shape, dtype, classifier, digits):
    image = digits.x_test[0].reshape(shape).astype(dtype)
    expected = classifier.predict_proba(digits.x_test[:1])
    np.testing.assert_allclose(
        classifier.predict_proba(image), expected, atol=1e-6
    )
    assert classifier.predict(image).tolist() == [
        classifier.classes_[expected[0].argmax()]
    ]


def test_tensors_of_the_backend(classifier, digits):
    images = digits.x_test[:5]
    tensor = keras.ops.convert_to_tensor(images)
    assert (classifier.predict(tensor) == classifier.predict(images)).all()
    half = keras.ops.cast(images, "bfloat16")
    if keras.backend.backend() == "torch":
        # NumPy cannot take it, which PyTorch says.
        with pytest.raises(DataError, match="is no array .*BFloat16"):
            classifier.predict(half)
    else:
        rounded = np.asarray(half).astype(np.float32)
        expected = classifier.predict_proba(rounded)
        assert (classifier.predict_proba(half) == expected).all()


def test_another_form_is_refused(classifier):
    for call in (classifier.predict, classifier.explain):
        with pytest.raises(DataError, match=r"\(28, 28, 3\)"):
            call(np.zeros((28, 28, 3), np.uint8))


def test_scaled_and_inverted_images_are_said(classifier, digits):
    images = digits.x_test[:9]
    with pytest.warns(DataWarning, match="Expected 0..255"):
        classifier.predict(images / 255)
    with pytest.warns(DataWarning, match="dark ink on bright paper"):
        classifier.predict_proba(255 - images)


def test_generated_digits_are_read(classifier, digits):
    right = classifier.predict(digits.x_test).astype(int) == digits.y_test
    assert right.mean() > 0.9


def written(number, rng):
    """Strokes of a number, its digits side by side, 100 units high."""
    return [
        stroke * 100 + (60 + 130 * place, 40)
        for place, digit in enumerate(number)
        for stroke in draw_digit(int(digit), rng)
    ]


def test_strokes_are_read_left_to_right(classifier):
    readings = classifier.read_strokes(written("307", np.random.default_rng(1)))
    assert "".join(reading.label for reading in readings) == "307"
    boxes = [reading.box for reading in readings]
    assert boxes == sorted(boxes)
    assert all(0.5 <= reading.probability <= 1 for reading in readings)
    assert readings[0].probabilities.shape == (10,)


def test_time_and_pressure_and_a_lone_stroke_make_no_difference(classifier):
    strokes = written("7", np.random.default_rng(0))
    plain = classifier.read_strokes(strokes)
    timed = [np.column_stack([s, np.arange(len(s)) * 7]) for s in strokes]
    (found,) = classifier.read_strokes(timed)
    assert found.label == plain[0].label == "7" and found.box == plain[0].box
    line = np.array([[10.0, 10], [12, 90]])
    (alone,) = classifier.read_strokes(line)
    assert alone.label == classifier.read_strokes([line])[0].label
    assert alone.box == (10, 10, 12, 90)


@pytest.mark.parametrize(
    "strokes", [[np.zeros(7)], [[(1, 2), (3,)]], np.zeros((3, 5)), "7", [["a"]]]
)
def test_what_is_no_stroke_is_refused(strokes, classifier):
    with pytest.raises(DataError, match="Expected"):
        classifier.read_strokes(strokes)


def test_a_picture_is_read_dark_on_bright_or_bright_on_dark(classifier):
    strokes = written("42", np.random.default_rng(1))
    ink = rasterize(strokes, (200, 400), 10)
    for picture in (ink, 255 - ink, np.dstack([255 - ink] * 3)):
        readings = classifier.read(picture)
        assert "".join(r.label for r in readings) == "42"
        left, top, right, bottom = readings[0].box
        assert 40 < left < right < 190 and 20 < top < bottom < 170


def test_nothing_is_read_where_nothing_is(classifier):
    assert classifier.read_strokes([]) == []
    assert classifier.read(np.full((50, 50), 255, np.uint8)) == []


def test_an_unlikely_digit_is_a_question_mark():
    flat = build_model()
    flat.set_weights([w * 0 for w in flat.get_weights()])
    classifier = DigitClassifier(flat, classes="0123456789")
    (reading,) = classifier.read_strokes(written("5", np.random.default_rng(0)))
    assert reading.label == "?"
    assert reading.probability == pytest.approx(0.1)


def test_it_says_what_it_runs_on(classifier):
    assert classifier.backend == backends.name
    assert classifier.name == "mnistcnn"
    assert classifier.classes_ == tuple("0123456789")


def test_a_missing_artifact_is_said(tmp_path):
    with pytest.raises(ArtifactError, match="none.keras does not exist"):
        DigitClassifier.from_artifact(tmp_path / "none.keras")


# === Models in hand ===


def _stack(*layers):
    return keras.Sequential([*layers, keras.layers.Flatten()])


@pytest.mark.parametrize(
    ("make", "classes", "said"),
    [
        (lambda: build_model(num_classes=26), "0123456789", "10 classes are"),
        (lambda: build_model(), ["a"] * 10, "a distinct name for each"),
        (
            lambda: _stack(keras.Input((8, 8, 1))),
            "01",
            "takes inputs of the shape (None, 8, 8, 1)",
        ),
        (lambda: _stack(), "01", "no inputs and outputs yet"),
        (lambda: "a.keras", "01", "The model, a str, has no inputs"),
        (lambda: build_model(), 10, "classes is a int. Expected the"),
    ],
)
def test_a_model_that_does_not_fit_is_refused(make, classes, said):
    with pytest.raises(ConfigError) as error:
        DigitClassifier(make(), classes=classes)
    assert said in str(error.value)


@pytest.mark.parametrize("threshold", [2, "0.5", np.nan, None])
def test_a_threshold_is_a_probability(classifier, threshold):
    with pytest.raises(ConfigError, match="threshold is"):
        DigitClassifier(
            classifier.model,
            classes=classifier.classes_,
            threshold=threshold,
        )


@pytest.mark.parametrize("rotation", [-1, 46, "8", np.nan, None])
def test_a_rotation_is_of_few_degrees(classifier, rotation):
    with pytest.raises(ConfigError, match="rotation is"):
        DigitClassifier(
            classifier.model, classes=classifier.classes_, rotation=rotation
        )


@pytest.mark.parametrize("name", ["threshold", "rotation"])
@pytest.mark.parametrize("value", [-1, 50, "0.5", np.nan, None])
def test_what_is_set_later_is_checked_as_well(classifier, name, value):
    classifier = copy.copy(classifier)
    before = getattr(classifier, name)
    with pytest.raises(ConfigError, match=f"{name} is {value}. Expected"):
        setattr(classifier, name, value)
    assert getattr(classifier, name) == before
    setattr(classifier, name, np.float32(0.25))
    again = pickle.loads(pickle.dumps(classifier))
    assert getattr(again, name) == 0.25
    assert type(getattr(again, name)) is float


@pytest.mark.parametrize("shape", [(1, 10), (20, 10), (9,), ()])
def test_one_row_is_decided(classifier, shape):
    with pytest.raises(DataError, match=r"one row, \(10,\): decide\(rows\[0"):
        classifier.decide(np.full(shape, 0.1, np.float32))


@pytest.mark.filterwarnings("error")
def test_vast_coordinates_are_refused_and_large_ones_read(classifier):
    strokes = written("42", np.random.default_rng(0))
    vast = [stroke * 1e300 for stroke in strokes]
    with pytest.raises(DataError, match=r"e.302\. Expected .*up to 1e.12:"):
        classifier.read_strokes(vast)
    text = classifier.read_strokes(strokes).text
    factor = 1e12 / max(abs(stroke).max() for stroke in strokes)
    large = [stroke * factor for stroke in strokes]
    assert classifier.read_strokes(large).text == text


@pytest.mark.parametrize("part", ["net", "first", "last"])
def test_a_frozen_net_reads_as_before(part, rng):
    images = rng.integers(0, 256, (3, 28, 28)).astype(np.uint8)
    model = build_model(seed=2)
    classifier = DigitClassifier(model, classes="0123456789")
    before = [classifier.predict_proba(images[:n]) for n in (1, 3)]
    frozen = model
    if part != "net":
        frozen = model.layers[1 if part == "first" else -1]
    for trainable in (False, True):
        frozen.trainable = trainable
        # One that is made now, and one from before.
        again = DigitClassifier(model, classes="0123456789")
        for each in (classifier, again):
            for rows in before:
                found = each.predict_proba(images[: len(rows)])
                np.testing.assert_allclose(found, rows, atol=1e-6)


# === Processes ===


@pytest.mark.parametrize(
    "travel",
    [
        lambda classifier, path: pickle.loads(pickle.dumps(classifier)),
        lambda classifier, path: copy.copy(classifier),
        lambda classifier, path: copy.deepcopy(classifier),
        lambda classifier, path: (
            joblib.dump(classifier, path) and joblib.load(path)
        ),
    ],
    ids=["pickle", "copy", "deepcopy", "joblib"],
)
def test_a_classifier_travels(travel, classifier, digits, tmp_path):
    images = digits.x_test[:5]
    classifier.explain(images[0])  # what it made by then is made anew
    again = travel(classifier, tmp_path / "classifier.joblib")
    np.testing.assert_allclose(
        again.predict_proba(images), classifier.predict_proba(images), atol=1e-6
    )
    names = ("card", "classes_", "name", "threshold", "rotation", "backend")
    for name in names:
        assert getattr(again, name) == getattr(classifier, name)
    assert again.card["weights_sha256"]
    assert len(again.explain(images[0])) == 2


def test_a_deep_copy_has_weights_of_its_own(digits):
    model = build_model()
    one = DigitClassifier(model, classes="0123456789")
    other = copy.deepcopy(one)
    before = other.predict_proba(digits.x_test[:2])
    model.set_weights([weight * 0 for weight in model.get_weights()])
    np.testing.assert_allclose(
        other.predict_proba(digits.x_test[:2]), before, atol=1e-6
    )


def test_a_spawned_process_takes_it(classifier, digits):
    images = digits.x_test[:2]
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        found = pool.map(classifier.predict_proba, [images])
    np.testing.assert_allclose(
        found[0], classifier.predict_proba(images), atol=1e-6
    )


@pytest.mark.mnist
def test_the_shipped_net_reads_mnist(classifier, mnist):
    from mnistcnn import evaluate

    result = evaluate(classifier, mnist.x_test, mnist.y_test)
    assert result.n == 10_000
    assert 0.992 <= result.accuracy < 0.999
