"""The search for a good config: Optuna asks, short runs answer."""

import dataclasses
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from mnistcnn.backends import keras
from mnistcnn.data import Dataset
from mnistcnn.errors import ConfigError, DivergedError
from mnistcnn.files import write_json
from mnistcnn.report import write_tuning_report
from mnistcnn.training import (
    Interrupted,
    Recipe,
    TrainConfig,
    as_recipe,
    parse_recipe,
    train,
    write_recipe,
)
from mnistcnn.tuning.searchspace import NAMES, check_space, suggest
from mnistcnn.tuning.studies import (
    claim,
    import_optuna,
    open_study,
    retry,
    retry_lost,
    sign,
)

BEST = "best.json"
STUDY = "study.json"
MONITOR = "val_accuracy"
# MNIST's last 10,000 training images.
VALIDATION = 1 / 6


class Reporting(keras.callbacks.Callback):
    """Tells Optuna each epoch's validation accuracy, and stops if it says so.

    Args:
        trial: an `optuna.Trial`.

    Raises:
        optuna.TrialPruned: from `on_epoch_end`, where the pruner has seen
            enough.
    """

    def __init__(self, trial):
        super().__init__()
        self._trial = trial
        # Of a trial that was cut and begins anew.
        trials = trial.study.get_trials(deepcopy=False)
        self._known = set(trials[trial.number].intermediate_values)

    def on_epoch_end(self, epoch, logs=None):
        """Reports the epoch."""
        if epoch + 1 not in self._known:
            self._trial.report(float((logs or {})[MONITOR]), epoch + 1)
        if self._trial.should_prune():
            raise import_optuna().TrialPruned


def tune(
    base: TrainConfig | Recipe,
    data: Dataset,
    *,
    out: str | Path,
    trials: int = 20,
    space: Sequence[str] = NAMES,
    storage: str | None = None,
    pruner: str = "median",
    say: Callable[[str], None] = lambda line: None,
) -> dict:
    """Searches for the config of the highest validation accuracy.

    The test set is dropped before anything else. A study that is there is
    gone on with; a trial that was running when its process was killed is
    queued again, and goes on at its last whole epoch.

    Args:
        base: what is not searched for; where it holds nothing out, the last
            sixth of the training set is.
        data: what to train on.
        out: the folder for `best.json` (a config that `train` takes),
            `study.json`, `report.html` and, by default, the database.
        trials: how many to finish or prune, with those already there.
        space: what to vary, some of `searchspace.NAMES`.
        storage: a database URL or a journal file, for many processes.
        pruner: `"median"`, `"halving"` or `"none"`.
        say: gets a line for each trial.

    Returns:
        What `study.json` holds: `facts`, `best` and `trials`.

    Raises:
        ConfigError: Optuna is missing, the storage cannot be opened or holds
            another search, or no trial came to its end.
        Interrupted: Ctrl-C or SIGTERM; the trial is queued again.
    """
    optuna = import_optuna()
    out = Path(out)
    if trials < 1:
        raise ConfigError(f"trials is {trials}. Expected 1 or more.")
    data = dataclasses.replace(
        data, x_test=data.x_test[:0], y_test=data.y_test[:0]
    )
    # Nothing is calibrated by what the trials are compared by.
    recipe = as_recipe(base).without("calibration")
    recipe = recipe.vary(
        recipe="tuned",
        validation=recipe.config.validation or VALIDATION,
        keep="best",
        patience=0,
    )
    space = check_space(space)
    study = open_study(storage, out, pruner=pruner, seed=recipe.config.seed)
    facts = {
        "base": write_recipe(recipe),
        "data": {"name": data.name, "digest": data.digest},
        "space": list(space),
    }
    claim(study, facts)
    for number in retry_lost(study):
        say(f"trial {number} was cut off and is queued again")

    running = []

    def answer(trial) -> float:
        running.append(trial.number)
        sign(trial)
        varied = suggest(trial, recipe, space)
        return _run_trial(trial, varied, data, out / "trials")

    def tell(_, trial) -> None:
        say(describe_trial(optuna, trial))

    while _count_ended(optuna, study) < trials:
        try:
            study.optimize(answer, n_trials=1, callbacks=[tell])
        except Interrupted:
            retry(study, study.trials[running[-1]])
            raise
    return _conclude(optuna, study, facts, out, data)


def describe_trial(optuna, trial) -> str:
    """A trial in one line."""
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


def _run_trial(trial, recipe: Recipe, data: Dataset, folder: Path):
    """Trains one recipe; the last epoch's validation accuracy."""
    # A trial that is queued again has the notes of the one that was cut.
    name = trial.user_attrs.get("folder") or f"{trial.number:05d}"
    trial.set_user_attr("folder", name)
    path = folder / name
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
    finally:
        # Programs and graphs of a hundred models would pile up.
        keras.utils.clear_session()
    trial.set_user_attr("parameters", result.model.count_params())
    trial.set_user_attr("seconds", result.timing["total"])
    shutil.rmtree(path, ignore_errors=True)
    return result.history[-1][MONITOR]


def _count_ended(optuna, study) -> int:
    states = optuna.trial.TrialState
    ended = (states.COMPLETE, states.PRUNED)
    return len(study.get_trials(deepcopy=False, states=ended))


def _conclude(optuna, study, facts: dict, out: Path, data: Dataset) -> dict:
    """Writes what was found."""
    complete = (optuna.trial.TrialState.COMPLETE,)
    if not study.get_trials(deepcopy=False, states=complete):
        raise ConfigError(
            "No trial came to its end: all were pruned or diverged. Expected "
            "one at least: ask for more --trials."
        )
    base = parse_recipe(facts["base"])
    fixed = optuna.trial.FixedTrial(study.best_params)
    best = suggest(fixed, base, facts["space"])
    summary = {
        "format": 1,
        "facts": facts | {"generated": data.generated},
        "best": {
            "number": study.best_trial.number,
            "value": study.best_value,
            "config": write_recipe(best),
        },
        "trials": [_summarize(trial) for trial in study.trials],
    }
    write_json(out / BEST, summary["best"]["config"])
    write_json(out / STUDY, summary)
    write_tuning_report(study, summary, out)
    return summary


def _summarize(trial) -> dict:
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
