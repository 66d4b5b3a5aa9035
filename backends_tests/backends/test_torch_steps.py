"""PyTorch: what a GPU is asked for in a step, as far as a CPU can tell."""

import contextlib

import numpy as np
import pytest

from mnistcnn import backends, build_model
from mnistcnn.training import TrainConfig
from mnistcnn.training.fitting import compile_model

pytestmark = pytest.mark.skipif(
    backends.name != "torch", reason="PyTorch's steps"
)


def refuse_the_host():
    """Raises where an operation takes a number from the host, or gives one."""
    from torch.utils._python_dispatch import TorchDispatchMode

    class Refusing(TorchDispatchMode):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            name = str(func)
            # `torch.tensor`, and `if` or `float` of a tensor.
            assert "lift_fresh" not in name, name
            assert "_local_scalar_dense" not in name, name
            return func(*args, **(kwargs or {}))

    return Refusing()


def take_steps(config, within):
    import torch

    model = build_model(dropout=0)
    compile_model(model, config, num_images=10 * config.batch_size)
    variables = model.trainable_variables
    generator = torch.Generator().manual_seed(0)
    for _ in range(12):
        gradients = [
            torch.randn(v.shape, generator=generator).to(v.value.device)
            for v in variables
        ]
        with torch.no_grad(), within(model.optimizer):
            model.optimizer.apply(gradients, variables)
    return [v.numpy() for v in (*variables, *model.optimizer.variables)]


@pytest.mark.parametrize(
    "changes",
    [{}, {"schedule": "cosine", "ema_momentum": 0.9}],
    ids=["constant", "cosine"],
)
def test_an_optimizer_s_step_asks_nothing_of_the_host(changes):
    from mnistcnn.backends.torch_optimizers import numbers_on_device

    @contextlib.contextmanager
    def alone(optimizer):
        with refuse_the_host(), numbers_on_device(optimizer):
            yield

    config = TrainConfig(epochs=1, batch_size=32, **changes)
    expected = take_steps(config, lambda _: contextlib.nullcontext())
    for a, b in zip(take_steps(config, alone), expected, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)
    with pytest.raises(AssertionError):
        take_steps(config, lambda _: refuse_the_host())


def test_gradients_ask_nothing_of_the_host(digits):
    import torch

    from mnistcnn.backends import make_plan
    from mnistcnn.training.fitting import to_targets

    model = build_model()
    compile_model(model, TrainConfig(epochs=1, batch_size=50), num_images=50)
    trainer = backends.active.Trainer(model, make_plan(model), 50)
    x, y = digits.x_train[:50, ..., None], digits.y_train[:50]
    trainer.load(x, to_targets(model, y))
    masks = trainer._masks.draw(1, 0, 0, 50)
    with refuse_the_host():
        sums = trainer._steps._differentiate(
            trainer._images[0], trainer._targets[0], *masks
        )
    assert sums.dtype == torch.float32
    assert int(sums[-1]) == 50


def test_a_function_s_learning_rate_is_not_recorded():
    from mnistcnn.backends import keras
    from mnistcnn.backends.torch_optimizers import is_on_device

    cosine = keras.optimizers.schedules.CosineDecay
    for rate, expected in (
        (0.001, True),
        (
            cosine(0.0, 9, warmup_target=0.1, warmup_steps=1),
            True,
        ),
        (cosine(0.1, 9), False),
        (lambda: 0.001, False),
    ):
        assert is_on_device(keras.optimizers.Adam(rate)) is expected


def test_what_cannot_be_recorded_is_computed_and_said_once(monkeypatch, caplog):
    import torch

    from mnistcnn.backends.torch_graphs import record

    class Stream:
        def wait_stream(self, other):
            pass

    @contextlib.contextmanager
    def refuse(graph, **options):
        yield
        raise RuntimeError("not permitted when stream is capturing")

    fakes = {
        "Stream": Stream,
        "current_stream": Stream,
        "stream": lambda stream: contextlib.nullcontext(),
        "CUDAGraph": object,
        "graph": refuse,
    }
    for name, fake in fakes.items():
        monkeypatch.setattr(torch.cuda, name, fake)
    double = record(lambda x: x * 2, torch.device("cuda"))
    for number in range(6):
        assert double(torch.full((1,), number)).item() == 2 * number
    assert len(caplog.records) == 1
    assert "Without a CUDA graph" in caplog.text
