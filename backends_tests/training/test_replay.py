import dataclasses

import numpy as np
import pytest

from mnistcnn.data import DIGITS, KEYS, Dataset, digest
from mnistcnn.data import mnist as data_module
from mnistcnn.errors import DataError
from mnistcnn.training import replay
from mnistcnn.training.replay import find_mnist, find_replay, mix

pytestmark = pytest.mark.core


def make(n: int, value: int, name: str = "new", classes=DIGITS) -> Dataset:
    """Images that say whose they are by their first pixel."""
    x = np.zeros((n, 28, 28), np.uint8)
    x[:, 0, 0], x[:, 9, 9] = value, 255
    y = (np.arange(n) % len(classes)).astype(np.uint8)
    return Dataset(x, y, x[:5], y[:5], name, classes)


def test_new_and_old_make_half_of_an_epoch_each():
    new, old = make(200, 1), make(9000, 2, "MNIST")
    mixed = mix(new, old, seed=0)
    values, counts = np.unique(mixed.x_train[:, 0, 0], return_counts=True)
    assert values.tolist() == [1, 2]
    assert counts.tolist() == [4000, 4000]
    assert (mixed.x_train[:200, 0, 0] == 1).all()
    np.testing.assert_array_equal(mixed.y_train[:200], new.y_train)
    np.testing.assert_array_equal(mixed.y_train[200:400], new.y_train)
    assert mixed.x_test is new.x_test
    assert mixed.name == "new, with 4,000 images of MNIST"
    assert "200 new training images, each 20 times" in mixed.about


def test_few_new_images_are_not_overfitted_and_many_not_repeated():
    few = mix(make(7, 1), make(9000, 2), seed=0)
    assert (few.x_train[:, 0, 0] == 1).sum() == 7 * replay.MAX_REPEATS
    many = mix(make(5000, 1), make(9000, 2), seed=0)
    assert (many.x_train[:, 0, 0] == 1).sum() == 5000
    assert (many.x_train[:, 0, 0] == 2).sum() == 5000
    little = mix(make(5000, 1), make(300, 2), seed=0)
    assert len(little.x_train) == 5300


def test_old_images_keep_their_labels_and_are_drawn_by_the_seed():
    old = make(5000, 0, "old")
    old.x_train[:, 0, 0] = old.y_train
    mixed = [mix(make(200, 99), old, seed=seed) for seed in (0, 0, 1)]
    assert mixed[0].digest == mixed[1].digest != mixed[2].digest
    kept = mixed[0].x_train[:, 0, 0] != 99
    x, y = mixed[0].x_train[kept], mixed[0].y_train[kept]
    np.testing.assert_array_equal(x[:, 0, 0], y)


def test_with_nothing_to_mix_in_few_images_are_repeated_all_the_same():
    alone = mix(make(200, 1), None, seed=0)
    assert len(alone.x_train) == 4000 and alone.name == "new"
    assert alone.about == "200 new training images, each 20 times an epoch"


def test_a_test_set_alone_is_not_trained_on():
    new = make(20, 1)
    tested = dataclasses.replace(new, x_train=new.x_train[:0], y_train=[])
    with pytest.raises(DataError, match="new has no training images. Expected"):
        mix(tested, make(90, 2), seed=0)


def test_other_classes_are_not_mixed_in():
    letters = make(20, 1, "letters", ("a", "b"))
    with pytest.raises(DataError, match="old has the classes .*Expected the"):
        mix(letters, make(20, 2, "old"), seed=0)


def test_what_is_mixed_in_by_itself():
    new, mnist = make(20, 1), make(20, 2, "MNIST")
    assert find_replay("none", new, mnist) is None
    assert find_replay("auto", new, mnist) is mnist
    strokes = find_replay("auto", new, None)
    assert strokes.generated and len(strokes.x_train) == replay.MIN_IMAGES
    # MNIST needs no more of itself, and letters no digits.
    assert find_replay("auto", mnist, mnist) is None
    letters = make(20, 1, "letters", ("a", "b"))
    assert find_replay("auto", letters, mnist) is None


def test_what_is_mixed_in_when_told(tmp_path):
    new, old = make(20, 1), make(30, 2)
    path = tmp_path / "old.npz"
    np.savez(path, **{key: getattr(old, key) for key in KEYS})
    assert len(find_replay(str(path), new, None).x_train) == 30
    letters = make(20, 1, "letters", ("a", "b"))
    np.savez(
        path, **{key: getattr(letters, key) for key in KEYS}, classes=["a", "b"]
    )
    with pytest.raises(DataError, match="has the class 'a'. Expected classes"):
        find_replay(str(path), new, None)
    with pytest.raises(DataError, match="does not exist"):
        find_replay(str(tmp_path / "none.npz"), new, None)


def test_mnist_is_found_where_it_is_and_nowhere_else(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setenv("MNISTCNN_URL", "http://127.0.0.1:9/mnist.npz")
    monkeypatch.delenv("MNISTCNN_DATA", raising=False)
    assert find_mnist() is None
    genuine = make(20, 3)
    arrays = {key: getattr(genuine, key) for key in KEYS}
    known = {key: digest(array) for key, array in arrays.items()}
    shapes = {key: array.shape for key, array in arrays.items()}
    monkeypatch.setattr(data_module, "MNIST_DIGESTS", known)
    monkeypatch.setattr(data_module, "MNIST_SHAPES", shapes)
    path = tmp_path / "mine.npz"
    np.savez(path, **arrays)
    monkeypatch.setenv("MNISTCNN_DATA", str(path))
    assert find_mnist().name == "MNIST"
    other = dataclasses.replace(genuine, y_test=genuine.y_test[::-1])
    np.savez(path, **{key: getattr(other, key) for key in KEYS})
    assert find_mnist() is None
    monkeypatch.setenv("MNISTCNN_DATA", str(tmp_path / "missing.npz"))
    assert find_mnist() is None
    cached = tmp_path / "datasets" / "mnist.npz"
    cached.parent.mkdir()
    np.savez(cached, **arrays)
    for named in ("", "auto", "strokes", "mnist", str(path)):
        monkeypatch.setenv("MNISTCNN_DATA", named)
        assert find_mnist().name == "MNIST"
