"""JAX, a `Backend` as defined in `contract.py`."""

import contextlib
from contextlib import AbstractContextManager
from typing import Any

import jax
import keras
import numpy as np

from mnistcnn.backends import plans as engine
from mnistcnn.backends.contract import Device, Predictor
from mnistcnn.backends.groups import Devices, Group
from mnistcnn.backends.jax_devices import gather, split, spread
from mnistcnn.backends.jax_devices import join as join_devices
from mnistcnn.backends.jax_steps import compile_score, compile_steps
from mnistcnn.backends.places import cache_folder

VERSION: str = jax.__version__

# The compilation cache: otherwise a new process compiles the same step again,
# for 2 s. Not in /tmp, where others could plant programs.
# JAX_COMPILATION_CACHE_DIR names another folder, JAX_ENABLE_COMPILATION_CACHE=0
# turns it off.
_CACHE = cache_folder()
if jax.config.values["jax_compilation_cache_dir"] is None and _CACHE:
    jax.config.update("jax_compilation_cache_dir", str(_CACHE / "jax"))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)

# 0.88 of float32's time on one core with AMX, no gain on two cores that others
# used as well, and not measured without AMX (benchmarks/README.md).
BFLOAT16_PAYS_ON_CPU: bool = False


def describe_device() -> Device:
    """Describes JAX' first device: a CPU, a GPU or a TPU."""
    device = jax.devices()[0]
    return {
        "kind": device.platform,
        "name": device.device_kind,
        "count": jax.device_count(),
    }


def peak_device_bytes() -> int | None:
    """Asks the device's allocator; a CPU's does not count."""
    stats = jax.local_devices()[0].memory_stats() or {}
    return stats.get("peak_bytes_in_use")


def join(devices: Devices) -> Group:
    """Makes a mesh of JAX' devices; `jax.distributed` joins processes."""
    return join_devices(devices)


def own_settings() -> AbstractContextManager[None]:
    """Holds off 64 and less than 32 bits, other generators and promotion."""
    # Before JAX 0.8 it was experimental.
    here: Any = jax
    here = jax if hasattr(jax, "enable_x64") else here.experimental
    stack: Any = contextlib.ExitStack()
    for setting in (
        here.enable_x64(False),
        jax.default_prng_impl("threefry2x32"),
        jax.threefry_partitionable(True),
        jax.numpy_dtype_promotion("standard"),
        jax.numpy_rank_promotion("allow"),
        jax.disable_jit(False),
        # Otherwise a GPU uses 10 bits of a factor's 23 (TensorFloat-32).
        jax.default_matmul_precision("float32"),
        jax.debug_nans(False),  # a `DivergedError` reports NaN
        jax.debug_infs(False),
        jax.transfer_guard("allow"),
        jax.legacy_prng_key("allow"),  # as Keras' own are
    ):
        stack.enter_context(setting)
    return stack


def own_generators() -> AbstractContextManager[None]:
    """Does nothing: JAX has no generators of its own."""
    return contextlib.nullcontext()


def seed_epoch(seed: int, epoch: int) -> None:
    """Does nothing: Keras' seed generators hold all of the state."""


def make_predictor(model: keras.Model) -> Predictor:
    """Compiles the model for pictures that come one or a few at a time."""
    # Cached, since Keras walks through all layers at each access.
    variables = model.variables

    @jax.jit
    def forward(values, images):
        # With the settings of Keras' layers, independent of the caller's.
        with (
            keras.StatelessScope(list(zip(variables, values, strict=True))),
            jax.default_matmul_precision("float32"),
            jax.numpy_rank_promotion("allow"),
            jax.numpy_dtype_promotion("standard"),
        ):
            return model(images, training=False)

    def predict(images: np.ndarray) -> np.ndarray:
        # Padded to a power of two, since each number of images is compiled
        # anew.
        size = 1 << (len(images) - 1).bit_length()
        batch = np.zeros((size, *images.shape[1:]), np.float32)
        batch[: len(images)] = images
        values = [v.value for v in variables]
        with jax.transfer_guard("allow"):
            return np.asarray(forward(values, batch))[: len(images)]

    return predict


class Trainer:
    """Trains by a plan: many steps in one compiled call, data resident."""

    def __init__(
        self,
        model: keras.Model,
        plan: engine.Plan,
        batch_size: int,
        group: Group | None = None,
    ):
        self._mesh: Any = (group or join_devices(1)).handle
        self._batch_size = batch_size
        self._weights = engine.list_weights(model)
        self._variables = [*self._weights, *model.optimizer.variables]
        # Compiled per object, not per class: JAX would keep functions compiled
        # for a class, and the models with them, as long as the class lives.
        trained = [i for i, v in enumerate(self._weights) if v.trainable]
        size = -(-batch_size // self._mesh.size)
        self._run = compile_steps(
            plan, model.optimizer, trained, size, self._mesh
        )
        self._score = compile_score(plan.exact, self._mesh)

    def load(self, images: np.ndarray, targets: np.ndarray) -> None:
        """Takes an epoch's data to the devices and sets the sums to 0."""
        self._data = self._split(images, targets, self._batch_size)
        values = [spread(v.value, self._mesh) for v in self._variables]
        sums = [spread(each, self._mesh) for each in (np.float32(), np.int32())]
        count = len(self._weights)
        weights = dict(enumerate(values[:count]))
        self._state = weights, values[count:], *sums

    def step(self, first: int, last: int, seed: int) -> None:
        """Trains on the batches from `first` to before `last`."""
        self._state = self._run(self._state, *self._data, first, last, seed)

    def loss(self) -> float:
        """Sums the losses since `load`; waits for the steps."""
        loss: Any = self._state[2]
        return float(gather(loss))

    def finish(self) -> tuple[float, int]:
        """Writes the variables back; sums losses and hits since `load`."""
        state: tuple[Any, ...] = self._state
        weights, slots, loss, right = state
        del self._state, self._data
        values = *weights.values(), *slots
        for variable, value in zip(self._variables, values, strict=True):
            variable.assign(gather(value))
        return float(gather(loss)), int(gather(right))

    def evaluate(
        self, images: np.ndarray, targets: np.ndarray
    ) -> tuple[float, int]:
        """Sums the losses and counts the hits of one batch."""
        values = [spread(v.value, self._mesh) for v in self._weights]
        data = self._split(images, targets, len(images))
        loss, right = self._score(dict(enumerate(values)), *data)
        return float(gather(loss)), int(gather(right))

    def _split(self, images, targets, size: int) -> list[jax.Array]:
        return [split(each, size, self._mesh) for each in (images, targets)]
