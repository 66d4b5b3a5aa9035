"""How to train: a flat config, from a program or from a file."""

import dataclasses
import difflib
import json
import math
import os

from mnistcnn.errors import ConfigError
from mnistcnn.network import layer_plan

_MAX_CONFIG_BYTES = 1 << 20


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """Everything that decides the outcome of a training run but the data.

    Args:
        recipe: the name that this config goes by in reports.
        model: the network, `"base"`, `"medium"` or `"deep"`.
        filters: other numbers of filters than the network's own, one for
            each convolution.
        seed: of weights, batch order, dropout and warps.
        epochs: the most epochs to train.
        batch_size: images a step.
        learning_rate: Adam's, the highest where the schedule changes it.
        schedule: `"constant"`, or `"cosine"`: a warm-up over the first
            tenth of the steps, then down to 0 by a half cosine.
        average: how much of a moving average of the weights stays at each
            step, 0 to below 1; where it is not 0, the average is what is
            validated and kept. 0.999 forgets in a few thousand steps.
        dropout: the part of the last features dropped, 0 to below 1.
        label_smoothing: the part of what is to be learnt of an image that is
            shared out equally among all classes, 0 to below 1 (Szegedy et
            al., "Rethinking the Inception architecture", 2016).
        validation: the last part of the training set that is held out to
            choose the best epoch by, or to calibrate; 0 trains on all of it
            and keeps the last epoch.
        patience: epochs without a better validation accuracy after which
            training stops; 0 never stops early.
        min_delta: what counts as better.
        augment: the strength of the training-time warps, 0 for none, 1 for
            the full ranges in `mnistcnn.data.augmentation`.
        elastic: how far the warps bend as well, in pixels, 0 for not at all.
        drawn: how many digits of the stroke generator, in forms that MNIST
            lacks, are mixed into the training set, which must be of digits.
        nondigits: how many drawings that are no digit are mixed in, as a
            class of their own whose probability the artifact shares out
            equally: it is unsure of what is none.
        calibrate: divide the logits by the temperature, and note the
            threshold below which a reading is none, that the held-out part
            asks for; it then does not choose, and the last epoch is kept.
        engine: `"auto"`, the backend's own where it knows the model's
            layers, or `"fit"`, Keras' own.
        teacher: a larger network whose answers are learnt in place of the
            labels: the recipe that it is trained by, before the run and
            within it; or the sha256 of the weights of a given one
            (`train(teacher=...)`); empty for none.
        precision: of the convolutions in training, `"float32"`,
            `"bfloat16"`, or `"auto"`: bfloat16 where that is quicker, on
            PyTorch and TensorFlow and a processor that has it. The weights
            are float32 in all.
        start: the recipe by which a network is trained that the run starts
            with, before it and within it; or the sha256 of the weights of a
            given one (`train(model=...)`); empty for the seed's own weights.
        blend: of the weights that are kept, the share of the new ones; the
            rest are those that the run started with.
        freeze: whether all layers but the head keep the weights that they
            start with.

    Raises:
        ConfigError: a value is out of its range.
    """

    recipe: str = "custom"
    model: str = "base"
    filters: tuple[int, ...] | None = None
    seed: int = 0
    epochs: int = 10
    batch_size: int = 128
    learning_rate: float = 0.001
    schedule: str = "constant"
    average: float = 0.0
    dropout: float = 0.25
    label_smoothing: float = 0.0
    validation: float = 0.3
    patience: int = 0
    min_delta: float = 0.0
    augment: float = 0.0
    elastic: float = 0.0
    drawn: int = 0
    nondigits: int = 0
    calibrate: bool = False
    teacher: str = ""
    engine: str = "auto"
    precision: str = "float32"
    start: str = ""
    blend: float = 1.0
    freeze: bool = False

    def __post_init__(self):
        if self.filters is not None:
            # JSON has lists alone.
            object.__setattr__(self, "filters", tuple(self.filters))
        layer_plan(self.model, self.filters)
        checks = {
            "seed": (self.seed >= 0, "0 or more"),
            "epochs": (self.epochs >= 1, "1 or more"),
            "batch_size": (self.batch_size >= 1, "1 or more"),
            "learning_rate": (0 < self.learning_rate < 10, "above 0, below 10"),
            "schedule": (
                self.schedule in ("constant", "cosine"),
                '"constant" or "cosine"',
            ),
            "average": (0 <= self.average < 1, "0 to below 1"),
            "dropout": (0 <= self.dropout < 1, "0 to below 1"),
            "label_smoothing": (
                0 <= self.label_smoothing < 1,
                "0 to below 1",
            ),
            "validation": (0 <= self.validation < 1, "0 to below 1"),
            "patience": (self.patience >= 0, "0 or more"),
            "min_delta": (self.min_delta >= 0, "0 or more"),
            "augment": (0 <= self.augment <= 2, "0 to 2"),
            "elastic": (0 <= self.elastic <= 3, "0 to 3"),
            "blend": (0 < self.blend <= 1, "above 0, to 1"),
            "drawn": (self.drawn >= 0, "0 or more"),
            "nondigits": (self.nondigits >= 0, "0 or more"),
            "engine": (self.engine in ("auto", "fit"), '"auto" or "fit"'),
            "precision": (
                self.precision in ("float32", "bfloat16", "auto"),
                '"float32", "bfloat16" or "auto"',
            ),
        }
        for name, (right, expected) in checks.items():
            if not right:
                raise ConfigError(
                    f"{name} is {getattr(self, name)!r}. Expected {expected}:"
                    " change that option."
                )
        if self.calibrate and not self.validation:
            raise ConfigError(
                f"calibrate is {self.calibrate} but validation is 0. "
                "Calibration needs a held-out part: set validation to 0.1, or "
                "calibrate to False."
            )
        if self.engine == "fit" and self.precision == "bfloat16":
            raise ConfigError(
                f"precision is {self.precision} but engine is fit. Keras' "
                "fit trains in float32 here: take engine auto."
            )
        if self.patience and not self.validation:
            raise ConfigError(
                f"patience is {self.patience} but validation is 0. Early "
                "stopping needs a held-out part: set validation to 0.3, or "
                "patience to 0."
            )


def fill_defaults(fields: dict) -> dict:
    """The fields of a config that an earlier version may have written.

    A new field's default is to train as before there was one.

    Args:
        fields: of a `TrainConfig`, as JSON has them.

    Returns:
        Those, and all others with their defaults.

    Example:
        >>> fill_defaults({"epochs": 3})["label_smoothing"]
        0.0
    """
    every = dataclasses.fields(TrainConfig)
    return {field.name: field.default for field in every} | fields


def read_config(path: str | os.PathLike) -> TrainConfig:
    """Reads a config from a file: a run's `config.json`, or `best.json`.

    Args:
        path: strict JSON, an object with fields of `TrainConfig`.

    Returns:
        A `TrainConfig`; what the file does not say is as by default.

    Raises:
        ConfigError: the file is missing, is no such JSON, or has a field
            that is unknown or out of its range.
    """
    try:
        with open(path, "rb") as stream:
            found = json.loads(stream.read(_MAX_CONFIG_BYTES))
        if not isinstance(found, dict):
            raise ValueError(f"it holds {str(found)[:40]!r}")
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read ({error.strerror}). Expected a "
            "config.json of a run, or a best.json of tune: check the path."
        ) from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(
            f"{path} is no config ({str(error)[:80]}). Expected a JSON object "
            "with the fields of a TrainConfig: take a run's config.json."
        ) from error
    fields = {field.name: field for field in dataclasses.fields(TrainConfig)}
    for name, value in found.items():
        if name not in fields:
            close = difflib.get_close_matches(name, fields, n=1)
            hint = f'did you mean "{close[0]}"?' if close else "delete it."
            raise ConfigError(
                f'{path} has the field "{name[:40]}". Expected fields of a '
                f"TrainConfig: {hint}"
            )
        if not _is_like(value, fields[name].default):
            raise ConfigError(
                f"{path} has {name} = {str(value)[:40]!r}. Expected a value "
                f"like {fields[name].default!r}: correct it."
            )
    return TrainConfig(**found)


def _is_like(value, default) -> bool:
    """Whether a JSON value is of a field's kind."""
    if default is None:  # a list of whole numbers, or nothing
        return value is None or (
            isinstance(value, list) and all(type(v) is int for v in value)
        )
    if type(default) is float:
        return type(value) in (int, float) and math.isfinite(value)
    return type(value) is type(default)
