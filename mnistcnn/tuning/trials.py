"""The trials of a search: short runs that report to Optuna."""

import shutil
from pathlib import Path
from typing import Any

from mnistcnn.backends import keras
from mnistcnn.data import Dataset
from mnistcnn.errors import DivergedError
from mnistcnn.training import Recipe, train
from mnistcnn.tuning.studies import import_optuna, list_tries

MONITOR = "val_accuracy"


class Reporting(keras.callbacks.Callback):
    """Reports each epoch's validation accuracy to Optuna, for pruning.

    Args:
        trial: an `optuna.Trial`.

    Raises:
        optuna.TrialPruned: from `on_epoch_end`, if the pruner stops the trial.
    """

    def __init__(self, trial: Any):
        super().__init__()
        self._trial = trial
        # Of an interrupted trial that starts over.
        trials = trial.study.get_trials(deepcopy=False)
        self._known = set(trials[trial.number].intermediate_values)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Reports the epoch."""
        if epoch + 1 not in self._known:
            self._trial.report(float((logs or {})[MONITOR]), epoch + 1)
        if self._trial.should_prune():
            raise import_optuna().TrialPruned


def describe_trial(optuna: Any, trial: Any) -> str:
    """Describes a trial in one line."""
    options = ", ".join(
        f"{name} {value:.4g}" for name, value in trial.params.items()
    )
    if trial.state == optuna.trial.TrialState.COMPLETE:
        end = f"{trial.value:.2%}"
    elif "diverged" in trial.user_attrs:
        end = "diverged"
    else:
        end = f"pruned after {len(trial.intermediate_values)} epochs"
    return f"trial {trial.number}: {end} ({options})"


def run_trial(trial: Any, recipe: Recipe, data: Dataset, folder: Path):
    """Trains one recipe; returns the last epoch's validation accuracy."""
    path = folder / name_folder(trial)
    resume = (path / "last" / "state.npz").is_file()
    if not resume:
        shutil.rmtree(path, ignore_errors=True)
    try:
        result = train(
            recipe,
            data,
            out=path,
            callbacks=[Reporting(trial)],
            resume=resume,
            verbose=False,
        )
    except DivergedError as error:
        trial.set_user_attr("diverged", True)
        shutil.rmtree(path, ignore_errors=True)
        raise import_optuna().TrialPruned from error
    except import_optuna().TrialPruned:
        shutil.rmtree(path, ignore_errors=True)
        raise
    trial.set_user_attr("parameters", result.model.count_params())
    trial.set_user_attr("seconds", result.timing["total"])
    shutil.rmtree(path, ignore_errors=True)
    return result.history[-1][MONITOR]


def name_folder(trial: Any) -> str:
    """Names a trial's folder, which is removed when the trial is over.

    The name is only a number: a study is untrusted, so no path is taken from
    it. A requeued trial continues in the folder of its first attempt.
    """
    first, *_ = [*list_tries(trial), trial.number]
    return f"{first:05d}"


def summarize_trial(trial: Any) -> dict[str, Any]:
    """Summarizes a trial for `study.json`."""
    values = trial.intermediate_values
    return {
        "number": trial.number,
        "state": trial.state.name.lower(),
        "value": trial.value,
        "params": trial.params,
        "epochs": {str(epoch): value for epoch, value in values.items()},
        "parameters": trial.user_attrs.get("parameters"),
        "seconds": trial.user_attrs.get("seconds"),
        "diverged": bool(trial.user_attrs.get("diverged")),
    }
