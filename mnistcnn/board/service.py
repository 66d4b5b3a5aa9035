"""The reader's child process: the net, and what it says over the pipe."""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mnistcnn.errors import MnistcnnError


@dataclass(frozen=True)
class Net:
    """The net that reads.

    Args:
        name: the artifact's name.
        backend: "jax", "torch" or "tensorflow".
        classes: the classes' names, in the order of the probabilities.
    """

    name: str
    backend: str
    classes: tuple[str, ...]


@dataclass(frozen=True)
class Request:
    """What the window wants to know.

    Args:
        number: of the request, larger than those before.
        images: `(n, 28, 28)` uint8, n at least 1.
        explain: the place among the images of the one whose feature maps
            are wanted, if any.
    """

    number: int
    images: np.ndarray
    explain: int | None = None


@dataclass(frozen=True)
class Answer:
    """What the net made of one request.

    Args:
        request: its number.
        probabilities: `(n, classes)` float32, a row for each image.
        labels: the label of each row, "?" where the net is not sure.
        seconds: how long the net took for one image, without the way to it
            and back.
    """

    request: int
    probabilities: np.ndarray
    labels: tuple[str, ...]
    seconds: float


def load_classifier(artifact: str | None, trust: bool = False) -> object:
    """Makes the classifier; for the child process.

    Args:
        artifact: path of a `.keras` file, None for the one in the package.
        trust: open it unchecked, see `DigitClassifier.from_artifact`.

    Returns:
        A `DigitClassifier`.
    """
    # Not at the top: they bring Keras and a framework, and the window's
    # process is to have neither. What is no artifact is found without them.
    from mnistcnn.artifact import inspect_artifact, pretrained_path

    path = pretrained_path() if artifact is None else artifact
    if not trust:
        inspect_artifact(path)

    from mnistcnn.reading import DigitClassifier

    return DigitClassifier.from_artifact(path, trust=trust)


def serve(pipe, factory: Callable[[], object]) -> None:
    """Loads, then answer until the pipe ends.

    Sends `("ready", Net)` or `("refused", line)` once, then for each
    `Request` either `("answer", Answer)` or `("failed", line)`, and where
    feature maps are wanted, `("maps", list of LayerMaps)` after the answer.

    Args:
        pipe: a `multiprocessing` connection.
        factory: makes the classifier.
    """
    # Ctrl-C reaches the whole terminal group; the window ends its child.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # One image has no work for two threads; waiting for each other they
    # would take the processor from the window.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    try:
        try:
            classifier = factory()
            # The first call compiles; nobody has to wait for that later.
            classifier.predict_proba(np.zeros((1, 28, 28), np.uint8))
            net = Net(
                classifier.name,
                classifier.backend,
                tuple(classifier.classes_),
            )
        except Exception as error:
            pipe.send(("refused", _one_line(error)))
            return
        pipe.send(("ready", net))
        while True:
            request = pipe.recv()
            try:
                pipe.send(("answer", _answer(classifier, request)))
                if request.explain is not None:
                    image = request.images[request.explain]
                    pipe.send(("maps", classifier.explain(image)))
            except Exception as error:
                pipe.send(("failed", _one_line(error)))
    except (EOFError, OSError):
        # The window is gone, and nothing is left to do.
        return


def _answer(classifier, request):
    start = time.perf_counter()
    # One by one: JAX compiles anew for every batch size.
    rows = [classifier.predict_proba(i[None])[0] for i in request.images]
    took = (time.perf_counter() - start) / len(request.images)
    labels = tuple(classifier.decide(row) for row in rows)
    return Answer(request.number, np.array(rows, np.float32), labels, took)


def _one_line(error):
    text = " ".join(str(error).split())
    if isinstance(error, MnistcnnError):
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
