import io
import os
import re
import socket
import sys
from pathlib import Path

import numpy as np
import pytest

from mnistcnn.data import KEYS, GeneratedDataWarning, digest, load_data
from mnistcnn.data import mnist as mnist_module
from mnistcnn.data import sources as data
from mnistcnn.data.mnist import MNIST_DIGESTS
from mnistcnn.data.sources import GENERATED, Dataset
from mnistcnn.errors import DataError

pytestmark = pytest.mark.core

NOWHERE = "http://127.0.0.1:9/mnist.npz"


def make_arrays(n: int = 10, m: int = 6) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {
        "x_train": rng.integers(0, 256, (n, 28, 28), dtype=np.uint8),
        "y_train": rng.integers(0, 10, n, dtype=np.uint8),
        "x_test": rng.integers(0, 256, (m, 28, 28), dtype=np.uint8),
        "y_test": rng.integers(0, 10, m, dtype=np.uint8),
    }


ARRAYS = make_arrays()


def save(path: Path, **changes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, **(ARRAYS | changes))
    return path


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """An empty home, no variables, and a network that answers nothing."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.delenv("KERAS_HOME", raising=False)
    monkeypatch.setenv("MNISTCNN_URL", NOWHERE)
    monkeypatch.delenv("MNISTCNN_DATA", raising=False)
    return home


@pytest.fixture
def small_mnist(monkeypatch):
    """Takes our few random images for the genuine MNIST."""
    digests = {key: digest(ARRAYS[key]) for key in KEYS}
    monkeypatch.setattr(mnist_module, "MNIST_DIGESTS", digests)


@pytest.fixture(autouse=True)
def small_shapes(monkeypatch):
    """Takes what has the shapes of these for as many images as MNIST has."""
    shapes = {key: array.shape for key, array in ARRAYS.items()}
    monkeypatch.setattr(mnist_module, "MNIST_SHAPES", shapes)


@pytest.fixture
def no_network(monkeypatch):
    def fail(*arguments):
        raise AssertionError(f"a connection to {arguments[1:]}")

    monkeypatch.setattr(socket.socket, "connect", fail)
    monkeypatch.setattr(socket, "getaddrinfo", fail)


@pytest.fixture
def served(monkeypatch):
    """A server of the archive, as MNISTCNN_URL says; its list of requests."""
    folder = str(Path(__file__).parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    from test_download import Server

    buffer = io.BytesIO()
    np.savez(buffer, **ARRAYS)
    server = Server()
    server.body = buffer.getvalue()
    server.announced = server.sent = len(server.body)
    monkeypatch.setenv("MNISTCNN_URL", server.url)
    yield server
    server.close()


# === MNIST: cache and download ===


def test_a_download_is_verified_and_cached(served, small_mnist, home):
    loaded = load_data("mnist")
    assert loaded.name == "MNIST"
    assert not loaded.generated
    assert loaded.note is None
    for key in KEYS:
        np.testing.assert_array_equal(getattr(loaded, key), ARRAYS[key])
    assert mnist_module.cache_path().is_file()
    assert home in mnist_module.cache_path().parents
    load_data("mnist")
    assert served.requests == 1


def test_a_verified_cache_needs_no_network(small_mnist, no_network):
    save(mnist_module.cache_path())
    assert load_data("mnist").name == "MNIST"
    assert load_data("auto").name == "MNIST"


def test_keras_own_copy_is_taken(small_mnist, no_network, home):
    path = save(home / ".keras" / "datasets" / "mnist.npz")
    assert mnist_module.find_cached() == path
    assert load_data("mnist").name == "MNIST"


def test_keras_home_says_where_the_cache_is(served, small_mnist, monkeypatch):
    elsewhere = Path(os.environ["HOME"]) / "elsewhere"
    monkeypatch.setenv("KERAS_HOME", str(elsewhere))
    load_data("mnist")
    assert (elsewhere / "datasets" / "mnist.npz").is_file()
    monkeypatch.setenv("KERAS_HOME", "~/other")
    assert mnist_module.cache_path() == (
        Path(os.environ["HOME"]) / "other" / "datasets" / "mnist.npz"
    )


def test_a_wrong_file_in_the_cache_stays(served):
    path = save(mnist_module.cache_path())
    before = path.read_bytes()
    with pytest.raises(DataError, match="left as it is") as caught:
        load_data("mnist")
    message = str(caught.value)
    assert digest(ARRAYS["x_train"]) in message
    assert MNIST_DIGESTS["x_train"] in message
    assert str(path) in message
    assert path.read_bytes() == before
    assert served.requests == 0


def test_a_damaged_file_in_the_cache_stays(served):
    path = mnist_module.cache_path()
    path.parent.mkdir(parents=True)
    path.write_bytes(b"<html>")
    with pytest.raises(DataError, match=r"HTML page.*left as it is"):
        load_data("mnist")
    assert path.read_bytes() == b"<html>"
    assert served.requests == 0


def test_what_is_served_instead_of_mnist_is_dropped(served):
    with pytest.raises(DataError, match="is not MNIST") as caught:
        load_data("mnist")
    message = str(caught.value)
    assert message.startswith(served.url)
    assert digest(ARRAYS["x_train"]) in message
    assert MNIST_DIGESTS["x_train"] in message
    assert "left as it is" not in message
    assert list(mnist_module.cache_path().parent.iterdir()) == []


def test_a_page_that_is_served_instead_is_named(served):
    served.body = b"<html>Please sign in</html>"
    served.announced = served.sent = len(served.body)
    with pytest.raises(DataError, match="looks like an HTML page") as caught:
        load_data("mnist")
    assert str(caught.value).startswith(served.url)
    assert ".part" not in str(caught.value)


def test_mnist_never_falls_back_and_names_the_ways_out():
    with pytest.raises(DataError) as caught:
        load_data("mnist")
    message = str(caught.value)
    assert message.startswith(f"Could not download {NOWHERE}")
    assert "Three ways out: set MNISTCNN_DATA" in message
    assert f"put mnist.npz at {mnist_module.cache_path()};" in message
    assert "--data strokes" in message
    assert message.isprintable(), "one line"


# === auto ===


def test_auto_falls_back_with_a_warning_and_says_so():
    with pytest.warns(GeneratedDataWarning, match=GENERATED) as caught:
        loaded = load_data("auto", limit=5)
    assert f"Could not download {NOWHERE}" in str(caught[0].message)
    assert caught[0].filename == __file__
    assert loaded.generated
    assert loaded.name == loaded.note == "generated strokes, not MNIST"
    assert loaded.x_train.shape == (5, 28, 28)


def test_auto_takes_what_the_variable_names(tmp_path, monkeypatch, no_network):
    path = save(tmp_path / "mine.npz")
    monkeypatch.setenv("MNISTCNN_DATA", str(path))
    loaded = load_data()
    assert loaded.name == "mine.npz"
    np.testing.assert_array_equal(loaded.x_test, ARRAYS["x_test"])
    monkeypatch.setenv("MNISTCNN_DATA", "strokes")
    assert load_data(limit=3).generated


def test_the_variable_can_ask_for_mnist_and_nothing_else(monkeypatch):
    monkeypatch.setenv("MNISTCNN_DATA", "mnist")
    with pytest.raises(DataError, match="Three ways out"):
        load_data()


def test_a_wrong_variable_is_an_error_and_no_fall_back(tmp_path, monkeypatch):
    monkeypatch.setenv("MNISTCNN_DATA", str(tmp_path / "missing.npz"))
    with pytest.raises(DataError, match=r"missing.npz does not exist"):
        load_data()
    save(tmp_path / "bad.npz", y_train=ARRAYS["y_train"] + np.uint8(10))
    monkeypatch.setenv("MNISTCNN_DATA", str(tmp_path / "bad.npz"))
    with pytest.raises(DataError, match=r"y_train\[\d\] is 1\d"):
        load_data()


def test_an_explicit_source_wins_over_the_variable(tmp_path, monkeypatch):
    monkeypatch.setenv("MNISTCNN_DATA", str(tmp_path / "missing.npz"))
    assert load_data(str(save(tmp_path / "mine.npz"))).name == "mine.npz"
    assert load_data("strokes", limit=2).generated


# === Paths ===


def test_genuine_arrays_are_recognised_anywhere(tmp_path, small_mnist):
    assert load_data(str(save(tmp_path / "copy.npz"))).name == "MNIST"
    changed = ARRAYS["x_train"].copy()
    changed[3, 3, 3] ^= 1
    other = save(tmp_path / "other.npz", x_train=changed)
    assert load_data(str(other)).name == "other.npz"


@pytest.mark.parametrize("name", ["MNIST", GENERATED])
def test_a_name_does_not_pass_for_what_it_is_not(tmp_path, name):
    path = tmp_path / name
    save(tmp_path / "a.npz").rename(path)
    loaded = load_data(str(path))
    assert loaded.name == f"{name} (a file's name)"
    assert not loaded.generated


def test_the_home_folder_and_dots_are_understood(home, monkeypatch):
    save(home / "mine.npz")
    assert load_data("~/mine.npz").name == "mine.npz"
    (home / "digits").mkdir()
    monkeypatch.chdir(home / "digits")
    with pytest.raises(DataError, match="holds nothing. Expected an .npz"):
        load_data(".")


@pytest.mark.mnist
def test_the_real_mnist_is_recognised(mnist):
    # The module's fixture has read it before the variables were taken away.
    assert mnist.name == "MNIST"
    assert mnist.note is None
    assert mnist.x_train.shape == (60_000, 28, 28)
    assert mnist.x_test.shape == (10_000, 28, 28)
    assert {key: digest(getattr(mnist, key)) for key in KEYS} == MNIST_DIGESTS
    assert mnist.digest == (
        "c65580678af93f1ea48c2c0d01d543ec89307c6b8a0eb7ca542d7c18c5f4c681"
    )
    # Keras' validation_split=0.3 leaves so many.
    parts = mnist.split(0.3)
    assert [len(part) for part in parts] == [42_000, 42_000, 18_000, 18_000]


# === Generated digits ===


def test_generated_digits_are_the_same_every_time():
    first, second = (data.generate(limit=8) for _ in range(2))
    assert first.digest == second.digest
    assert data.generate(limit=8, seed=1).digest != first.digest
    assert first.x_train.shape == (8, 28, 28)
    assert first.x_train.dtype == first.y_train.dtype == np.uint8
    assert first.x_train.max() > 200
    assert not np.array_equal(first.x_train, first.x_test)


# === Dataset ===


@pytest.fixture
def dataset():
    return Dataset(**ARRAYS, name="mine")


def test_a_limit_takes_the_first(dataset):
    limited = dataset.limit(4)
    np.testing.assert_array_equal(limited.x_train, ARRAYS["x_train"][:4])
    np.testing.assert_array_equal(limited.y_test, ARRAYS["y_test"][:4])
    assert dataset.limit(None) is dataset
    assert len(dataset.limit(8).x_train) == 8
    assert len(dataset.limit(8).x_test) == 6


@pytest.mark.parametrize("limit", [0, -3, 2.5, "5", True, np.nan, [3]])
def test_a_limit_below_one_is_refused(dataset, limit):
    text = re.escape(f"The limit is {limit}. Expected 1 or more images")
    with pytest.raises(DataError, match=text):
        dataset.limit(limit)
    with pytest.raises(DataError, match=text):
        load_data("strokes", limit=limit)


def test_a_whole_number_of_any_type_is_a_limit(dataset):
    for limit in (5.0, np.int64(5), np.float32(5)):
        assert len(dataset.limit(limit).x_train) == 5
        assert len(load_data("strokes", limit=limit).x_test) == 5


@pytest.mark.parametrize("share", [-1, -0.1, np.nan, "0.3", None, True])
def test_what_is_no_share_is_not_held_out(dataset, share):
    with pytest.raises(DataError, match=f"validation is {share}. Expected the"):
        dataset.split(share)


def test_the_last_part_is_held_out(dataset):
    x, y, x_held, y_held = dataset.split(0.3)
    np.testing.assert_array_equal(x, ARRAYS["x_train"][:7])
    np.testing.assert_array_equal(x_held, ARRAYS["x_train"][7:])
    np.testing.assert_array_equal(y, ARRAYS["y_train"][:7])
    np.testing.assert_array_equal(y_held, ARRAYS["y_train"][7:])
    assert len(dataset.split(0.0)[2]) == 0


def test_a_split_that_leaves_nothing_is_refused(dataset):
    with pytest.raises(DataError, match="1 training images with 50% held out"):
        dataset.limit(1).split(0.5)


def test_a_digest_depends_on_every_array(dataset):
    digests = {dataset.digest}
    for key in KEYS:
        changed = ARRAYS[key].copy()
        changed[0] ^= 1
        digests.add(Dataset(**(ARRAYS | {key: changed}), name="mine").digest)
    assert len(digests) == 5
