import dataclasses
import os

import numpy as np
import pytest

from mnistcnn.data import load_data, read_strokes_file, split_held
from mnistcnn.data.strokefiles import COLLECTIONS
from mnistcnn.errors import DataError
from mnistcnn.ink import draw_digit

pytestmark = pytest.mark.core


@pytest.fixture
def arrays(make_strokes):
    rng = np.random.default_rng(0)
    samples = [(str(i % 10), draw_digit(i % 10, rng)) for i in range(60)]
    samples[::3] = [("A", draw_digit(4, rng))] * 20
    made = make_strokes(samples, [f"w{i % 20:02}" for i in range(60)])
    return {
        key: getattr(made, key)
        for key in (
            *("points", "stroke_start", "sample_start"),
            *("labels", "writers"),
        )
    }


@pytest.fixture
def path(tmp_path, arrays):
    np.savez_compressed(tmp_path / "pens.npz", **arrays)
    return tmp_path / "pens.npz"


def test_a_file_is_read_as_it_is(path, arrays):
    found = read_strokes_file(path)
    np.testing.assert_array_equal(found.points, arrays["points"])
    assert found.labels.tolist() == arrays["labels"].tolist()
    (source,) = found.sources
    assert (source.name, source.characters, source.writers) == (
        *("pens.npz", 60),
        20,
    )
    assert source.licence == "" and len(source.digest) == 64


def test_digits_may_be_numbers(tmp_path, arrays):
    chosen = {**arrays, "labels": np.arange(60) % 10}
    np.savez(tmp_path / "pens.npz", **chosen)
    found = read_strokes_file(tmp_path / "pens.npz")
    assert found.labels[:11].tolist() == [*"0123456789", "0"]


def test_a_public_collection_is_known_by_its_contents(path, monkeypatch):
    entry = ("Pens", "Somebody, 1994", "CC BY 4.0")
    monkeypatch.setitem(COLLECTIONS, read_strokes_file(path).digest, entry)
    (source,) = read_strokes_file(path).sources
    assert (source.name, source.attribution, source.licence) == entry


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"points": np.zeros((5, 3), "f4")}, "points has shape"),
        ({"points": np.zeros((5, 2), "c8")}, "points has dtype complex64"),
        ({"points": np.zeros((0, 2), "f4")}, "points is empty"),
        ({"points": np.full((5, 2), 1e300)}, r"from 1e\+300 to 1e\+300"),
        ({"labels": np.array(["a"])}, "labels has 1 entries for 60"),
        ({"labels": np.arange(60) % 12}, "labels has '10'. Expected digits"),
        ({"labels": np.arange(60) % 9 - 1}, "labels has '-1'. Expected"),
        ({"labels": np.array(["seven"] * 60)}, "labels has 'seven'"),
        ({"labels": np.array([b"7"] * 60)}, "or texts where names are"),
        ({"labels": np.array(["\x1b"] * 60)}, "labels has '"),
        ({"labels": np.array([""] * 60)}, "labels has ''"),
        (
            {"labels": np.array([None] * 60)},
            "dtype object",
        ),
        ({"stroke_start": np.array([0, 9])}, "does not rise from 0 to"),
        ({"sample_start": np.arange(-30, 31)}, "does not rise from 0 to"),
        ({"writers": None}, "0 members named writers.npy"),
    ],
)
def test_what_is_wrong_is_one_line(change, said, arrays, tmp_path):
    changed = {k: v for k, v in (arrays | change).items() if v is not None}
    np.savez(tmp_path / "pens.npz", **changed)
    with pytest.raises(DataError, match=said) as error:
        read_strokes_file(tmp_path / "pens.npz")
    assert "pens.npz" in str(error.value) and "\n" not in str(error.value)


def test_points_that_are_no_numbers_are_refused(arrays, tmp_path):
    arrays["points"] = arrays["points"].copy()
    arrays["points"][3] = np.nan
    np.savez(tmp_path / "pens.npz", **arrays)
    with pytest.raises(DataError, match="from nan to nan. Expected finite"):
        read_strokes_file(tmp_path / "pens.npz")


def test_points_may_be_whole_numbers(arrays, tmp_path):
    arrays["points"] = np.rint(arrays["points"] * 1000).astype(np.int16)
    np.savez(tmp_path / "pens.npz", **arrays)
    found = read_strokes_file(tmp_path / "pens.npz").points
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, arrays["points"])


def test_a_file_that_lacks_an_array_is_one_of_strokes_all_the_same(
    arrays, tmp_path
):
    del arrays["points"]
    np.savez(tmp_path / "pens.npz", **arrays)
    for source in (tmp_path / "pens.npz", ["strokes", tmp_path / "pens.npz"]):
        with pytest.raises(DataError, match=r"0 members named points\.npy"):
            load_data(source, limit=2)


def test_a_cut_file_is_refused(path):
    path.write_bytes(path.read_bytes()[:-900])
    with pytest.raises(DataError, match=r"pens\.npz"):
        read_strokes_file(path)


def test_a_file_of_strokes_is_a_data_set_split_by_writer(path):
    data = load_data(str(path))
    whole = read_strokes_file(path)
    tested = np.isin(whole.writers, np.unique(whole.writers)[1::10])
    assert len(data.x_test) == (tested & (whole.labels != "A")).sum() > 0
    assert len(data.x_train) + len(data.x_test) == 40
    assert data.classes == tuple("0123456789")
    assert "pens.npz" in data.name


def test_other_characters_can_be_the_classes(path):
    data = load_data(str(path), classes=["5", "A"])
    assert set(data.y_train.tolist()) == {0, 1}
    with pytest.raises(DataError, match="has no"):
        load_data(str(path), classes=["x", "y"])


def test_strokes_are_trained_on_besides_images(path, monkeypatch):
    data = load_data(["strokes", str(path)], limit=30)
    assert len(data.x_train) == len(data.strokes) == 30
    # Of twenty writers two; of the others' characters thirty.
    assert data.about.startswith("19 characters of these classes and 11 others")
    assert data.about.endswith("writers: 18, and 2 more who are kept for tests")
    plain = load_data("strokes", limit=30)
    assert data.digest != plain.digest
    np.testing.assert_array_equal(data.x_test, plain.x_test)
    named = os.pathsep.join(["strokes", str(path)])
    monkeypatch.setenv("MNISTCNN_DATA", named)
    assert load_data(limit=30).digest == data.digest
    # As in the variable, in another order, and by what the variable names.
    for source in (
        named,
        [path, "strokes"],
        ["auto"],
        [f"{os.pathsep}{named}"],
    ):
        assert load_data(source, limit=30).digest == data.digest
    monkeypatch.setenv("MNISTCNN_DATA", "strokes")
    assert load_data(["auto", path], limit=30).digest == data.digest


@pytest.mark.parametrize(
    ("sources", "said"),
    [
        (["strokes", "pens.npz", "pens.npz"], "the same pen strokes as pens"),
        (["pens.npz", "pens.npz"], "the same pen strokes as pens"),
        (["pens.npz", "strokes", "mnist"], "are two sources of images"),
        (["strokes", "away.npz"], "away.npz cannot be read: No such file"),
        ("", "A source of data is empty"),
        (["strokes", ""], "A source of data is empty"),
        (["strokes", os.pathsep], "A source of data is empty"),
        (" ", "A source of data is ' '. Expected auto"),
        ([], "The list of sources of data is empty. Expected .*pattern"),
        ((), "The list of sources of data is empty"),
        (iter(()), "The list of sources of data is empty"),
        (3, "The source of data is '3'. Expected auto, mnist,"),
        (
            "http://127.0.0.1/a.npz",
            "a.npz', a URL. .*: download the file first",
        ),
        (["strokes", None], "The source of data is"),
    ],
)
def test_odd_sources_are_refused_in_one_line(sources, said, path, monkeypatch):
    monkeypatch.chdir(path.parent)
    with pytest.raises(DataError, match=said) as error:
        load_data(sources, limit=10)
    assert "\n" not in str(error.value)


def test_one_writer_is_trained_on_and_leaves_none_for_tests(arrays, tmp_path):
    arrays["writers"] = np.array(["me"] * 60)
    np.savez(tmp_path / "mine.npz", **arrays)
    data = load_data(["strokes", tmp_path / "mine.npz"], limit=60)
    assert len(data.strokes) == 60
    assert "writers: 1, and 0 more who are kept for tests" in data.about
    trained, held = split_held(data.strokes)
    assert (len(trained), len(held)) == (60, 0)
    with pytest.raises(DataError, match="by two writers at least"):
        load_data(tmp_path / "mine.npz")


def test_strokes_of_a_data_set_are_a_stroke_set(path):
    data = load_data("strokes", limit=2)
    with pytest.raises(DataError, match="strokes is '.*Expected a StrokeSet"):
        dataclasses.replace(data, strokes=str(path))


def test_images_among_the_strokes_are_refused(path, tmp_path):
    other = tmp_path / "other.npz"
    np.savez(other, x_train=np.zeros((2, 28, 28), np.uint8))
    with pytest.raises(DataError, match="0 members named points.npy"):
        load_data(["strokes", str(other)], limit=30)


def test_a_path_is_a_source_as_its_text_is(path):
    assert load_data(path).digest == load_data(str(path)).digest
    both = load_data(["strokes", path], limit=20)
    assert both.digest == load_data(("strokes", str(path)), limit=20).digest
