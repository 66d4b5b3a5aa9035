"""TensorBoard, MLflow and Weights & Biases get what docs/recipes.md says.

Not collected by itself: `nox -s trackers` has the real libraries, and fails
where one is missing.
"""

import re
import runpy
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[1] / "docs" / "recipes.md"


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """The names of the page's example, when it has run."""
    text = PAGE.read_text(encoding="utf-8")
    (code,) = re.findall(
        r"nox -s trackers.+\n```python\n(.*?)^```", text, re.M | re.S
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("trackers"))
        patch.setenv("WANDB_SILENT", "true")
        Path("example.py").write_text(code, encoding="utf-8")
        names = runpy.run_path("example.py")
        yield names
        names["wandb"].finish()


def losses(ran):
    return [row["val_loss"] for row in ran["result"].history]


def test_mlflow_has_each_epoch(ran):
    mlflow = ran["mlflow"]
    run = mlflow.active_run().info.run_id
    found = mlflow.MlflowClient().get_metric_history(run, "val_loss")
    assert [(m.step, m.value) for m in found] == list(enumerate(losses(ran)))


def test_weights_and_biases_has_each_epoch(ran):
    summary = dict(ran["wandb"].run.summary)
    assert summary["val_loss"] == losses(ran)[-1]
    assert summary["_step"] == 1
    assert list(Path("wandb").glob("offline-run-*/run-*.wandb"))


def test_tensorboard_opens_what_was_written(ran):
    from tensorboard.backend.event_processing import event_accumulator

    opened = event_accumulator.EventAccumulator("logs")
    opened.Reload()
    found = [(e.step, e.value) for e in opened.Scalars("val_loss")]
    assert found == [(n, pytest.approx(v)) for n, v in enumerate(losses(ran))]


def test_the_engine_trained_and_tensorflow_was_not_needed(ran):
    assert ran["result"].timing["engine"] == "its own"
    assert "tensorflow" not in sys.modules
