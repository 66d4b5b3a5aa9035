"""The reader's child process: the net, and what it says over the pipe."""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mnistcnn.calibration import MIN_PROBABILITY
from mnistcnn.errors import MnistcnnError


@dataclass(frozen=True)
class Net:
    """The net that reads.

    Args:
        name: the artifact's name.
        backend: "jax", "torch" or "tensorflow".
        classes: the classes' names, in the order of the probabilities.
        threshold: the probability below which a reading is none.
    """

    name: str
    backend: str
    classes: tuple[str, ...]
    threshold: float = MIN_PROBABILITY


@dataclass(frozen=True)
class Answer:
    """What the net made of one request.

    Args:
        request: the number that `Reader.ask` gave.
        probabilities: `(n, classes)` float32, a row for each image.
        seconds: how long the net took for one image, without the way to it
            and back.
    """

    request: int
    probabilities: np.ndarray
    seconds: float


def load_classifier(artifact: str | None, trust: bool = False) -> object:
    """Make the classifier; for the child process.

    Args:
        artifact: path of a `.keras` file, None for the one in the package.
        trust: open it unchecked, see `DigitClassifier.from_artifact`.

    Returns:
        A `DigitClassifier`.
    """
    # Not at the top: it brings Keras and a framework, and the window's
    # process is to have neither.
    from mnistcnn.classifier import DigitClassifier

    if artifact is None:
        return DigitClassifier.from_pretrained()
    return DigitClassifier.from_artifact(artifact, trust=trust)


def serve(pipe, factory: Callable[[], object]) -> None:
    """Load, then answer until the pipe ends.

    Sends `("ready", Net)` or `("refused", line)` once, then for each
    `(request, images)` either `("answer", Answer)` or `("failed", line)`.

    Args:
        pipe: a `multiprocessing` connection.
        factory: makes the classifier.
    """
    # Ctrl-C reaches the whole terminal group; the window ends its child.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        try:
            classifier = factory()
            # The first call compiles; nobody has to wait for that later.
            classifier.predict_proba(np.zeros((1, 28, 28), np.uint8))
            net = Net(
                classifier.name,
                classifier.backend,
                tuple(classifier.classes_),
                getattr(classifier, "threshold", MIN_PROBABILITY),
            )
        except Exception as error:
            pipe.send(("refused", _one_line(error)))
            return
        pipe.send(("ready", net))
        while True:
            request, images = pipe.recv()
            try:
                start = time.perf_counter()
                # One by one: JAX compiles anew for every batch size.
                rows = [classifier.predict_proba(i[None])[0] for i in images]
                took = (time.perf_counter() - start) / len(images)
                rows = np.array(rows, np.float32)
                pipe.send(("answer", Answer(request, rows, took)))
            except Exception as error:
                pipe.send(("failed", _one_line(error)))
    except (EOFError, OSError):
        # The window is gone, and nothing is left to do.
        return


def _one_line(error):
    text = " ".join(str(error).split())
    if isinstance(error, MnistcnnError):
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
