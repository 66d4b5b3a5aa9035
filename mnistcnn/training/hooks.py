"""A user's callbacks: when they are called, and what they add to logs."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

from mnistcnn.backends import keras
from mnistcnn.errors import ConfigError
from mnistcnn.units import take_number, take_plain

Callback = keras.callbacks.Callback
Callbacks = Callback | Iterable[Callback] | None

_BATCH_HOOKS = tuple(
    f"on_{part}batch_{end}"
    for part in ("", "train_", "test_")
    for end in ("begin", "end")
)
# Keras' own callbacks with hooks for batches, and the value of an attribute for
# which these do nothing. `TerminateOnNaN` checks the loss, which training
# itself does more than once per epoch.
_IDLE: dict[str, tuple[str, Any]] = {
    "ModelCheckpoint": ("save_freq", "epoch"),
    "BackupAndRestore": ("save_freq", "epoch"),
    "OrbaxCheckpoint": ("save_freq", "epoch"),
    "TensorBoard": ("update_freq", "epoch"),
    "TerminateOnNaN": ("raise_error", False),
}


def take_callbacks(given: Callbacks) -> list[Callback]:
    """Accepts callbacks as `fit` does.

    Args:
        given: `None`, one, or many, also nested lists.

    Raises:
        ConfigError: something else is among them.

    Example:
        >>> take_callbacks(None), len(take_callbacks(Callback()))
        ([], 1)
    """
    if isinstance(given, keras.callbacks.CallbackList):
        given = given.callbacks
    if given is None:
        return []
    if isinstance(given, Iterable) and not isinstance(given, str):
        return [one for part in given for one in take_callbacks(part)]
    if not isinstance(given, Callback):
        if isinstance(given, type) and issubclass(given, Callback):
            raise ConfigError(
                f"A callback is the class {given.__name__}. Expected an object "
                f"of it: {given.__name__}(...)."
            )
        raise ConfigError(
            f"A callback is of type {type(given).__name__}. Expected Keras' "
            "callbacks: wrap a function in keras.callbacks.LambdaCallback."
        )
    return [given]


def wants_batches(callback: Callback) -> bool:
    """Whether a callback has hooks for batches that do something.

    Keras' own callbacks may be set so that these hooks do nothing; they do not
    count. (Keras' `fit` calls them all the same, and waits for each step.)
    """
    return any(_is_used(callback, name) for name in _BATCH_HOOKS)


def _is_used(callback: Callback, name: str) -> bool:
    # On the instance, since LambdaCallback sets its hooks there.
    if name in vars(callback):
        return True
    owner = next(kind for kind in type(callback).__mro__ if name in vars(kind))
    if owner is Callback:
        return False
    idle = _IDLE.get(owner.__name__)
    if idle is None or owner is not getattr(
        keras.callbacks, owner.__name__, None
    ):
        return True
    # TensorBoard's profile covers batches.
    traced = getattr(callback, "_should_trace", False)
    return getattr(callback, idle[0], None) != idle[1] or traced


class ForwardBatches(Callback):
    """Forwards only the hooks of batches and validation to other callbacks.

    Args:
        callbacks: those whose epochs are announced elsewhere.
    """

    def __init__(self, callbacks: Sequence[Any]):
        super().__init__()
        self.everyone = callbacks
        self.callbacks = [c for c in callbacks if wants_batches(c)]
        self.async_safe = all(
            getattr(callback, "async_safe", False)
            for callback in self.callbacks
        )

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Passes it on."""
        for callback in self.callbacks:
            callback.on_train_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Passes it on."""
        for callback in self.callbacks:
            callback.on_train_batch_end(batch, logs)

    def on_test_begin(self, logs: Any = None) -> None:
        """Passes it on."""
        for callback in self.everyone:
            callback.on_test_begin(logs)

    def on_test_end(self, logs: Any = None) -> None:
        """Passes it on."""
        for callback in self.everyone:
            callback.on_test_end(logs)

    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Passes it on."""
        for callback in self.callbacks:
            callback.on_test_batch_begin(batch, logs)

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        """Passes it on."""
        for callback in self.callbacks:
            callback.on_test_batch_end(batch, logs)


def end_epoch(
    callbacks: Sequence[Callback], epoch: int, logs: dict[str, Any]
) -> dict[str, Any]:
    """Announces the end of an epoch, and collects what callbacks add.

    All get the same `logs`, as from `fit`, so later ones see what earlier ones
    added.

    Args:
        callbacks: in order.
        epoch: from 0.
        logs: of the epoch, numbers.

    Returns:
        The epoch's row of the history: `epoch`, from 1, the logs, and what was
        added, numbers and text; `None` for a number that is not finite. Other
        values, such as arrays, are left out.
    """
    given = dict(logs)
    for callback in callbacks:
        callback.on_epoch_end(epoch, logs)
    added = {str(name): _take_value(value) for name, value in logs.items()}
    kept = {name: v for name, v in added.items() if v is not _NOTHING}
    return {"epoch": epoch + 1} | given | kept | {"epoch": epoch + 1}


_NOTHING = object()


def _take_value(value: Any) -> Any:
    if isinstance(value, keras.Variable) or keras.ops.is_tensor(value):
        value = keras.ops.convert_to_numpy(value)
    value = take_plain(value)
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, float) and not math.isfinite(value):
        return None
    number = take_number(value)
    return _NOTHING if number is None else number
