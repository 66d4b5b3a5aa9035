import os
import pickle
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parent.parent.parent
TINY = {"filters": (1, 1), "validation": 0, "dropout": 0}


@pytest.mark.core
def test_without_scikit_learn_a_line_names_the_extra():
    code = (
        "import sys; sys.modules['sklearn'] = None\n"
        "import mnistcnn.sklearn\n"
        "from mnistcnn.sklearn import DigitEstimator"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True
    )
    last = done.stderr.strip().splitlines()[-1]
    assert 'pip install "mnistcnn[sklearn]"' in last


@pytest.fixture(scope="module")
def sklearn():
    return pytest.importorskip("sklearn", reason="an extra is not installed")


@pytest.fixture(scope="module")
def make(sklearn):
    """Makes an estimator of a tiny network."""
    from mnistcnn import TrainConfig
    from mnistcnn.sklearn import DigitEstimator

    def make(cls=DigitEstimator, **changes):
        config = {"epochs": 1, "batch_size": 32, **TINY, **changes}
        return cls(TrainConfig(**config))

    return make


@pytest.fixture(scope="module")
def rows(digits):
    return digits.x_train[:80].reshape(-1, 784), digits.y_train[:80]


@pytest.fixture(scope="module")
def table(sklearn):
    from table_estimator import Table

    return Table


def rounds(result):
    """Whether a check of the order of rows found a rounding of TensorFlow's.

    The check allows 1e-7, less than float32 has, and TensorFlow's softmax
    rounds by an image's place in its batch; the others' does not.
    """
    order = result["check_name"] == "check_methods_sample_order_invariance"
    if not order or os.environ["KERAS_BACKEND"] != "tensorflow":
        return False
    largest = re.search(
        r"Max relative difference among violations: (\S+)",
        str(result["exception"]),
    )
    return largest and float(largest[1]) <= np.finfo(np.float32).eps


@pytest.mark.any_backend
@pytest.mark.filterwarnings("ignore")
def test_each_check_holds_or_the_page_says_why_not(make, table):
    from sklearn.utils.estimator_checks import check_estimator

    page = (ROOT / "docs" / "sklearn.md").read_text(encoding="utf-8")
    listed = page.split("<!-- checks -->")[1].split("<!-- /checks -->")[0]
    quiet = {"on_fail": None, "on_skip": None}
    found = check_estimator(make(), **quiet)
    failed = {r["check_name"] for r in found if r["status"] == "failed"}
    assert failed == set(re.findall(r"`(check_\w+)`", listed))
    for each in found:
        if each["status"] == "failed":
            assert "feature(s), shape" in str(each["exception"])
    again = check_estimator(make(table), **quiet)
    assert [r for r in again if r["status"] == "failed" and not rounds(r)] == []
    assert len(again) == len(found) > 50


@pytest.mark.any_backend
@pytest.mark.filterwarnings("ignore")
def test_it_learns_what_scikit_learn_s_check_asks_for(make, table, monkeypatch):
    from sklearn.utils.estimator_checks import check_classifiers_train

    monkeypatch.setattr(table, "poor", False)
    learner = make(table, filters=(4, 4), epochs=8, learning_rate=0.01)
    check_classifiers_train("Table", learner)


@pytest.mark.any_backend
def test_images_rows_and_frames_are_one(make, rows):
    x, y = rows
    estimator = make().fit(x, y)
    assert estimator.n_features_in_ == 784
    assert estimator.classes_.tolist() == sorted(set(y.tolist()))
    wanted = estimator.predict_proba(x)
    for images in (x.reshape(-1, 28, 28), x.reshape(-1, 28, 28, 1)):
        np.testing.assert_array_equal(estimator.predict_proba(images), wanted)
    again = make().fit(x.reshape(-1, 28, 28).astype(float), y)
    np.testing.assert_array_equal(again.predict_proba(x), wanted)
    assert 0 <= estimator.score(x, y) <= 1
    assert [row["epoch"] for row in estimator.history_] == [1]


@pytest.mark.any_backend
def test_labels_come_back_as_they_were(make, rows):
    x, y = rows
    names = np.array([f"number {label}" for label in y], dtype=object)
    estimator = make().fit(x, names)
    assert set(estimator.predict(x)) <= set(names)
    assert estimator.classifier_.classes_ == tuple(estimator.classes_)


@pytest.mark.any_backend
def test_it_stands_in_pipelines_and_searches(make, rows):
    from sklearn.base import clone
    from sklearn.model_selection import GridSearchCV, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer

    x, y = rows
    line = make_pipeline(FunctionTransformer(np.rint), clone(make()))
    assert len(cross_val_score(line, x, y % 2, cv=2)) == 2
    choices = {"digitestimator__epochs": [1, 2]}
    search = GridSearchCV(line, choices, cv=2).fit(x, y % 2)
    best = search.best_params_["digitestimator__epochs"]
    assert len(search.best_estimator_[-1].history_) == best
    there = pickle.loads(pickle.dumps(search))
    np.testing.assert_array_equal(there.predict(x), search.predict(x))


@pytest.mark.any_backend
def test_what_it_saves_every_other_door_opens(make, rows, tmp_path):
    from mnistcnn import DigitClassifier, inspect_artifact

    x, y = rows
    estimator = make().fit(x, y + 3)
    path = estimator.save(tmp_path / "found.keras")
    assert inspect_artifact(path).classes == tuple(map(str, range(3, 13)))
    found = DigitClassifier.from_artifact(path).predict(x.reshape(-1, 28, 28))
    assert found.tolist() == estimator.predict(x).astype(str).tolist()


@pytest.mark.any_backend
def test_random_states_are_taken(make, rows):
    x, y = rows

    def fit(state):
        estimator = make().set_params(random_state=state)
        return estimator.fit(x, y).predict_proba(x)

    np.testing.assert_array_equal(fit(7), fit(np.random.RandomState(7)))
    np.testing.assert_array_equal(fit(None), fit(None))
    assert not np.array_equal(fit(7), fit(8))


@pytest.mark.any_backend
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"recipe": 3}, "recipe is a int. Expected the name of one"),
        ({"epochs": 0}, "epochs is 0. Expected 1 or more"),
    ],
)
def test_a_wrong_option_is_refused_when_it_is_fitted(make, rows, changes, said):
    from mnistcnn.errors import ConfigError

    with pytest.raises(ConfigError, match=said):
        make().set_params(**changes).fit(*rows)


@pytest.mark.any_backend
def test_pictures_that_are_none_are_refused(make, rows):
    x, y = rows
    estimator = make()
    with pytest.raises(ValueError, match="one class. Expected"):
        estimator.fit(x, y * 0)
    with pytest.raises(ValueError, match="Negative values"):
        estimator.fit(x.astype(float) - 1, y)
    with pytest.raises(ValueError, match="scale back"):
        estimator.fit(x / 255, y)
