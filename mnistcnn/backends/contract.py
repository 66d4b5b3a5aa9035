"""The interface of a backend, as types.

The modules `jax`, `tensorflow` and `torch` beside this one each are a
`Backend`. Nothing here imports Keras or a framework. Images are raw pixels,
0..255, rows before columns before channels; n counts images.
"""

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol, TypedDict

import numpy as np
import numpy.typing as npt

from mnistcnn.backends.groups import Devices, Group

if TYPE_CHECKING:
    import keras

    from mnistcnn.backends.plans import Plan

# The backends, in the order in which an installed one is looked for.
TITLES = {"jax": "JAX", "torch": "PyTorch", "tensorflow": "TensorFlow"}


class Device(TypedDict):
    """Where Keras computes.

    Args:
        kind: `"cpu"`, `"gpu"`, `"tpu"`, or the framework's name for it.
        name: the maker's, or the kind again if it has none.
        count: how many of them the framework sees, 1 or more.
    """

    kind: str
    name: str
    count: int


class Predictor(Protocol):
    """A model prepared for pictures that come one or a few at a time."""

    def __call__(self, images: np.ndarray, /) -> npt.NDArray[np.float32]:
        """Computes probabilities with the current weights.

        Args:
            images: `(n, 28, 28, 1)` float32.

        Returns:
            `(n, classes)` float32, in the host's memory.
        """
        ...


class PlanTrainer(Protocol):
    """Trains a model by a plan, an epoch's data at a time."""

    def load(self, images: np.ndarray, targets: np.ndarray) -> None:
        """Moves an epoch's data to the devices and sets the sums to 0.

        Each process gets all of the data, and takes its part of each batch.

        Args:
            images: `(n, 28, 28, 1)` uint8.
            targets: `(n, classes)` float32, probabilities.
        """
        ...

    def step(self, first: int, last: int, seed: int) -> None:
        """Trains on the batches from `first` to before `last`.

        Args:
            first: a batch's number in the epoch, from 0.
            last: at most as many as there are; the last batch may be short.
            seed: of the epoch's dropout, 0 to below 2**31. The dropout of an
                image depends on its position in the batch, not on its device.
        """
        ...

    def loss(self) -> float:
        """Sums the losses since `load`, in nats; waits for the steps."""
        ...

    def finish(self) -> tuple[float, int]:
        """Writes the trained weights back to the model's variables.

        Returns:
            The sum of losses, and the number of correct images, since `load`.
        """
        ...

    def evaluate(
        self, images: np.ndarray, targets: np.ndarray
    ) -> tuple[float, int]:
        """Scores the model, without dropout and in float32, in one batch.

        Args:
            images: as for `load`.
            targets: as for `load`.

        Returns:
            The sum of losses, and the number of correct images.
        """
        ...


class Backend(Protocol):
    """A framework, and what the library needs from it beyond Keras.

    Args:
        VERSION: the framework's.
        BFLOAT16_PAYS_ON_CPU: whether `"bfloat16"` is faster than `"float32"` on
            a processor that supports it.
    """

    VERSION: str
    BFLOAT16_PAYS_ON_CPU: bool

    def describe_device(self) -> Device:
        """Describes the device that Keras runs on."""
        ...

    def peak_device_bytes(self) -> int | None:
        """Measures the most memory used on the device so far.

        Returns:
            Bytes, or `None` if the framework does not count them, as on a CPU.
        """
        ...

    def join(self, devices: Devices) -> Group:
        """Joins the devices that are to train together.

        If a launcher started several processes, this one joins the others,
        once, by the framework's own means, before anything else is computed.

        Args:
            devices: how many, or `"all"`.

        Raises:
            ConfigError: there are fewer, or the others cannot be joined.
        """
        ...

    def own_settings(self) -> AbstractContextManager[None]:
        """Suspends this thread's settings of the framework.

        Within it precisions, modes and kinds of generators have their defaults;
        afterwards they are restored.
        """
        ...

    def own_generators(self) -> AbstractContextManager[None]:
        """Restores the framework's random generators afterwards."""
        ...

    def seed_epoch(self, seed: int, epoch: int) -> None:
        """Seeds random generators other than Keras' own seed generators.

        Args:
            seed: the run's, 0 or more.
            epoch: its number, from 0.
        """
        ...

    def make_predictor(self, model: "keras.Model") -> Predictor:
        """Prepares a model for single pictures.

        Args:
            model: `(n, 28, 28, 1)` to `(n, classes)` probabilities.
        """
        ...

    def Trainer(  # noqa: N802, each module has a class of this name
        self,
        model: "keras.Model",
        plan: "Plan",
        batch_size: int,
        group: Group | None = None,
    ) -> PlanTrainer:
        """Prepares a model for training.

        Args:
            model: compiled, its optimizer built.
            plan: of that model.
            batch_size: images per step, of all devices together.
            group: of `join`; `None` for one device.
        """
        ...
