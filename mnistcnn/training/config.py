"""The settings of one training: a flat config."""

import dataclasses
import sys

from mnistcnn.errors import ConfigError
from mnistcnn.network import layer_plan
from mnistcnn.training.renaming import take_renamed
from mnistcnn.units import take_number, take_plain, take_whole


@take_renamed
@dataclasses.dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """Everything that decides the outcome of one training, except the data.

    Anything before and after it (a teacher, weight interpolation, a rejection
    class, calibration) is a step of a `Recipe`.

    Args:
        recipe: the name of this config in reports.
        model: the network, `"base"`, `"medium"` or `"deep"`.
        filters: other numbers of filters than the network's own, one for
            each convolution.
        seed: of weights, batch order, dropout and augmentation.
        epochs: the most epochs to train.
        batch_size: images per step; more than there are means all of them.
        learning_rate: Adam's; the highest one, with a schedule.
        schedule: `"constant"`, or `"cosine"`: a warm-up over the first
            tenth of the steps, then down to 0 by a half cosine.
        ema_momentum: of an exponential moving average of the weights, 0 to
            below 1; if it is not 0, the average is validated and kept. 0.999
            forgets in a few thousand steps.
        dropout: the share of the last features dropped, 0 to below 1.
        label_smoothing: the share of a target that is spread equally over all
            classes, 0 to below 1 (Szegedy et al., "Rethinking the Inception
            architecture", 2016).
        validation: the share of the training set, its last part, that is held
            out to choose the best epoch, or to calibrate; 0 trains on all of it
            and keeps the last epoch.
        keep: the epoch that is kept: `"best"` by validation accuracy, or
            `"last"`, if the held-out part is used for calibration afterwards.
        patience: epochs without a better validation accuracy after which
            training stops; 0 never stops early.
        min_delta: the least gain in accuracy that counts as an improvement.
        augment: the strength of the random affine warps, 0 for none, 1 for
            the full ranges in `mnistcnn.data.augmentation`.
        elastic: the reach of elastic warps in pixels, 0 for none.
        stroke_copies: how often each character among the data's pen strokes is
            drawn in an epoch, differently each time.
        bold: the share of these, and of the non-digits, that is bold, 0 to 1:
            drawn by a pen 3.4 to 7 pixels wide, like a marker, or blurred as by
            a camera (`mnistcnn.data.defocus`); as many more digits have the
            forms of print.
        nondigits: how many non-digits an epoch has, as a rejection class, whose
            probability the artifact spreads equally over the digits: letters,
            signs, fragments and pairs of digits from the data's pen strokes;
            without strokes, from the generator.
        degrade: the share of the images that are degraded by noise, blur,
            shade, patches or scratches (`mnistcnn.data.degradation`), 0 to 1.
        engine: `"auto"`, the backend's own engine if it knows the model's
            layers, or `"fit"`, Keras' own.
        precision: of the convolutions in training, `"float32"`, `"bfloat16"`,
            or `"auto"`: bfloat16 where that is faster. Weights are always
            float32.
        freeze: whether all layers except the classification head keep their
            initial weights.

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
    ema_momentum: float = 0.0
    dropout: float = 0.25
    label_smoothing: float = 0.0
    validation: float = 0.3
    keep: str = "best"
    patience: int = 0
    min_delta: float = 0.0
    augment: float = 0.0
    elastic: float = 0.0
    stroke_copies: int = 1
    bold: float = 0.0
    nondigits: int = 0
    degrade: float = 0.0
    engine: str = "auto"
    precision: str = "float32"
    freeze: bool = False

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            object.__setattr__(self, name, take_plain(getattr(self, name)))
        self._take_filters()
        for name, (least, below, most, expected) in _RANGES.items():
            value = self._take(name)
            if not (least <= value <= most) or value in below:
                raise _out_of_range(name, value, expected)
        if not isinstance(self.freeze, bool):
            raise _out_of_range("freeze", self.freeze, "True or False")
        for name, allowed in _CHOICES.items():
            if getattr(self, name) not in allowed:
                *first, last = (f'"{each}"' for each in allowed)
                expected = f"{', '.join(first)} or {last}"
                raise _out_of_range(name, getattr(self, name), expected)
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

    def _take_filters(self) -> None:
        if self.filters is None:
            layer_plan(self.model)
            return
        try:
            # A set or a dict would not keep the given order.
            given = list(self.filters[:])
        except (TypeError, KeyError):
            raise _out_of_range(
                "filters", self.filters, "a list of whole numbers"
            ) from None
        plan = layer_plan(self.model, given)
        # JSON has only lists, and NumPy's numbers are not Python's.
        found = tuple(part[0] for part in plan if not isinstance(part, str))
        object.__setattr__(self, "filters", found)

    def _take(self, name: str) -> int | float:
        """Converts a field's number to Python's own type."""
        whole = self.__dataclass_fields__[name].type is int
        value = getattr(self, name)
        number = take_whole(value) if whole else take_number(value)
        if number is None or abs(number) > _ANY:
            kind = "a whole number" if whole else "a number"
            raise _out_of_range(name, value, f"{kind}, {_RANGES[name][3]}")
        object.__setattr__(self, name, number if whole else float(number))
        return number


_ANY = sys.float_info.max
_MOST = 1_000_000_000  # the limit of counts
# For each number: the least, which ends are excluded, the most, and the words
# of an error.
_RANGES: dict[str, tuple[float, tuple[float, ...], float, str]] = {
    "seed": (0, (), _ANY, "0 or more"),
    "epochs": (1, (), _MOST, f"1 or more, at most {_MOST:,}"),
    "batch_size": (1, (), _MOST, f"1 or more, at most {_MOST:,}"),
    "learning_rate": (0, (0, 10), 10, "above 0, below 10"),
    "ema_momentum": (0, (1,), 1, "0 to below 1"),
    "dropout": (0, (1,), 1, "0 to below 1"),
    "label_smoothing": (0, (1,), 1, "0 to below 1"),
    "validation": (0, (1,), 1, "0 to below 1"),
    "patience": (0, (), _MOST, f"0 or more, at most {_MOST:,}"),
    "min_delta": (0, (), _ANY, "0 or more"),
    "augment": (0, (), 2, "0 to 2"),
    "elastic": (0, (), 3, "0 to 3"),
    "stroke_copies": (0, (), 1000, "0 to 1000"),
    "bold": (0, (), 1, "0 to 1"),
    "nondigits": (0, (), _MOST, f"0 or more, at most {_MOST:,}"),
    "degrade": (0, (), 1, "0 to 1"),
}
_CHOICES = {
    "schedule": ("constant", "cosine"),
    "keep": ("best", "last"),
    "engine": ("auto", "fit"),
    "precision": ("float32", "bfloat16", "auto"),
}


def _out_of_range(name: str, value: object, expected: str) -> ConfigError:
    said = " ".join(repr(value).split())[:60]
    return ConfigError(
        f"{name} is {said}. Expected {expected}: change that option."
    )
