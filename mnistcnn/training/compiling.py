"""Compiles an epoch's steps while its images are drawn."""

import contextlib
import threading
import time

import numpy as np

from mnistcnn.backends import keras, own_settings
from mnistcnn.backends.contract import PlanTrainer
from mnistcnn.training.fitting import EVALUATION_BATCH


class Compilation(threading.Thread):
    """A thread that has a trainer compile what an epoch will run.

    It starts where its `with` begins, and its end is waited for there. An
    error is left for the epoch itself, where it comes again.

    Args:
        trainer: of the backend's.
        model: that it trains.
        images: of an epoch; JAX compiles for their number.
        held: images of the held-out part.
    """

    def __init__(
        self, trainer: PlanTrainer, model: keras.Model, images: int, held: int
    ):
        super().__init__()
        self.seconds = 0.0  # that it took, once it is over
        self._trainer = trainer
        self._shapes = model.input_shape[1:], model.output_shape[1:]
        self._images, self._held = images, held

    def __enter__(self) -> None:
        self.start()

    def __exit__(self, *error: object) -> None:
        self.join()

    def run(self) -> None:
        """Compiles; a new thread has Keras' settings as they come."""
        start = time.perf_counter()
        with contextlib.suppress(Exception), own_settings():
            self._trainer.load(*self._make_zeros(self._images))
            self._trainer.step(0, 0, 0)  # takes no step
            self._trainer.finish()
            if self._held:
                held = min(self._held, EVALUATION_BATCH)
                self._trainer.evaluate(*self._make_zeros(held))
        self.seconds = time.perf_counter() - start

    def _make_zeros(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        pixels, classes = self._shapes
        images = np.zeros((count, *pixels), np.uint8)
        return images, np.zeros((count, *classes), np.float32)
