"""Hyperparameter search: Optuna proposes configs, short runs score them."""

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from mnistcnn.data import Dataset, check_dataset
from mnistcnn.errors import ConfigError
from mnistcnn.files import write_atomically, write_json
from mnistcnn.report import write_tuning_report
from mnistcnn.training import (
    Interrupted,
    Recipe,
    TrainConfig,
    as_recipe,
    parse_recipe,
    take_out,
    write_recipe,
)
from mnistcnn.tuning.searchspace import (
    NAMES,
    check_search,
    check_space,
    suggest,
)
from mnistcnn.tuning.storages import SEARCH, check_folder
from mnistcnn.tuning.studies import (
    claim,
    import_optuna,
    open_study,
    retry,
    retry_lost,
    sign,
)
from mnistcnn.tuning.trials import describe_trial, run_trial, summarize_trial

BEST = "best.json"
STUDY = "study.json"
# MNIST's last 10,000 training images.
VALIDATION = 1 / 6


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
) -> dict[str, Any]:
    """Searches for the config with the highest validation accuracy.

    The test set is dropped before anything else. An existing study is resumed;
    a trial that was running when its process was killed is queued again, and
    resumes after its last complete epoch.

    Args:
        base: the fixed settings; if it holds nothing out, the last sixth of the
            training set is held out.
        data: what to train on.
        out: the folder for `best.json` (a config that `train` takes),
            `study.json`, `report.html` and, by default, the database.
        trials: how many to finish or prune, including existing ones.
        space: the options to vary, some of `searchspace.NAMES`.
        storage: a database URL or a journal file, for many processes.
        pruner: `"median"`, `"halving"` or `"none"`.
        say: called with a line for each trial.

    Returns:
        The contents of `study.json`: `facts`, `best` and `trials`.

    Raises:
        ConfigError: Optuna is missing, there is no such pruner, the storage
            cannot be opened or holds another search, `out` holds files that are
            no search's, or no trial was finished.
        Interrupted: Ctrl-C or SIGTERM; the trial is queued again.
    """
    optuna = import_optuna()
    check_dataset(data)
    out = take_out(out)
    check_folder(out)
    wanted = check_search(trials, pruner)
    data = dataclasses.replace(
        data, x_test=data.x_test[:0], y_test=data.y_test[:0]
    )
    # No calibration on the held-out part, by which trials are compared.
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
    write_atomically(out / SEARCH, b"")
    for number in retry_lost(study):
        say(f"trial {number} was cut off and is queued again")

    running = []

    def answer(trial: Any) -> float:
        running.append(trial.number)
        sign(trial)
        varied = suggest(trial, recipe, space)
        return run_trial(trial, varied, data, out / "trials")

    def tell(_, trial: Any) -> None:
        say(describe_trial(optuna, trial))

    while _count_ended(optuna, study) < wanted:
        try:
            study.optimize(answer, n_trials=1, callbacks=[tell])
        except Interrupted:
            retry(study, study.trials[running[-1]])
            raise
    return _conclude(optuna, study, facts, out, data)


def _count_ended(optuna, study) -> int:
    states = optuna.trial.TrialState
    ended = (states.COMPLETE, states.PRUNED)
    return len(study.get_trials(deepcopy=False, states=ended))


def _conclude(
    optuna, study, facts: dict[str, Any], out: Path, data: Dataset
) -> dict[str, Any]:
    """Writes the results."""
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
        "trials": [summarize_trial(trial) for trial in study.trials],
    }
    write_json(out / BEST, summary["best"]["config"])
    write_json(out / STUDY, summary)
    write_tuning_report(study, summary, out)
    return summary
