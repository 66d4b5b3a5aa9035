import json
from html.parser import HTMLParser

import numpy as np
import pytest

from mnistcnn import backends, inspect_artifact, train
from mnistcnn.errors import ConfigError
from mnistcnn.training import TrainConfig, check_path
from mnistcnn.training.completion import complete_run

PNG = b"\x89PNG\r\n\x1a\n"

pytestmark = pytest.mark.any_backend


@pytest.fixture(scope="module")
def finished(digits, tmp_path_factory):
    out = tmp_path_factory.mktemp("workflow") / "run"
    config = TrainConfig(epochs=2, batch_size=50, seed=1)
    result = train(config, digits, out=out, verbose=False)
    return result, complete_run(result, digits)


def test_metrics_hold_what_compare_reads(finished, digits):
    result, evaluation = finished
    metrics = json.loads((result.path / "metrics.json").read_text())
    assert {
        "config",
        "data",
        "environment",
        "history",
        "timing",
        "memory",
        "test",
    } <= set(metrics)
    assert metrics["environment"]["backend"] == backends.name
    assert metrics["data"]["name"] == "generated strokes, not MNIST"
    assert metrics["data"]["sizes"]["test"] == 1000
    assert [row["epoch"] for row in metrics["history"]] == [1, 2]
    assert metrics["test"]["accuracy"] == evaluation.accuracy
    assert np.sum(metrics["test"]["confusion"]) == 1000
    assert metrics["model"]["parameters"] == 34_826
    assert sum(row["n"] for row in metrics["test"]["reliability"]) == 1000
    assert metrics["test"]["calibration_error"] == pytest.approx(
        evaluation.calibration_error
    )
    assert metrics["timing"]["first_step"] > 0
    assert metrics["memory"]["peak_host_bytes"] > 50_000_000


def test_the_card_carries_the_test_score(finished):
    result, evaluation = finished
    test = inspect_artifact(result.best).card["test"]
    assert test["accuracy"] == evaluation.accuracy
    assert test["n"] == 1000
    assert len(test["interval"]) == 2


def test_it_is_the_file_that_is_scored(finished, digits):
    from mnistcnn import DigitClassifier, evaluate

    result, evaluation = finished
    classifier = DigitClassifier.from_artifact(result.best)
    again = evaluate(classifier, digits.x_test, digits.y_test)
    assert again.accuracy == evaluation.accuracy


def test_pictures_and_report(finished):
    result, evaluation = finished
    pictures = {p.name for p in (result.path / "figures").iterdir()}
    assert pictures == {
        "learning_curves.png",
        "confusion_matrix.png",
        "mistakes.png",
        "reliability.png",
        "samples.png",
        "filters.png",
    }
    for path in (result.path / "figures").iterdir():
        assert path.read_bytes()[:8] == PNG
    page = (result.path / "report.html").read_text()
    HTMLParser().feed(page)
    assert "generated strokes, not MNIST" in page
    assert "<h2>Calibration" in page
    assert f"{evaluation.accuracy:.2%}"[:-1] in page


def test_another_run_would_replace_none_of_its_files(finished, tmp_path):
    result, _ = finished
    own = {".lock", ".holder", "config.json"}  # of which others tell
    files = [p for p in result.path.rglob("*") if p.is_file()]
    for path in (p for p in files if p.name not in own):
        name = path.relative_to(result.path)
        theirs = tmp_path / name.stem / name
        theirs.parent.mkdir(parents=True)
        theirs.write_bytes(b"mine")
        with pytest.raises(ConfigError, match="already holds"):
            check_path(tmp_path / name.stem, resume=False)
