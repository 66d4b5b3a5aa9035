"""TensorFlow: float32 in full precision, and steps as graphs."""

import contextlib
import functools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import tensorflow as tf

from mnistcnn.backends.shared import SharedSettings

Switches = Iterator[tuple[Callable[[], bool], Callable[[bool], None]]]


def _find_precision() -> Switches:
    """Finds how to query TensorFloat-32, and how to set it."""
    # If it is on, as by default, a GPU uses 10 bits of a factor's 23.
    own = tf.config.experimental
    yield (
        own.tensor_float_32_execution_enabled,
        own.enable_tensor_float_32_execution,
    )


def _find_graphs() -> Switches:
    """Finds the same for options that change or disable graphs."""
    config: Any = tf.config
    yield config.functions_run_eagerly, config.run_functions_eagerly
    optimizer = config.optimizer
    # https://www.tensorflow.org/guide/graph_optimization
    own = ("", "_mkl", "_onednn_bfloat16")
    for name in (f"auto_mixed_precision{end}" for end in own):
        yield (
            lambda name=name: optimizer.get_experimental_options().get(name),
            lambda to, name=name: optimizer.set_experimental_options(
                {name: to}
            ),
        )


def _swap(
    find: Callable[[], Switches], found: list[Callable] | None
) -> list[Callable]:
    """Switches options off, or those on again that it returned."""
    if found is None:
        found = [switch for is_on, switch in find() if is_on()]
        for switch in found:
            switch(False)
        return found
    for switch in found:
        switch(True)
    return []


EXACT = SharedSettings(functools.partial(_swap, _find_precision))
GRAPHS = SharedSettings(functools.partial(_swap, _find_graphs))


def hold_off() -> AbstractContextManager[None]:
    """Makes a context in which both are switched off."""
    stack: Any = contextlib.ExitStack()
    for setting in (EXACT, GRAPHS):
        stack.enter_context(setting)
    return stack
