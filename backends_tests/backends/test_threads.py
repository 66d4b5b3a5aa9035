"""One thread for little; TensorFlow's, and what a batch's parts come to."""

import os
import subprocess
import sys

import cv2
import numpy as np
import pytest
import threadpoolctl

from mnistcnn import DigitClassifier
from mnistcnn.backends import claim_threads, one_thread, small_work, threads

VARIABLES = (threads.OF_AN_OPERATION, threads.BETWEEN)


@pytest.fixture
def cores(monkeypatch):
    """Says how many cores there are, in a process without TensorFlow."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
    return lambda n: monkeypatch.setattr(threads, "count_cores", lambda: n)


@pytest.mark.core
def test_one_thread_is_what_the_user_did_not_say(monkeypatch):
    mine, *others = threads.THREADS
    monkeypatch.setenv(mine, "3")
    for name in others:
        monkeypatch.delenv(name, raising=False)
    with one_thread():
        found = [os.environ[name] for name in threads.THREADS]
    assert found == ["3", "1", "1"]
    assert not set(others) & set(os.environ)


@pytest.mark.core
def test_one_thread_is_asked_for_before_numpy_is_loaded():
    program = (
        "import sys; from mnistcnn.cli import predict; "
        "from mnistcnn.backends import one_thread; "
        "sys.exit('numpy' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def _count_threads():
    # Not of what another test has loaded since, as SciPy's.
    blas = threads._find_libraries().select(user_api="blas")
    assert blas.lib_controllers
    counts = {library.num_threads for library in blas.lib_controllers}
    return {cv2.getNumThreads(), *counts}


@pytest.fixture
def two_threads():
    """Has NumPy and OpenCV take two threads, on one core as well."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(2)
    with threadpoolctl.threadpool_limits(2, "blas"):
        yield
    cv2.setNumThreads(before)


@pytest.mark.core
def test_small_work_takes_one_thread_until_the_last_has_left(two_threads):
    first, second = small_work(), small_work(1600 * 1600)
    with first:
        second.__enter__()
    assert _count_threads() == {1}
    second.__exit__(None, None, None)
    assert _count_threads() == {2}


@pytest.mark.core
def test_a_large_picture_is_shrunk_by_all_threads(two_threads):
    with small_work(1600 * 1600 + 1):
        assert _count_threads() == {2}


@pytest.mark.core
@pytest.mark.parametrize("way", ["read", "read_strokes"])
def test_one_thread_reads_what_a_person_wrote(two_threads, way, monkeypatch):
    classifier = DigitClassifier.from_pretrained()
    counts, predict = [], classifier._predict

    def count(images):
        counts.append(_count_threads())
        return predict(images)

    monkeypatch.setattr(classifier, "_predict", count)
    if way == "read":
        picture = np.full((90, 90), 250, np.uint8)
        picture[20:70, 40:46] = 20
        found = classifier.read(picture)
    else:
        found = classifier.read_strokes([[(5, 0), (5, 40)]])
    assert (found.text, counts) == ("1", [{1}])
    assert _count_threads() == {2}


@pytest.mark.core
@pytest.mark.parametrize("n", [2, 4])
def test_a_command_that_trains_gives_each_core_a_part(cores, n):
    cores(n)
    claim_threads()
    assert [os.environ.pop(name) for name in VARIABLES] == ["1", str(n)]


@pytest.mark.core
@pytest.mark.parametrize("n", [1, 5])
def test_one_core_and_many_are_left_alone(cores, n):
    cores(n)
    claim_threads()
    assert not set(VARIABLES) & set(os.environ)


@pytest.mark.core
@pytest.mark.parametrize("name", VARIABLES)
def test_threads_that_a_user_set_stay(cores, monkeypatch, name):
    cores(2)
    monkeypatch.setenv(name, "3")
    claim_threads()
    assert {n: os.environ.get(n) for n in VARIABLES} == {
        **dict.fromkeys(VARIABLES),
        name: "3",
    }


@pytest.mark.core
def test_a_process_that_has_tensorflow_is_left_alone(cores, monkeypatch):
    cores(2)
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    claim_threads()
    assert not set(VARIABLES) & set(os.environ)


@pytest.mark.core
@pytest.mark.parametrize(
    ("of_an_operation", "between", "parts"),
    [("1", "2", 2), ("1", "9", 4), ("2", "2", 1), ("1", "", 1), ("1", "x", 1)],
)
def test_parts_are_of_sixteen_images_or_more(
    monkeypatch, of_an_operation, between, parts
):
    for name, value in zip(VARIABLES, (of_an_operation, between), strict=True):
        monkeypatch.setenv(name, value)
    assert threads.count_parts(64) == parts
    assert threads.count_parts(15) == 1


def test_parts_side_by_side_take_the_same_steps(digits, monkeypatch, rounding):
    from mnistcnn import backends, build_model
    from mnistcnn.training import TrainConfig
    from mnistcnn.training.epochs import make_epochs
    from mnistcnn.training.fitting import compile_model

    if backends.name != "tensorflow":
        pytest.skip("TensorFlow's own")
    # Batches of 50, 50 and 23 images, in parts of 17 and fewer.
    x, y = digits.x_train[:123, ..., None], digits.y_train[:123]
    config = TrainConfig(batch_size=50, epochs=1)
    found = []
    monkeypatch.setenv(threads.BETWEEN, "3")
    for of_an_operation in ("2", "1"):
        monkeypatch.setenv(threads.OF_AN_OPERATION, of_an_operation)
        model = build_model()  # with dropout
        compile_model(model, config, num_images=len(x))
        epochs = make_epochs(model, config, [])
        found.append(epochs.run(x, y, (x, y), epoch=0, verbose=False))
        found.append(model.get_weights())
    logs, weights, other_logs, others = found
    for name, value in logs.items():
        assert value == pytest.approx(other_logs[name], rel=1e-5)
    for a, b in zip(weights, others, strict=True):
        np.testing.assert_allclose(a, b, atol=2e-6 * rounding)
