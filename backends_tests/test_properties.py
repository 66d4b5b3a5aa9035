"""What holds for any input: preprocessing, grouping, cards, metrics."""

import json
import warnings

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mnistcnn.artifact.card import encode_card, parse_json
from mnistcnn.calibration import wilson_interval
from mnistcnn.data import digest
from mnistcnn.errors import ArtifactError
from mnistcnn.evaluation import score
from mnistcnn.pictures import check_images, ink_to_image, strokes_to_image
from mnistcnn.reading import build_lattice, choose_signs, cut_strokes

pytestmark = pytest.mark.core
quick = settings(max_examples=40, deadline=None)

ink = hnp.arrays(
    np.uint8,
    st.tuples(st.integers(1, 60), st.integers(1, 60)),
    elements=st.sampled_from([0, 0, 0, 40, 128, 255]),
)
points = hnp.arrays(
    np.float64,
    st.tuples(st.integers(1, 12), st.just(2)),
    elements=st.integers(0, 400).map(float),
)
strokes = st.lists(points, min_size=1, max_size=6)


# === Preprocessing ===


@quick
@given(ink)
def test_any_ink_becomes_an_image_of_mnists_form(picture):
    image = ink_to_image(picture)
    assert image.shape == (28, 28) and image.dtype == np.uint8
    # What is fainter than paper's noise is no ink.
    assert image.any() <= picture.any()
    assert image.any() >= (picture == 255).any()
    # MNIST's digits fill a box of 20; centring by mass moves it.
    rows, columns = np.flatnonzero(image.any(1)), np.flatnonzero(image.any(0))
    for found in (rows, columns):
        assert not len(found) or found[-1] - found[0] < 20


@quick
@given(ink, *[st.integers(0, 30)] * 4)
def test_where_the_ink_is_on_the_page_does_not_matter(picture, a, b, c, d):
    page = np.pad(picture, [(a, b), (c, d)])
    np.testing.assert_array_equal(ink_to_image(page), ink_to_image(picture))


@quick
@given(strokes, st.integers(-999, 999), st.sampled_from([0.5, 2, 8]))
def test_where_and_how_large_strokes_are_does_not_matter(drawn, shift, scale):
    image = strokes_to_image(drawn)
    moved = strokes_to_image([(s + shift) * scale for s in drawn])
    # A pixel at most, where a rounding falls the other way.
    difference = np.abs(image.astype(int) - moved.astype(int))
    assert (difference > 64).sum() <= 12


@quick
@given(
    hnp.arrays(
        st.sampled_from([np.uint8, np.float32, np.float64]),
        st.sampled_from([(28, 28), (3, 28, 28), (2, 28, 28, 1)]),
        elements=st.integers(0, 255),
    )
)
@pytest.mark.filterwarnings("ignore::mnistcnn.errors.DataWarning")
def test_images_keep_their_values(images):
    checked = check_images(images)
    assert checked.shape[1:] == (28, 28, 1)
    assert checked.dtype == (np.uint8 if images.dtype == np.uint8 else "f4")
    np.testing.assert_array_equal(checked.ravel(), images.ravel())


@quick
@given(ink)
def test_a_digest_tells_arrays_apart(picture):
    other = picture.copy()
    other.flat[-1] ^= 1
    assert digest(picture) == digest(np.asfortranarray(picture))
    assert len({digest(a) for a in (picture, other, picture.ravel())}) == 3


# === Grouping ===


def group_strokes(drawn):
    """The strokes of each sign, where no network has a say."""
    _, pieces = cut_strokes(drawn)
    signs = choose_signs(build_lattice(pieces), None, ())
    return [[int(pieces.sources[k]) for k in s.pieces] for s in signs]


@quick
@given(strokes)
def test_each_stroke_is_in_one_sign_or_cut(drawn):
    _, pieces = cut_strokes(drawn)
    groups = group_strokes(drawn)
    found = sorted(i for group in groups for i in group)
    assert found == pieces.sources.tolist()


@quick
@given(strokes, st.sampled_from([0.25, 1, 4]))
def test_signs_stay_as_the_drawing_is_scaled(drawn, scale):
    scaled = [stroke * scale for stroke in drawn]
    assert group_strokes(scaled) == group_strokes(drawn)


@quick
@given(strokes)
def test_a_digit_far_away_is_a_sign_of_its_own(drawn):
    far = np.array([[1e5, 0.0], [1e5, 100.0]])
    assert [len(drawn)] in group_strokes([*drawn, far])


# === Cards ===

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


@quick
@given(st.dictionaries(st.text("abc_é", max_size=9), json_values, max_size=5))
def test_a_card_comes_back(card):
    assert parse_json(encode_card(card), "mnistcnn.json") == card


@quick
@given(st.binary(max_size=200))
def test_bytes_are_json_or_an_artifact_error(data):
    try:
        assert parse_json(data, "config.json") == json.loads(data)
    except ArtifactError as error:
        assert str(error).isprintable()


# === Metrics, against scikit-learn's ===


@st.composite
def scored(draw):
    n, classes = draw(st.integers(1, 60)), draw(st.integers(2, 12))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    y = rng.integers(0, classes, n)
    rows = rng.random((n, classes)) ** draw(st.sampled_from([1, 8]))
    # Better than chance in some.
    rows[np.arange(n), y] += draw(st.sampled_from([0, 1]))
    rows /= rows.sum(axis=1, keepdims=True)
    # Away from 0, where scikit-learn clips elsewhere than Keras and we.
    return y, 0.99 * rows + 0.01 / classes


@quick
@given(scored())
def test_scores_are_scikit_learns(case):
    from sklearn import metrics

    y, rows = case
    names = tuple(map(str, range(rows.shape[1])))
    labels = range(rows.shape[1])
    result = score(y, rows, classes=names)
    read = rows.argmax(axis=1)
    assert result.accuracy == pytest.approx(metrics.accuracy_score(y, read))
    assert result.loss == pytest.approx(
        metrics.log_loss(y, rows, labels=labels), rel=1e-6
    )
    np.testing.assert_array_equal(
        result.confusion, metrics.confusion_matrix(y, read, labels=labels)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        precision, recall, _, support = metrics.precision_recall_fscore_support(
            y, read, labels=labels, zero_division=0
        )
    rows_of = result.per_class
    assert [r["precision"] for r in rows_of] == pytest.approx([*precision])
    assert [r["recall"] for r in rows_of] == pytest.approx([*recall])
    assert [r["support"] for r in rows_of] == [*support]


@quick
@given(st.integers(1, 10_000), st.floats(0, 1))
def test_an_interval_holds_its_proportion(n, part):
    right = round(n * part)
    low, high = wilson_interval(right, n)
    assert 0 <= low <= right / n + 1e-12
    assert right / n - 1e-12 <= high <= 1
    assume(n < 5000)
    wider = wilson_interval(right, n)[1] - wilson_interval(right, n)[0]
    closer = wilson_interval(2 * right, 2 * n)
    assert closer[1] - closer[0] < wider
