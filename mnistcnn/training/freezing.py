"""Layers that a callback freezes, or frees, while a network is trained."""

from typing import Any

import numpy as np

from mnistcnn.backends import keras
from mnistcnn.training.config import TrainConfig
from mnistcnn.training.fitting import compile_model

_AVERAGES = "_model_variables_moving_average"


def follow_layers(
    model: keras.Model, config: TrainConfig, *, num_images: int
) -> bool:
    """Compiles a model anew where a callback froze layers, or freed some.

    What the optimizer knows of the weights stays. Keras' own step would, on
    one backend each, go on training them, fail, or freeze and not free.

    Args:
        model: compiled; by `compile_model`, or by the callback since.
        config: as for `compile_model`.
        num_images: as for `compile_model`.

    Returns:
        Whether it was compiled anew.
    """
    old: Any = model.optimizer
    known = getattr(old, "_trainable_variables", [])
    if [id(v) for v in known] == [id(v) for v in model.trainable_variables]:
        return False
    if not old.built:
        old.build(model.trainable_variables)
        return True
    compile_model(model, config, num_images=num_images)
    new: Any = model.optimizer
    new.iterations.assign(old.iterations.value)
    if config.schedule == "constant":
        new.learning_rate.assign(old.learning_rate.value)
    for slots in ("_momentums", "_velocities", _AVERAGES):
        pairs = zip(known, getattr(old, slots, None) or [], strict=False)
        before = {id(variable): slot for variable, slot in pairs}
        for variable, slot in zip(
            new._trainable_variables, getattr(new, slots, []), strict=False
        ):
            if id(variable) in before:
                slot.assign(before[id(variable)].value)
            elif slots == _AVERAGES:
                slot.assign(np.array(keras.ops.convert_to_numpy(variable)))
    return True
