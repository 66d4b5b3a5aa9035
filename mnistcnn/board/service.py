"""The readers' child process: loads a network and serves readings."""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection

import numpy as np
import numpy.typing as npt

# Both are lazy: Keras and a framework are loaded when a name is first used.
from mnistcnn import artifact, reading
from mnistcnn.errors import MnistcnnError, make_line

# The index of an image to explain, and whether to weigh its evidence too, which
# takes a tenth of a second.
Wish = tuple[int, bool]

# Numbers of images for warming up; TensorFlow compiles at the second single
# one.
WARM = (1, 1, 2, 4, 8, 16, 32)

# Makes the classifier, in the child process.
Factory = Callable[[], "reading.DigitClassifier"]


@dataclass(frozen=True)
class Network:
    """The network of a reader.

    Args:
        name: the artifact's name.
        backend: "numpy", "jax", "torch" or "tensorflow".
        classes: the classes' names, in the order of the probabilities.
    """

    name: str
    backend: str
    classes: tuple[str, ...]


@dataclass(frozen=True)
class Request:
    """A request of the window.

    Args:
        number: of the request, larger than those before.
        images: `(n, 28, 28)` uint8, n at least 1.
        explain: the images to explain, if any.
    """

    number: int
    images: npt.NDArray[np.uint8]
    explain: Wish | None = None


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why an image is read as it is.

    Args:
        maps: the feature maps of the network's convolutions.
        evidence: `(28, 28)` float32, see `weigh_evidence`; None if it was not
            weighed.
    """

    maps: "list[reading.LayerMaps]"
    evidence: npt.NDArray[np.float32] | None


@dataclass(frozen=True)
class Answer:
    """The answer to one request.

    Args:
        request: its number.
        probabilities: `(n, classes)` float32, a row for each image.
        labels: the label of each row, "?" if the reading is rejected.
        seconds: the network's time per image, without communication.
    """

    request: int
    probabilities: npt.NDArray[np.float32]
    labels: tuple[str, ...]
    seconds: float


def load_classifier(
    path: str | None, trust: bool = False
) -> "reading.DigitClassifier":
    """Loads the classifier, in the child process.

    Args:
        path: of a `.keras` file, None for the one in the package.
        trust: open it unchecked, see `DigitClassifier.from_artifact`.
    """
    found = artifact.pretrained_path() if path is None else path
    return reading.DigitClassifier.from_artifact(found, trust=trust)


def serve(pipe: Connection, factory: Factory) -> None:
    """Loads the network, then answers until the pipe ends.

    Sends `("ready", Network)` or `("refused", line)` once, then for each
    `Request` either `("answer", Answer)` or `("failed", line)`, and `("why",
    Explanation)` after the answer if it was requested.
    """
    # Ctrl-C reaches the whole process group, but the window ends its child.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        try:
            classifier = factory()
            # Warm-up: the first calls compile, on JAX for every power of two.
            for size in WARM:
                classifier.predict_proba(np.zeros((size, 28, 28), np.uint8))
            network = Network(
                classifier.name,
                classifier.backend,
                tuple(classifier.classes_),
            )
        except Exception as error:
            pipe.send(("refused", describe_error(error)))
            return
        pipe.send(("ready", network))
        while True:
            request = pipe.recv()
            try:
                pipe.send(("answer", _answer(classifier, request)))
                if request.explain is not None:
                    pipe.send(("why", _explain(classifier, request)))
            except Exception as error:
                pipe.send(("failed", describe_error(error)))
    except (EOFError, OSError):
        # The window is gone.
        return


def _answer(classifier: "reading.DigitClassifier", request: Request) -> Answer:
    start = time.perf_counter()
    rows = classifier.predict_proba(request.images)
    took = (time.perf_counter() - start) / len(request.images)
    labels = tuple(classifier.decide(row) for row in rows)
    return Answer(request.number, rows, labels, took)


def _explain(
    classifier: "reading.DigitClassifier", request: Request
) -> Explanation:
    place, weigh = request.explain or (0, False)
    image = request.images[place]
    evidence = reading.weigh_evidence(classifier, image) if weigh else None
    return Explanation(classifier.explain(image), evidence)


def describe_error(error: Exception) -> str:
    """Formats an error for the window's one line."""
    text = make_line(error)
    if isinstance(error, MnistcnnError):
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
