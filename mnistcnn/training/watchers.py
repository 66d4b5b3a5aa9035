"""Callbacks that watch a metric: their state in a checkpoint."""

from collections.abc import Sequence
from typing import Any

from mnistcnn.backends import keras
from mnistcnn.units import take_number

Callback = keras.callbacks.Callback

# Their state, apart from weights.
_WATCHED = ("wait", "best", "best_epoch", "cooldown_counter")
_WEIGHTS = "best_weights"


def read_states(callbacks: Sequence[Callback]) -> list[dict[str, Any]]:
    """Reads the states of callbacks that watch a metric, like early stopping.

    Returns:
        A dict for each, in order, with `kind`, `monitor`, some of the
        numbers that Keras' callbacks keep, and `best_weights`, arrays.
    """
    found = []
    for callback in callbacks:
        if not isinstance(getattr(callback, "monitor", None), str):
            continue
        state: dict[str, Any] = _name(callback)
        for name in _WATCHED:
            number = take_number(getattr(callback, name, None))
            if number is not None:
                state[name] = number
        state[_WEIGHTS] = list(getattr(callback, _WEIGHTS, None) or [])
        found.append(state)
    return found


def put_states(
    callbacks: Sequence[Callback], states: Sequence[dict[str, Any]]
) -> None:
    """Restores the states of callbacks, after `on_train_begin`.

    Args:
        callbacks: of the resumed run. One of another kind, or with another
            metric, starts afresh.
        states: of `read_states`.
    """
    left = list(states)
    for callback in callbacks:
        name = _name(callback)
        state = next((s for s in left if name.items() <= s.items()), None)
        if state is None:
            continue
        left = [other for other in left if other is not state]
        for key in _WATCHED:
            if key in state:
                setattr(callback, key, state[key])
        if state[_WEIGHTS]:
            setattr(callback, _WEIGHTS, state[_WEIGHTS])


def _name(callback: Callback) -> dict[str, str]:
    monitor = getattr(callback, "monitor", None)
    return {"kind": type(callback).__name__, "monitor": str(monitor)}
