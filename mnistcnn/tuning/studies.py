"""Optuna's studies: opening them, and retrying lost trials.

Optuna is an extra: it is imported when it is needed.
"""

import os
import platform
import warnings
from pathlib import Path
from typing import Any

from mnistcnn.errors import ConfigError
from mnistcnn.tuning.storages import find_kind, name_storage, open_storage

NAME = "mnistcnn"
PRUNERS = ("median", "halving", "none")
# A trial that killed its process three times would do so a fourth time.
MAX_RETRIES = 3
_MOST_PROCESSES = 1 << 31


def import_optuna():
    """Imports Optuna, silenced, or raises a `ConfigError`."""
    try:
        import optuna
    except ImportError as error:
        raise ConfigError(
            "Optuna is not installed. Expected it for tune: pip install "
            '"mnistcnn[tune]".'
        ) from error
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna


def open_study(where: str | None, out: Path, *, pruner: str, seed: int):
    """Opens or creates a study.

    Args:
        where: a database URL, or a file that ends in `.journal` or `.log`:
            both for several processes; `None` for an SQLite database in `out`.
        out: the folder.
        pruner: one of `PRUNERS`.
        seed: of the sampler, for a study of one process; several have to draw
            different numbers.

    Returns:
        An `optuna.Study` that maximizes.

    Raises:
        ConfigError: Optuna or a database's driver is not installed, or the
            database cannot be opened.
    """
    optuna = import_optuna()
    kind = find_kind(where)
    with warnings.catch_warnings():
        # Heartbeats are experimental in Optuna 5.
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        try:
            storage = open_storage(optuna, kind, where, out, retry)
            study = optuna.create_study(
                storage=storage,
                study_name=NAME,
                direction="maximize",
                load_if_exists=True,
                pruner=_make_pruner(optuna, pruner),
            )
        # SQLAlchemy, its drivers and the file system raise dozens of classes.
        except Exception as error:
            # Drivers quote the URL, with its password.
            line = "see the server's log"
            if kind in ("file", "journal", "sqlite"):
                line = str(error).partition("\n")[0][:120]
            raise ConfigError(
                f"The study in {name_storage(kind, where, out)} cannot be "
                f"opened ({type(error).__name__}: {line}). "
                "Expected a database URL, a .journal file, or nothing for "
                "SQLite: check the path, the driver and the server."
            ) from (error if kind in ("file", "journal") else None)
    number = seed + len(study.trials) if where is None else None
    study.sampler = optuna.samplers.TPESampler(seed=number)
    return study


def claim(study: Any, facts: dict[str, Any]) -> None:
    """Records what a study searches; refuses to resume another search.

    Args:
        study: an `optuna.Study`.
        facts: JSON values: base config, data, ranges.

    Raises:
        ConfigError: the study was begun with other facts.
    """
    known = study.user_attrs.get("facts")
    if known is None:
        study.set_user_attr("facts", facts)
        return
    known = known if isinstance(known, dict) else {}
    for name in sorted(k for k in facts if known.get(k) != facts[k]):
        raise ConfigError(
            f"The study was begun with {name} = {str(known.get(name))[:80]}, "
            f"not {str(facts[name])[:80]}. Expected the same search: pass the "
            "same options and data, or another --out or --storage."
        )


def sign(trial: Any) -> None:
    """Records on a trial which process runs it."""
    trial.set_user_attr("process", _describe_process(os.getpid()))


def retry_lost(study: Any) -> list[int]:
    """Requeues trials whose process on this machine is dead.

    Args:
        study: an `optuna.Study`.

    Returns:
        The numbers of the trials.
    """
    states = import_optuna().trial.TrialState
    lost = []
    for trial in study.get_trials(deepcopy=False, states=(states.RUNNING,)):
        process = trial.user_attrs.get("process")
        number = process.get("id") if isinstance(process, dict) else None
        # Untrusted: the study may have been written by anyone.
        if type(number) is not int or not 0 < number < _MOST_PROCESSES:
            continue
        here = process.get("host") == platform.node()
        if here and process != _describe_process(number):
            # For other processes it counts as failed.
            study.tell(trial.number, state=states.FAIL)
            retry(study, trial)
            lost.append(trial.number)
    return lost


def retry(study: Any, lost) -> None:
    """Requeues a trial without a result, and keeps its reports.

    Args:
        study: an `optuna.Study`.
        lost: an `optuna.trial.FrozenTrial` that failed.
    """
    optuna = import_optuna()
    tries = [*list_tries(lost), lost.number]
    if len(tries) > MAX_RETRIES:
        return
    notes = {k: v for k, v in lost.user_attrs.items() if k != "process"}
    study.add_trial(
        optuna.trial.create_trial(
            state=optuna.trial.TrialState.WAITING,
            params=lost.params,
            distributions=lost.distributions,
            user_attrs=notes | {"tries": tries},
            intermediate_values=lost.intermediate_values,
        )
    )


def list_tries(trial: Any) -> list[int]:
    """Lists the numbers of this trial's earlier, interrupted attempts.

    Args:
        trial: an `optuna.Trial` or a `FrozenTrial`, of an untrusted study.

    Returns:
        Numbers below the trial's own, the first one first.
    """
    tries = trial.user_attrs.get("tries")
    found = tries if isinstance(tries, list) else []
    return [n for n in found if type(n) is int and 0 <= n < trial.number]


def _make_pruner(optuna, name: str):
    if name not in PRUNERS:
        raise ValueError(f"there is no pruner {name}, only {list(PRUNERS)}")
    if name == "median":
        return optuna.pruners.MedianPruner(n_startup_trials=5)
    if name == "halving":
        return optuna.pruners.SuccessiveHalvingPruner()
    return optuna.pruners.NopPruner()


def _describe_process(number: int) -> dict[str, Any]:
    """Describes a process, to distinguish it from a later one with its id."""
    started = ""
    try:
        os.kill(number, 0)
    except OSError as error:  # the process may be another user's
        started = "" if isinstance(error, PermissionError) else "never"
    try:
        stat = Path(f"/proc/{number}/stat").read_text()
        started = stat.rsplit(")", 1)[1].split()[19]
    except (OSError, IndexError):
        pass
    return {"host": platform.node(), "id": number, "started": started}
