"""What a model is compiled for, which a callback may change."""

from typing import Any

from mnistcnn.backends import keras
from mnistcnn.errors import PlanError, warn


def check_compiled(model: keras.Model) -> None:
    """Checks that the engine minimizes what the model is compiled for.

    The engine computes the mean cross-entropy, unscaled, and the accuracy.

    Args:
        model: compiled.

    Raises:
        PlanError: `fit` has to train this model.
    """
    loss, optimizer = _read_loss(model), model.optimizer
    if not is_cross_entropy(loss):
        # Of several, one for each output, TensorFlow keeps a list of its own.
        name = _name(loss) if callable(loss) else "a list of losses"
        raise PlanError(f"the loss is {name}, as compiled")
    compiled: Any = model._compile_loss
    if compiled._user_loss_weights is not None:
        raise PlanError("the loss is weighted")
    if is_scaling(optimizer):
        raise PlanError(f"the optimizer, {_name(optimizer)}, scales the loss")
    measured: Any = model._compile_metrics
    given = measured and [
        measured._user_metrics,
        measured._user_weighted_metrics,
    ]
    others = [m for m in keras.tree.flatten(given) if not _is_accuracy(m)]
    if others:
        name = others[0] if isinstance(others[0], str) else _name(others[0])
        raise PlanError(f"{name} is measured, as compiled")


def is_cross_entropy(loss: Any) -> bool:
    """Whether a loss is Keras' categorical cross-entropy as it comes."""
    if loss is keras.losses.categorical_crossentropy:
        return True
    kind = keras.losses.CategoricalCrossentropy
    if type(loss) is not kind:
        return False
    return loss.get_config() == kind(name=loss.name).get_config()


def _is_accuracy(metric: Any) -> bool:
    """Whether a metric is the accuracy as the engine reports it, or none."""
    if metric in (None, "accuracy"):
        return True
    kind = keras.metrics.CategoricalAccuracy
    return type(metric) is kind and metric.name == "accuracy"


def is_scaling(optimizer: Any) -> bool:
    """Whether an optimizer expects gradients of a scaled loss."""
    kind = keras.optimizers.LossScaleOptimizer
    factor = getattr(optimizer, "loss_scale_factor", None)
    return isinstance(optimizer, kind) or factor is not None


def read_compiled(model: keras.Model) -> tuple[Any, ...]:
    """Returns optimizer, loss and metrics, by which a change is noticed.

    Args:
        model: one that is not compiled has none.
    """
    names = ("optimizer", "loss", "_compile_metrics")
    return tuple(getattr(model, name, None) for name in names)


def warn_of_compiled(model: keras.Model) -> None:
    """Warns of a user's model that was compiled otherwise than it is trained.

    Args:
        model: the user's, compiled or not.
    """
    if not model.compiled:
        return
    optimizer, loss = _name(model.optimizer), _read_loss(model)
    if optimizer != "Adam" or not is_cross_entropy(loss):
        warn(
            f"The model to train is compiled with {optimizer} and "
            f"{_name(loss)}. It is trained by Adam and "
            "CategoricalCrossentropy, and stays compiled with these: compile "
            "it again afterwards, or in a callback to train by others."
        )


def _read_loss(model: keras.Model) -> Any:
    loss: Any = model.loss
    return keras.losses.get(loss) if isinstance(loss, str) else loss


def _name(part: Any) -> str:
    """Names a loss or an optimizer: its class, or the function's name."""
    return getattr(part, "__name__", type(part).__name__)
