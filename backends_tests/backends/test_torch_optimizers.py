"""PyTorch: Keras' optimizers as the engine applies them, by fewer kernels."""

import numpy as np
import pytest

from mnistcnn import backends, build_model
from mnistcnn.backends import keras, make_plan

pytestmark = pytest.mark.skipif(
    backends.name != "torch", reason="PyTorch's optimizers"
)
STEPS = 20
SCHEDULE = {
    "initial_learning_rate": 1e-4,
    "decay_steps": 12,
    "warmup_target": 1e-3,
    "warmup_steps": 5,
}


def make_optimizer(name, **settings):
    if settings.get("learning_rate") == "cosine":
        kind = keras.optimizers.schedules.CosineDecay
        settings["learning_rate"] = kind(**SCHEDULE)
    return getattr(keras.optimizers, name)(**settings)


def take_steps(optimizer, apply):
    model = build_model(dropout=0)
    optimizer.build(model.trainable_variables)
    rng = np.random.default_rng(0)
    for _ in range(STEPS):
        gradients = [
            keras.ops.convert_to_tensor(
                rng.normal(size=v.shape).astype(np.float32)
            )
            for v in model.trainable_variables
        ]
        apply(optimizer, gradients, model.trainable_variables)
    return [v.numpy() for v in (*model.weights, *optimizer.variables)]


def apply_by_keras(optimizer, gradients, variables):
    optimizer.apply(gradients, variables)


def apply_by_engine(optimizer, gradients, variables):
    import torch

    from mnistcnn.backends.torch_optimizers import apply_on_device

    with torch.no_grad():
        apply_on_device(optimizer, gradients, variables)


@pytest.fixture
def kernels(monkeypatch):
    """Counts calls of the fused kernel."""
    import torch

    calls, real = [], torch._fused_adam_

    def count(*args, **kwargs):
        calls.append(kwargs)
        return real(*args, **kwargs)

    monkeypatch.setattr(torch, "_fused_adam_", count)
    return calls


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("Adam", {}),
        ("Adam", {"learning_rate": "cosine", "use_ema": True}),
        ("Adam", {"clipnorm": 0.5, "epsilon": 0.1, "beta_2": 0.9}),
        (
            "Adam",
            {"learning_rate": "cosine", "gradient_accumulation_steps": 4},
        ),
        ("AdamW", {"weight_decay": 0.01}),
    ],
)
def test_adam_takes_keras_steps_by_one_kernel(name, settings, kernels):
    expected = take_steps(make_optimizer(name, **settings), apply_by_keras)
    assert not kernels
    found = take_steps(make_optimizer(name, **settings), apply_by_engine)
    assert kernels
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=2e-6)


@pytest.mark.parametrize(
    ("name", "settings"),
    [("Adam", {"amsgrad": True}), ("Nadam", {}), ("SGD", {"momentum": 0.9})],
)
def test_other_updates_are_keras_own(name, settings, kernels):
    expected = take_steps(make_optimizer(name, **settings), apply_by_keras)
    found = take_steps(make_optimizer(name, **settings), apply_by_engine)
    assert not kernels
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=2e-6)


def test_an_update_of_a_user_s_own_is_kept(kernels):
    class Still(keras.optimizers.Adam):
        def update_step(self, gradient, variable, learning_rate):
            pass

    found = take_steps(Still(), apply_by_engine)
    assert not kernels
    start = build_model(dropout=0).get_weights()
    for a, b in zip(found, start, strict=False):
        np.testing.assert_array_equal(a, b)


def test_an_engine_s_step_takes_that_kernel(kernels):
    model = build_model()
    model.compile(keras.optimizers.Adam(), "categorical_crossentropy")
    model.optimizer.build(model.trainable_variables)
    trainer = backends.active.Trainer(model, make_plan(model), 4)
    images = np.full((4, 28, 28, 1), 200, np.uint8)
    trainer.load(images, np.eye(10, dtype=np.float32)[:4])
    trainer.step(0, 1, 5)
    assert kernels
