import dataclasses
import json

import cv2
import numpy as np
import pytest

from mnistcnn import build_model, inspect_artifact, load_artifact, save_artifact
from mnistcnn.data import Dataset
from mnistcnn.errors import ConfigError
from mnistcnn.training import finetuneconfig, finetuning, replay
from mnistcnn.training.finetuneconfig import FinetuneConfig
from mnistcnn.training.finetuning import finetune

SHAPES = ("square", "ring", "cross")
QUICK = dataclasses.replace(FinetuneConfig().training, epochs=4)


def draw_shape(kind: int, rng) -> np.ndarray:
    image = np.zeros((28, 28), np.uint8)
    (x, y), size = rng.integers(11, 17, 2), int(rng.integers(5, 9))
    x, y, pen = int(x), int(y), int(rng.integers(1, 4))
    low, high = (x - size, y - size), (x + size, y + size)
    if kind == 0:
        cv2.rectangle(image, low, high, 255, pen)
    elif kind == 1:
        cv2.circle(image, (x, y), size, 255, pen)
    else:
        cv2.line(image, low, high, 255, pen)
        cv2.line(image, (x - size, y + size), (x + size, y - size), 255, pen)
    return image


@pytest.fixture(scope="module")
def shapes():
    """300 + 150 images of three classes that are no digits."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 450).astype(np.uint8)
    x = np.stack([draw_shape(kind, rng) for kind in y])
    return Dataset(x[:300], y[:300], x[300:], y[300:], "shapes", SHAPES)


@pytest.fixture(scope="module")
def drawings(digits):
    """A few digits of somebody who draws thin and turned."""
    turn = cv2.getRotationMatrix2D((13.5, 13.5), 35, 1)

    def change(images):
        return np.stack([cv2.warpAffine(i, turn, (28, 28)) for i in images])

    few = digits.limit(100)
    return dataclasses.replace(
        few,
        x_train=change(few.x_train),
        x_test=change(few.x_test),
        name="drawings in mine",
        generated=False,
    )


@pytest.fixture(autouse=True)
def no_mnist(monkeypatch, tmp_path, no_pictures):
    """No MNIST is at hand, unless a test gives some; epochs are short."""
    monkeypatch.setattr(replay, "MIN_IMAGES", 400)
    monkeypatch.setattr(finetuneconfig, "NUM_NONDIGITS", 150)
    monkeypatch.delenv("MNISTCNN_DATA", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))


def run(data, out, training=QUICK, artifact=None, *, resume=False, **options):
    config = FinetuneConfig(training=training, **options)
    return finetune(
        artifact, data, config, out=out, resume=resume, verbose=False
    )


@pytest.fixture(scope="module")
def other_classes(shapes, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(replay, "MIN_IMAGES", 400)
        out = tmp_path_factory.mktemp("finetune") / "run"
        return run(shapes, out)


def test_other_classes_get_a_new_head(other_classes):
    assert other_classes.transfer["head"] == "new"
    artifact = inspect_artifact(other_classes.result.best)
    assert artifact.classes == SHAPES
    assert artifact.layers[-1].output_shape == (3,)
    assert other_classes.evaluation.accuracy > 0.9


def test_it_is_compared_to_training_from_scratch(other_classes):
    (row,) = other_classes.transfer["rows"]
    assert row["before"] is None and row["mended"] is None
    assert row["scratch"]["accuracy"] < row["after"]["accuracy"]
    folder = other_classes.result.path / "scratch"
    fresh = inspect_artifact(folder / "best.keras")
    assert "steps" not in fresh.card and "start" not in fresh.card
    assert "finetuned" not in fresh.card
    ours = inspect_artifact(other_classes.result.best).card["config"]
    same = ("epochs", "batch_size", "learning_rate", "augment", "seed")
    assert all(fresh.card["config"][k] == ours[k] for k in same)


def test_the_card_tells_where_it_comes_from(other_classes):
    start = inspect_artifact()
    card = inspect_artifact(other_classes.result.best).card
    digest = start.card["weights_sha256"]
    assert card["start"]["weights_sha256"] == digest
    assert card["steps"][0] == {"step": "start", "weights_sha256": digest}
    assert card["finetuned"]["start"] == {
        "name": "the shipped network",
        "weights_sha256": digest,
    }
    assert card["finetuned"]["rows"] == other_classes.transfer["rows"]


def test_the_report_tells_it(other_classes):
    path = other_classes.result.path
    metrics = json.loads((path / "metrics.json").read_text())
    assert metrics["transfer"] == other_classes.transfer
    page = (path / "report.html").read_text()
    assert "finetuned from the shipped network, all layers free" in page
    assert "Gained and lost" in page
    assert "trained from scratch" in page
    assert "its own classes are no longer read" in page


def test_a_frozen_trunk_stays_and_the_head_learns(shapes, tmp_path):
    config = dataclasses.replace(QUICK, freeze=True, learning_rate=0.01)
    done = run(shapes, tmp_path / "run", config, compare=False)
    start, end = load_artifact(), load_artifact(done.result.best)
    # Behind its head, the shipped network spreads the rejection class.
    for old, new in zip(start.layers, end.layers[:-1], strict=False):
        for a, b in zip(old.get_weights(), new.get_weights(), strict=True):
            assert np.array_equal(a, b)
    assert done.evaluation.accuracy > 0.8
    assert done.transfer["frozen"]
    assert not (tmp_path / "run/scratch").exists()
    # The file is one like any other: all of it can be trained on again.
    assert all(layer.trainable for layer in end.layers)


@pytest.mark.any_backend
def test_the_same_classes_keep_the_head_and_are_compared(
    drawings, digits, tmp_path, monkeypatch
):
    mnist = dataclasses.replace(digits, name="MNIST", generated=False)
    monkeypatch.setattr(finetuning, "find_mnist", lambda: mnist)
    # Nobody drew a 9: the others are classes of the artifact all the same.
    few = np.flatnonzero(drawings.y_train != 9)
    some = np.flatnonzero(drawings.y_test != 9)
    data = dataclasses.replace(
        drawings,
        x_train=drawings.x_train[few],
        y_train=drawings.y_train[few],
        x_test=drawings.x_test[some],
        y_test=drawings.y_test[some],
        classes=drawings.classes[:9],
    )
    done = run(data, tmp_path / "run")
    assert done.transfer["head"] == "kept"
    assert done.transfer["replay"] == "MNIST"
    assert done.evaluation.classes == tuple("0123456789")
    new, old = done.transfer["rows"]
    assert (new["data"], new["n"]) == ("drawings in mine", len(some))
    before, after = new["before"]["accuracy"], new["after"]["accuracy"]
    assert after > before
    change = (new["mended"] - new["broken"]) / len(some)
    assert after - before == pytest.approx(change)
    assert new["scratch"] is None
    assert (old["data"], old["n"]) == ("MNIST", 1000)
    assert old["before"]["accuracy"] > 0.9
    assert old["after"]["accuracy"] > 0.9
    about = inspect_artifact(done.result.best).card["data"]["about"]
    said = f"{len(few)} new training images, each 4 times an epoch; with 400"
    assert about == f"{said} of MNIST"
    page = (tmp_path / "run/report.html").read_text()
    assert "mixed in, so that" in page


@pytest.mark.any_backend
def test_a_network_with_a_rejection_class_keeps_it(digits, tmp_path):
    from mnistcnn.training.heads import share_rejection

    rejecting = share_rejection(build_model(seed=2, num_classes=11))
    card = {"classes": list("0123456789"), "threshold": 0.75}
    card["rotation"] = 5
    path = save_artifact(rejecting, tmp_path / "a.keras", card=card)
    done = run(digits.limit(200), tmp_path / "run", artifact=path)
    artifact = inspect_artifact(done.result.best)
    assert [la.name for la in artifact.layers] == [
        la.name for la in rejecting.layers
    ]
    # The layer that spreads is not trained; those before it are.
    fixed, start = artifact.weights[-1][0], rejecting.get_weights()
    assert np.array_equal(fixed, start[-1])
    assert not np.array_equal(artifact.weights[1][0], start[0])
    assert artifact.card["config"]["nondigits"] > 0
    assert (artifact.threshold, artifact.rotation) == (0.75, 5)
    rows = done.transfer["rows"]
    assert rows[0]["after"]["accuracy"] > rows[0]["before"]["accuracy"] + 0.2


@pytest.mark.any_backend
def test_other_classes_need_no_rejection_class(shapes, tmp_path):
    from mnistcnn.training.heads import share_rejection

    rejecting = share_rejection(build_model(num_classes=11))
    path = save_artifact(rejecting, tmp_path / "a.keras")
    config = dataclasses.replace(QUICK, epochs=1)
    done = run(shapes, tmp_path / "run", config, path, compare=False)
    layers = inspect_artifact(done.result.best).layers
    assert layers[-1].output_shape == (3,)
    assert layers[-1].options["activation"] == "softmax"


@pytest.mark.any_backend
def test_a_run_can_be_gone_on_with(other_classes, shapes, tmp_path):
    path = other_classes.result.path
    digest = inspect_artifact(path / "best.keras").card["weights_sha256"]
    again = run(shapes, path, compare=False, resume=True)
    best = inspect_artifact(again.result.best)
    assert best.card["weights_sha256"] == digest
    # Another artifact is another run.
    model = load_artifact()
    first, *others = model.get_weights()
    model.set_weights([first / 2, *others])
    other = save_artifact(model, tmp_path / "other.keras")
    with pytest.raises(ConfigError, match="differs: weights_sha256 was"):
        run(shapes, path, artifact=other, resume=True)


@pytest.mark.any_backend
def test_a_network_without_a_dense_layer_is_refused(shapes, tmp_path):
    from mnistcnn.backends import keras

    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1), name="pixels"),
            layers.Conv2D(3, 28, activation="softmax", name="all"),
            layers.Flatten(name="flat"),
        ],
        name="odd",
    )
    path = save_artifact(model, tmp_path / "odd.keras")
    with pytest.raises(ConfigError, match="Conv2D, Flatten has no Dense layer"):
        run(shapes, tmp_path / "run", artifact=path)


@pytest.mark.any_backend
def test_part_of_the_old_weights_can_be_kept(drawings, tmp_path):
    path = save_artifact(build_model(seed=4), tmp_path / "a.keras")
    out = tmp_path / "run"
    done = run(drawings, out, artifact=path, replay="none", share=0.25)
    old, kept = (
        load_artifact(each).get_weights() for each in (path, done.result.best)
    )
    new = done.result.model.get_weights()
    for a, b, c in zip(old, new, kept, strict=True):
        np.testing.assert_allclose(c, a + 0.25 * (b - a), atol=1e-6)


@pytest.mark.any_backend
def test_a_new_head_has_nothing_to_be_blended_with(shapes, tmp_path):
    with pytest.raises(ConfigError, match="no old head"):
        run(shapes, tmp_path / "run", share=0.5)


@pytest.mark.any_backend
@pytest.mark.parametrize("share", [0, -0.5, 1.5])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(
        ConfigError, match="share is .*Expected a number above 0 and at most 1"
    ):
        FinetuneConfig(share=share)


@pytest.mark.any_backend
@pytest.mark.parametrize("name", ["best.keras", "scratch/best.keras"])
def test_what_it_starts_from_is_not_replaced(shapes, tmp_path, name):
    path = save_artifact(build_model(), tmp_path / "kept" / name)
    before = path.read_bytes()
    with pytest.raises(ConfigError, match="kept already holds "):
        run(shapes, tmp_path / "kept", artifact=path)
    assert path.read_bytes() == before
