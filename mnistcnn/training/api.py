"""`train()`: opens a run directory, and runs a recipe's steps there."""

import dataclasses
import functools
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

from mnistcnn import backends
from mnistcnn.backends import (
    Devices,
    check_training,
    choose_precision,
    describe_environment,
    describe_memory,
    keras,
    own_settings,
)
from mnistcnn.data import Dataset, check_dataset
from mnistcnn.files import write_json
from mnistcnn.training.composition import Recipe, as_recipe
from mnistcnn.training.config import TrainConfig
from mnistcnn.training.hooks import Callbacks, take_callbacks
from mnistcnn.training.interruption import Interruption
from mnistcnn.training.pipeline import check_data
from mnistcnn.training.progress import Tracker
from mnistcnn.training.recipefiles import write_recipe
from mnistcnn.training.recipes import teach
from mnistcnn.training.result import TrainResult
from mnistcnn.training.run import Run
from mnistcnn.training.rundir import take_out
from mnistcnn.training.sharing import agree, open_shared, reporting_loss
from mnistcnn.training.trainer import Trainer

Function = TypeVar("Function", bound=Callable[..., Any])


def _take_teacher(function: Function) -> Function:
    """Lets `train` take a teacher, as before `teach` was public; warns."""

    @functools.wraps(function)
    def taking(config: Any, data: Any, *, teacher: Any = None, **options: Any):
        if teacher is not None:
            said = (
                "train(teacher=...) is now train(teach(recipe, teacher), ...)"
            )
            warnings.warn(said, DeprecationWarning, stacklevel=2)
            config = teach(as_recipe(config), str(teacher))
        return function(config, data, **options)

    return cast(Function, taking)


@_take_teacher
def train(
    config: TrainConfig | Recipe,
    data: Dataset,
    *,
    model: "keras.Sequential | None" = None,
    out: str | Path | None = None,
    callbacks: Callbacks = None,
    resume: bool = False,
    verbose: bool = True,
    devices: Devices = None,
) -> TrainResult:
    """Trains the CNN on the current backend.

    The weights it starts from and the order of the batches come from NumPy:
    for the same seed all backends start at the same point and see the same
    batches, `default_rng([seed, epoch]).permutation(n)`.

    Args:
        config: how to train: `recipe("tutorial")`, or a `TrainConfig`; with
            a teacher to learn from, `teach(recipe("fast"), "deep")`.
        data: to train on. The test set is not used.
        model: trained by the first training in place of a new network; a run is
            resumed with the same one. It is compiled anew, with Adam and
            `CategoricalCrossentropy`, and stays so; a `DataWarning` says that
            it was compiled with others.
        out: the run directory, by default `runs/<date-time>-<backend>`. It
            gets `best.keras`, `last/`, `history.csv` and `config.json`, and in
            `steps/` the artifacts of finished steps, if there are several.
        callbacks: Keras callbacks, one or many, called as by `fit` in the last
            training. If one has hooks for batches, Keras' `fit` trains, in
            float32; card and timing say so.
        resume: go on with the run in `out` after its last whole epoch.
        verbose: show progress bars.
        devices: how many train together, or `"all"`; by default one, or all if
            a launcher started several processes. Batches and their order are as
            on one. Each process calls the callbacks; only the first writes into
            `out`.

    Returns:
        A `TrainResult`.

    Raises:
        ConfigError: `out` holds another run, or cannot be written; or
            there are fewer devices.
        DataError: too few images.
        DivergedError: the loss became NaN or infinite.
        PeerError: another process that trained with this one is gone.
        Interrupted: Ctrl-C or SIGTERM; `out` holds the last whole epoch.

    Example:
        >>> import tempfile
        >>> from mnistcnn import TrainConfig, load_data, train
        >>> result = train(TrainConfig(epochs=1), load_data("strokes",
        ...                limit=200), out=tempfile.mkdtemp() + "/run",
        ...                verbose=False)
        >>> result.best.name, len(result.history)
        ('best.keras', 1)
    """
    begun = time.perf_counter()
    # First of all, since nothing may be computed before.
    group = backends.active.join(devices)
    check_training()
    check_dataset(data)
    recipe, brought = as_recipe(config), take_callbacks(callbacks)
    named = None if out is None else take_out(out)
    recipe = recipe.map_configs(functools.partial(_settle, data=data))
    with (
        own_settings(),
        Interruption() as interruption,
        reporting_loss(group, named or Path("runs"), interruption.check),
        open_shared(
            path := agree(group, recipe, data, named), group, resume=resume
        ) as directory,
    ):
        tracker = Tracker(recipe, directory, data.digest)
        trainer = Trainer(
            recipe,
            data,
            directory,
            tracker,
            model=model,
            callbacks=brought,
            check=interruption.check,
            verbose=verbose and group.process == 0,
            group=group,
        )
        first = 1
        if resume:
            first = tracker.resume()
        else:
            # First, so that every folder with a config can be resumed.
            tracker.begin(first)
            write_json(directory.config, write_recipe(recipe))
        trained = Run(trainer).walk(first)
    timing = trained.timing | {"total": time.perf_counter() - begun}
    return TrainResult(
        model=trained.model,
        history=trained.history,
        path=path,
        config=trained.config,
        sizes=trained.sizes | {"test": len(data.x_test)},
        timing=timing,
        memory=describe_memory(),
        environment=describe_environment(),
        process=group.process,
    )


def _settle(config: TrainConfig, data: Dataset) -> TrainConfig:
    check_data(config, data)
    if config.precision != "auto":
        return config
    precision = "float32" if config.engine == "fit" else choose_precision()
    return dataclasses.replace(config, precision=precision)
