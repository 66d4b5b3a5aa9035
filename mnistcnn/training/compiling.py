"""What a model is compiled for: a callback may change loss and optimizer."""

from typing import Any

from mnistcnn.backends import keras
from mnistcnn.errors import PlanError


def check_compiled(model: keras.Model) -> None:
    """Checks that the engine minimizes what the model is compiled for.

    The engine computes the mean cross-entropy, unscaled.

    Args:
        model: compiled.

    Raises:
        PlanError: `fit` has to train this model.
    """
    loss, optimizer = model.loss, model.optimizer
    if isinstance(loss, str):
        loss = keras.losses.get(loss)
    if not is_cross_entropy(loss):
        raise PlanError(f"the loss is {_name(loss)}, as compiled")
    compiled: Any = model._compile_loss
    if compiled._user_loss_weights is not None:
        raise PlanError("the loss is weighted")
    if is_scaling(optimizer):
        raise PlanError(f"the optimizer, {_name(optimizer)}, scales the loss")


def is_cross_entropy(loss: Any) -> bool:
    """Whether a loss is Keras' categorical cross-entropy as it comes."""
    if loss is keras.losses.categorical_crossentropy:
        return True
    kind = keras.losses.CategoricalCrossentropy
    if type(loss) is not kind:
        return False
    return loss.get_config() == kind(name=loss.name).get_config()


def is_scaling(optimizer: Any) -> bool:
    """Whether an optimizer expects gradients of a scaled loss."""
    kind = keras.optimizers.LossScaleOptimizer
    factor = getattr(optimizer, "loss_scale_factor", None)
    return isinstance(optimizer, kind) or factor is not None


def read_compiled(model: keras.Model) -> tuple[Any, Any]:
    """Returns optimizer and loss, by which a later change is noticed."""
    return model.optimizer, model.loss


def _name(part: Any) -> str:
    """Names a loss or an optimizer: its class, or the function's name."""
    return getattr(part, "__name__", type(part).__name__)
