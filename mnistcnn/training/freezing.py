"""Layers that a callback freezes or unfreezes during training."""

from typing import Any

import numpy as np

from mnistcnn.backends import keras

_AVERAGES = "_model_variables_moving_average"


def follow_layers(model: keras.Model) -> bool:
    """Recompiles a model if a callback froze or unfroze layers.

    Optimizer and loss stay, and the optimizer keeps its state. Keras' own step
    would, depending on the backend, go on training them, fail, or freeze but
    not unfreeze.

    Args:
        model: compiled; by `compile_model`, or by a callback since.

    Returns:
        Whether it was recompiled.
    """
    old: Any = model.optimizer
    known = getattr(old, "_trainable_variables", [])
    if [id(v) for v in known] == [id(v) for v in model.trainable_variables]:
        return False
    if not old.built:
        old.build(model.trainable_variables)
        return True
    new: Any = type(old).from_config(old.get_config())
    if "finalize_variable_values" in vars(old):  # of `make_adam`
        new.finalize_variable_values = old.finalize_variable_values
    # Without another, Keras keeps the loss and the metrics.
    own: Any = model
    own.compile(new, run_eagerly=own.run_eagerly, jit_compile=own.jit_compile)
    new.build(model.trainable_variables)
    before = {variable.path: variable for variable in old.variables}
    for variable in new.variables:
        if variable.path in before:
            variable.assign(before[variable.path].value)
    for weight, average in zip(
        new._trainable_variables, getattr(new, _AVERAGES, []), strict=False
    ):
        if average.path not in before:
            average.assign(np.array(keras.ops.convert_to_numpy(weight)))
    return True
