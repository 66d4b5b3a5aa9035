"""Layers that a callback freezes or unfreezes during training."""

from typing import Any

import numpy as np

from mnistcnn.backends import keras
from mnistcnn.training.config import TrainConfig
from mnistcnn.training.fitting import compile_model

_AVERAGES = "_model_variables_moving_average"


def follow_layers(
    model: keras.Model, config: TrainConfig, *, num_images: int
) -> bool:
    """Recompiles a model if a callback froze or unfroze layers.

    The optimizer keeps its state. Keras' own step would, depending on the
    backend, go on training them, fail, or freeze but not unfreeze.

    Args:
        model: compiled; by `compile_model`, or by the callback since.
        config: as for `compile_model`.
        num_images: as for `compile_model`.

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
