"""Learning from a teacher: given, trained before, and gone on with."""

import dataclasses

import numpy as np
import pytest

from mnistcnn import build_model, inspect_artifact, save_artifact, train
from mnistcnn.artifact import pretrained_path
from mnistcnn.errors import ConfigError
from mnistcnn.training import Recipe, TrainConfig, as_recipe, recipe, teach
from mnistcnn.training.epochs import make_epochs
from mnistcnn.training.fitting import compile_model
from mnistcnn.training.recipes import lead_with
from mnistcnn.training.steps.calibration import Calibration
from mnistcnn.training.steps.training import Training
from mnistcnn.training.teacher import Teacher

DIGITS = tuple("0123456789")
TEACHER = "steps/1-training.keras"
QUICK = TrainConfig(epochs=2, batch_size=50, validation=0.2, seed=5)


def run(config, data, out, teacher=None, **options):
    if teacher is not None:
        config = teach(as_recipe(config), str(teacher))
    return train(config, data, out=out, verbose=False, **options)


@pytest.fixture(scope="module")
def digits_300(digits):
    return digits.limit(300)


@pytest.fixture(scope="module")
def taught(digits, tmp_path_factory):
    """The artifact of a network that reads the digits."""
    config = TrainConfig(epochs=6, batch_size=25, learning_rate=0.003)
    return run(config, digits, tmp_path_factory.mktemp("taught") / "run").best


def test_a_teacher_answers_to_what_it_is_shown(digits):
    teacher = Teacher(pretrained_path(), DIGITS)
    x, y = digits.x_test[:60, ..., None], digits.y_test[:60].astype(np.int64)
    y[7] = 10  # not a digit
    targets = teacher.answer(x, y, num_outputs=11)
    assert targets.shape == (60, 11)
    assert targets.dtype == np.float32
    np.testing.assert_allclose(targets.sum(axis=1), 1, atol=1e-5)
    assert targets[7].tolist() == [0] * 10 + [1]
    from mnistcnn import load_artifact

    expected = load_artifact().predict(x, batch_size=60, verbose=0)
    others = np.arange(60) != 7
    np.testing.assert_allclose(
        targets[others, :10], expected[others], atol=1e-5
    )


@pytest.mark.any_backend
def test_a_student_learns_what_its_teacher_says(taught, digits, tmp_path):
    # The labels are all wrong: what it knows, it has from the teacher.
    wrong = dataclasses.replace(
        digits, y_train=((digits.y_train + 1) % 10).astype(np.uint8)
    )
    config = dataclasses.replace(
        QUICK, epochs=6, batch_size=25, learning_rate=0.003, validation=0.0
    )
    result = run(config, wrong, tmp_path / "run", teacher=taught)
    predicted = result.model.predict(digits.x_test[..., None], verbose=0)
    assert (predicted.argmax(axis=1) == digits.y_test).mean() > 0.6


@pytest.mark.parametrize("engine", ["auto", "fit"])
def test_probabilities_are_fitted_as_well_as_labels(engine, digits, rng):
    """A step on targets is the mean of the steps on the labels' kinds."""
    x = digits.x_train[:32, ..., None]
    soft = rng.dirichlet(np.ones(10), 32).astype(np.float32)
    model = build_model(dropout=0)
    config = TrainConfig(batch_size=32, engine=engine, epochs=1)
    predicted = model.predict(x, verbose=0)
    compile_model(model, config, num_images=32)
    epochs = make_epochs(model, config, [])
    logs = epochs.run(x, soft, (x, soft), epoch=0, verbose=False)
    expected = -(soft * np.log(predicted)).sum(axis=1).mean()
    assert logs["loss"] == pytest.approx(expected, rel=1e-4)
    hits = predicted.argmax(axis=1) == soft.argmax(axis=1)
    assert logs["accuracy"] == pytest.approx(hits.mean())
    after = model.predict(x, verbose=0)
    loss = -(soft * np.log(after)).sum(axis=1).mean()
    assert logs["val_loss"] == pytest.approx(loss, rel=1e-4)
    assert loss < expected


@pytest.mark.any_backend
def test_a_recipe_s_teacher_is_trained_within_the_run(digits_300, tmp_path):
    config = dataclasses.replace(QUICK, epochs=1)
    out = tmp_path / "run"
    # As scripts have it that are older than `teach`.
    with pytest.warns(DeprecationWarning, match="is now train.teach"):
        result = train(
            config, digits_300, teacher="fast", out=out, verbose=False
        )
    artifact = inspect_artifact(out / TEACHER)
    facts = inspect_artifact(result.best).card["teacher"]
    assert facts == {
        "name": "mnistcnn",
        "recipe": "fast",
        "weights_sha256": artifact.weights_sha256,
    }
    # It has seen no image that the student is validated by.
    own = artifact.card["config"]
    assert own["validation"] == 0.2
    assert own["epochs"] == 2
    assert own["seed"] == 5


@pytest.mark.any_backend
def test_a_run_goes_on_with_its_teacher(digits_300, tmp_path):
    config = teach(as_recipe(QUICK), "fast")
    whole = run(config, digits_300, tmp_path / "whole")

    from mnistcnn.backends import keras

    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(config, digits_300, tmp_path / "cut", callbacks=[Stop()])
    kept = tmp_path / "cut" / TEACHER
    before = kept.read_bytes()
    again = run(config, digits_300, tmp_path / "cut", resume=True)
    assert kept.read_bytes() == before
    for a, b in zip(
        whole.model.get_weights(), again.model.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(a, b)


@pytest.mark.any_backend
def test_another_teacher_is_another_run(taught, digits_300, tmp_path):
    run(QUICK, digits_300, tmp_path / "run", teacher=taught)
    other = tmp_path / "other.keras"
    save_artifact(build_model(seed=3), other)
    with pytest.raises(ConfigError, match="weights_sha256 was"):
        run(
            QUICK,
            digits_300,
            tmp_path / "run",
            teacher=other,
            resume=True,
        )


@pytest.mark.any_backend
def test_a_teacher_of_other_classes_is_refused(digits_300, tmp_path):
    other = tmp_path / "other.keras"
    save_artifact(build_model(num_classes=3), other)
    with pytest.raises(ConfigError, match="reads 3 classes, 0, 1, 2"):
        run(QUICK, digits_300, tmp_path / "run", teacher=other)


@pytest.mark.any_backend
@pytest.mark.parametrize(
    ("teacher", "message"),
    [
        ("fastest", 'did you mean "fast"'),
        ("drawing", "a recipe of several steps"),
    ],
)
def test_a_teacher_that_cannot_be_is_named_at_once(
    teacher, message, digits_300, tmp_path
):
    with pytest.raises(ConfigError, match=message):
        run(QUICK, digits_300, tmp_path / "run", teacher=teacher)
    assert not (tmp_path / "run").exists()


@pytest.mark.any_backend
def test_a_student_that_trains_on_has_a_teacher_too(digits_300, tmp_path):
    """It goes on from its own start, not from the teacher."""
    config = recipe("drawing").config
    steps = (*lead_with("best", config), Training(config), Calibration())
    found = teach(Recipe("two", steps), "deep")
    kinds = [type(step).__name__ for step in found.steps]
    assert kinds[:5] == [
        *("Training", "Calibration"),
        *("Training", "Calibration", "Distillation"),
    ]
    assert found.steps[2].config.model == "deep"
    assert (found.steps[2].start, found.steps[4].start) == (0, 2)
    first = dataclasses.replace(QUICK, epochs=1)
    steps = [as_recipe(each).steps[0] for each in (first, QUICK)]
    base = dataclasses.replace(as_recipe(QUICK), steps=tuple(steps))
    result = run(teach(base, "fast"), digits_300, tmp_path / "run")
    card = inspect_artifact(result.best).card
    folder = tmp_path / "run/steps"
    digests = [
        inspect_artifact(folder / f"{number}-training.keras").weights_sha256
        for number in (1, 2)
    ]
    found = [card[key]["weights_sha256"] for key in ("start", "teacher")]
    assert found == digests
